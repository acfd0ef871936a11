"""Contract queueup.md, "POST /api/queue/create"."""

from http.cookies import SimpleCookie
from typing import Any

import httpx
import pytest

from tests.contracts.queueup import Line, create, refused
from tests.installation import Stack

GOOD: dict[str, Any] = {"eventName": "Brunch", "maxGuests": 10}
ANSWER = {
    "code", "sessionId", "joinUrl", "wsUrl", "hostAuthToken", "eventName", "maxGuests", "location", "contactInfo",
    "openTime", "closeTime",
}  # fmt: skip

NOT_TEXT: list[Any] = [7, 1.5, True, [], {}, ["a"], "a\x00b", "a\x07b"]
NOT_TIMES: list[Any] = [
    7, True, [], {}, "", " ", "24:00", "9:30", "12:60", "12:5", "1230", "12:30:00", "noon", "-1:30", "１２:３０", "12:30 PM",
]  # fmt: skip
NO_VALUES: dict[str, list[Any]] = {
    "eventName": [None, "", "   ", "x" * 121, *NOT_TEXT],
    "maxGuests": [
        None, 0, -1, 101, 1.5, True, "", "abc", "1.5", "0", "-3", "101", [], {}, 10**18, 1e300, "9" * 5000,
    ],
    **{field: NOT_TEXT for field in ("location", "contactInfo", "contact")},
    **{field: NOT_TIMES for field in ("openTime", "closeTime")},
    "turnstileToken": [7],
    "callWindowSeconds": [None, 0, 9, -1, 86_401, 1.5, "120", True, []],
    "autoAdvance": [None, "true", 1, 0, []],
    "venue": ["x", [], "../etc"],
    "timezone": ["Mars/Base", 7, "../etc", "x" * 65],
}  # fmt: skip
WRONG = [(field, value) for field, values in NO_VALUES.items() for value in values]


@pytest.fixture(scope="module")
def lines_before(stack: Stack) -> int:
    """How many lines there are when the refusals begin."""
    return count(stack)


def count(stack: Stack) -> int:
    rows: int = stack.sql("SELECT count(*) AS n FROM queues_queue")[0]["n"]
    return rows


@pytest.mark.parametrize(("field", "value"), WRONG, ids=lambda value: repr(value)[:24])
def test_each_violation_is_a_400_that_names_the_field(
    field: str, value: Any, lines_before: int, stack: Stack, raw: httpx.Client
) -> None:
    answer = raw.post("/api/queue/create", json={**GOOD, field: value})
    refused(answer, 400, field)
    assert "set-cookie" not in answer.headers
    assert count(stack) == lines_before


@pytest.mark.parametrize("field", ["eventName", "maxGuests"])
def test_a_required_field_that_is_missing_is_named(field: str, stack: Stack) -> None:
    refused(create(stack, {name: value for name, value in GOOD.items() if name != field}), 400, field)


@pytest.mark.parametrize(("opens", "closes"), [("18:00", "18:00"), ("18:00", "17:59"), ("23:59", "00:00")])
def test_a_line_closes_after_it_opens(opens: str, closes: str, stack: Stack) -> None:
    before = count(stack)
    refused(create(stack, {**GOOD, "openTime": opens, "closeTime": closes}), 400, "closeTime")
    assert count(stack) == before


def test_the_answer_says_all_with_null_for_what_is_absent(stack: Stack) -> None:
    made = create(stack, GOOD).json()
    assert set(made) == ANSWER
    assert made["eventName"] == "Brunch"
    assert made["maxGuests"] == 10
    assert [made[field] for field in ("location", "contactInfo", "openTime", "closeTime")] == [None] * 4
    assert made["joinUrl"] == f"{stack.url()}/queue/{made['code']}"
    assert made["wsUrl"] == f"{stack.url().replace('http', 'ws')}/api/queue/{made['code']}/connect"


def test_the_answer_repeats_what_was_said(stack: Stack) -> None:
    fields = {"location": "By the river", "contactInfo": "555-0101", "openTime": "09:05", "closeTime": "23:59"}
    made = create(stack, {**GOOD, **fields}).json()
    assert {field: made[field] for field in fields} == fields


def test_nulls_and_blanks_count_as_absent(stack: Stack) -> None:
    nulls = dict.fromkeys(("location", "contactInfo", "contact", "openTime", "closeTime", "turnstileToken", "venue"))
    made = create(stack, {**GOOD, **nulls}).json()
    assert [made[field] for field in ("location", "contactInfo", "openTime", "closeTime")] == [None] * 4
    made = create(stack, {**GOOD, "location": "  ", "contactInfo": ""}).json()
    assert (made["location"], made["contactInfo"]) == (None, None)


@pytest.mark.parametrize(("sent", "kept"), [(1, 1), (100, 100), ("42", 42), (" 7 ", 7), (3.0, 3), ("100", 100)])
def test_max_guests_is_1_to_100_and_may_be_a_numeric_string(sent: Any, kept: int, stack: Stack) -> None:
    assert create(stack, {**GOOD, "maxGuests": sent}).json()["maxGuests"] == kept


@pytest.mark.parametrize("sent", ["x" * 120, "  Brunch  ", " " * 50 + "y" * 120 + " " * 50, "z"])
def test_the_event_name_is_trimmed_then_measured(sent: str, stack: Stack) -> None:
    assert create(stack, {**GOOD, "eventName": sent}).json()["eventName"] == sent.strip()


def test_long_texts_are_cut_not_refused(stack: Stack) -> None:
    made = create(stack, {**GOOD, "location": "l" * 241, "contactInfo": "ü" * 5_00 + "x"}).json()
    assert made["location"] == "l" * 240
    assert made["contactInfo"] == "ü" * 500


def test_contact_is_another_name_of_contact_info(stack: Stack) -> None:
    assert create(stack, {**GOOD, "contact": "c" * 501}).json()["contactInfo"] == "c" * 500


def test_the_host_cookie_is_the_contracts(stack: Stack) -> None:
    answer = create(stack, GOOD)
    jar = SimpleCookie("; ".join(answer.headers.get_list("set-cookie")))
    cookie = jar["queue_host_auth"]
    assert cookie.value == answer.json()["hostAuthToken"]
    assert (cookie["httponly"], cookie["secure"], cookie["samesite"], cookie["path"]) == (True, True, "Strict", "/")
    # The other is the line's own (test_queueup_old_clients.py).
    assert (cookie["domain"], len(answer.headers.get_list("set-cookie"))) == ("", 2)


def test_what_the_body_says_beyond_the_contract_is_ignored(stack: Stack) -> None:
    made = create(stack, {**GOOD, "code": "AAAAAA", "sessionId": "x", "unknown": {"deep": [1]}}).json()
    assert made["code"] != "AAAAAA"


# ---------------------------------------------------------------------------------------------------------------- more
def test_more_options_have_the_documented_defaults(stack: Stack) -> None:
    made = create(stack, GOOD).json()
    row = stack.sql("SELECT call_window_s, auto_advance, venue_id FROM queues_queue WHERE id = %s", made["sessionId"])
    assert row == [{"call_window_s": 120, "auto_advance": True, "venue_id": None}]
    made = create(stack, {**GOOD, "callWindowSeconds": 10, "autoAdvance": False}).json()
    row = stack.sql("SELECT call_window_s, auto_advance FROM queues_queue WHERE id = %s", made["sessionId"])
    assert row == [{"call_window_s": 10, "auto_advance": False}]


def test_a_venues_line_holds_up_to_100_000_guests(stack: Stack, venue_key: str) -> None:
    made = create(stack, {**GOOD, "maxGuests": 100_000}, **{"api-key": venue_key}).json()
    assert made["maxGuests"] == 100_000
    refused(create(stack, {**GOOD, "maxGuests": 100_001}, **{"api-key": venue_key}), 400, "maxGuests")
    owner = stack.sql("SELECT venue_id::text FROM queues_queue WHERE id = %s", made["sessionId"])[0]["venue_id"]
    assert create(stack, {**GOOD, "venue": owner}, **{"api-key": venue_key}).status_code == 200
    # Naming a venue without being of it gives nothing.
    refused(create(stack, {**GOOD, "maxGuests": 100_000, "venue": owner}), 401)
    refused(create(stack, {**GOOD, "maxGuests": 100_000}, **{"api-key": "tl_wrong"}), 401)
    elsewhere = "00000000-0000-4000-8000-000000000000"
    refused(create(stack, {**GOOD, "venue": elsewhere}, **{"api-key": venue_key}), 403)


def test_the_same_key_gives_the_same_line(stack: Stack) -> None:
    headers = {"Idempotency-Key": "a-key-that-nobody-guesses-1"}
    first, second = create(stack, GOOD, **headers).json(), create(stack, GOOD, **headers).json()
    assert first == second
    refused(create(stack, GOOD, **{"Idempotency-Key": "short"}), 400, "Idempotency-Key")


def test_the_turnstile_token_is_not_asked_for_without_a_secret(stack: Stack) -> None:
    assert create(stack, {**GOOD, "turnstileToken": "anything"}).status_code == 200
    assert Line(stack, create(stack, GOOD).json()).join("Ada")["position"] == 1
