"""X6, X7: whatever a client sends is refused or harmless: never a 5xx, nothing half-done, names shown as they are."""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from config.bodies import body_limit
from tests.contracts.queueup import HOST_ACTIONS, Line, host_view, http, refused, state
from tests.installation import Stack

LIMIT = 16 * 1024
BODY_ACTIONS = ["join", "leave", "advance", "kick", "close", "edit", "reorder", "undo"]


@pytest.fixture(scope="module")
def calm(stack: Stack) -> Line:
    """A line of one party, which nothing here may change."""
    line = Line.open(stack)
    line.join("Only")
    return line


@pytest.fixture(autouse=True)
def no_server_error_was_logged(stack: Stack) -> Iterator[None]:
    """A 5xx is logged with its traceback; there must be none."""
    before = len(stack.log("web"))
    yield
    assert "Traceback" not in stack.log("web")[before:]


def send(line: Line, action: str, content: Any, **headers: str) -> Any:
    path = f"{line.stack.url()}/api/queue/{'create' if action == 'create' else f'{line.code}/{action}'}"
    return http.post(path, content=content, headers={"x-host-auth": line.token, **headers})


# --------------------------------------------------------------------------------------------------------------- bodies
@pytest.mark.parametrize("action", ["create", *BODY_ACTIONS])
def test_a_body_over_the_limit_is_413(action: str, calm: Line) -> None:
    before = state(calm)
    long = json.dumps({"pad": "x" * body_limit(f"/api/queue/{action}")}).encode()
    refused(send(calm, action, long), 413)
    refused(send(calm, action, iter([long[:1000], long[1000:]])), 413)  # chunked: no Content-Length
    assert state(calm) == before


def test_a_body_of_exactly_16_kib_is_read(line: Line) -> None:
    frame = len(json.dumps({"pad": ""}))
    assert send(line, "join", json.dumps({"pad": "x" * (LIMIT - frame)})).status_code == 200
    refused(send(line, "join", json.dumps({"pad": "x" * (LIMIT - frame + 1)})), 413)


DEEP = [b"[" * 8000, b'{"a":' * 2500 + b"1" + b"}" * 2500, b'{"name":' + b"[" * 4000 + b"]" * 4000 + b"}"]
ILL = [rb'{"name": "\ud800"}', rb'{"name": "\udc00\ud800"}', b'{"name": "\xed\xa0\x80"}', b'{"name": "\xff"}']
NUL = [rb'{"name": "a\u0000b", "partyId": "\u0000", "eventName": "\u0000"}', b'{"name": "\x00"}', b"\x00"]


@pytest.mark.parametrize("content", [*DEEP, *ILL, *NUL], ids=range(10))
@pytest.mark.parametrize("action", ["create", "join", "walk-in"])
def test_bodies_that_no_honest_client_sends_are_400(action: str, content: bytes, calm: Line) -> None:
    before = state(calm)
    refused(send(calm, action, content), 400)
    assert state(calm) == before


ODD: list[Any] = [
    None, True, 0, -1, 1.5, 2**31, 2**63, 10**40, 1e308, "", "0", [], {"a": {}}, "x" * 10_000, "\ufffe\uffff", "a\x00",
]  # fmt: skip


@pytest.mark.parametrize("value", ODD, ids=lambda value: repr(value)[:20])
def test_any_value_in_any_field_is_answered_below_500(value: Any, stack: Stack) -> None:
    line = Line.open(stack)
    party = line.join("Ada")["partyId"]
    fields = {
        "join": ["name", "size", "note", "hereCode", "turnstileToken"],
        "walk-in": ["name", "size", "note"],
        "edit": ["partyId", "name", "size", "note"],
        "reorder": ["partyId", "position"],
        "let-pass": ["partyId", "parties"],
        "change-party": ["partyId", "size", "note"],
        "tell-ahead": ["partyId", "parties"],
        "ask-more-time": ["partyId"],
        "more-time": ["partyId", "minutes"],
        "message": ["text"],
        "settings": [
            "eventName",
            "location",
            "openTime",
            "closeTime",
            "callWindowSeconds",
            "maxGuests",
            "autoAdvance",
            "hereOnly",
        ],
        "advance": ["servedParty", "nextParty"],
        "call": ["partyId"],
        "undo": ["version"],
        "actions": ["actions"],
        "wait": ["lowMs", "highMs", "minutes"],
        "clear-wait": [],
        "message-party": ["partyId", "text"],
        "move-behind": ["partyId", "otherId"],
        "change-table": ["partyId", "tableIds"],
        "free-table": ["partyId"],
        **{action: ["partyId"] for action in ("leave", "declare-nearby", "kick", "serve", "no-show", "put-back")},
    }
    assert {*fields, "join", "pause", "resume", "close", "renew-token"} >= set(HOST_ACTIONS)
    for action, names in fields.items():
        for name in names:
            answer = line.post(action, {"partyId": party, "position": 1, name: value}, host=True)
            assert answer.status_code < 500, (action, name, answer.text)
            assert answer.status_code == 200 or set(answer.json()) == {"error"}
    assert line.snapshot(host=True).status_code == 200
    assert line.snapshot().status_code == 200


@pytest.mark.parametrize(
    "header", ["x-host-auth", "Idempotency-Key", "If-None-Match", "Cookie", "Content-Type", "Accept"]
)
@pytest.mark.parametrize(
    "value", [b"", b"\xff\xfe", b"x" * 8000, b'"; drop', b"queue_host_auth=\xff", b"a=b; =; ;;", b"*/*;q=x"]
)
def test_any_header_is_answered_below_500(header: str, value: bytes, calm: Line) -> None:
    sent = [(header.encode(), value)]
    for method, path in [("GET", "snapshot"), ("GET", "console"), ("POST", "pause"), ("POST", "leave")]:
        answer = http.request(method, f"{calm.api}/{path}", headers=sent, content=b"{}" if method == "POST" else None)
        assert answer.status_code < 500, (path, answer.text)


@pytest.mark.parametrize("query", ["partyId=%00", "partyId=%ff", "partyId=a&partyId=b", "=&&=", "format=xml", "%"])
def test_any_query_is_answered_below_500(query: str, calm: Line) -> None:
    for method, path in [("GET", "snapshot"), ("GET", "console"), ("POST", "join/x"), ("POST", "leave")]:
        assert http.request(method, f"{calm.api}/{path}?{query}").status_code < 500


# ---------------------------------------------------------------------------------------------------------------- names
KEPT = {
    "emoji": "👩‍👩‍👧‍👦 Ana 🍕",
    "right to left": "عائلة \u202eكبيرة",
    "hebrew": "שלום",
    "html": "<script>alert('x')</script>",
    "attribute": '" onmouseover="x',
    "csv": "=cmd|' /C calc'!A0",
    "sql": "Robert'); DROP TABLE queues_party;--",
    "zalgo": "Z̷̢̛͓ạ̴͝",
    "longest": "x" * 80,
    "longest emoji": "🍕" * 80,
    "line separator": "a\u2028b",
    "template": "{{ 7*7 }}{% load x %}",
    "json": '"}, {"name": "two',
}


@pytest.mark.parametrize("name", KEPT.values(), ids=KEPT.keys())
def test_names_of_all_the_world_are_kept_as_they_are(name: str, line: Line) -> None:
    line.join(name)
    answer = line.snapshot(host=True)
    assert answer.headers["content-type"] == "application/json"
    assert [party["name"] for party in answer.json()["queue"]] == [name]
    refused(line.post("join", {"name": f"  {name} "}), 409)


def test_the_event_name_is_kept_as_it_is(stack: Stack) -> None:
    name = "Åse's <b>🍕</b> \u202e&amp;"
    line = Line.open(stack, eventName=name)
    assert line.created["eventName"] == name
    assert line.snapshot().json()["eventName"] == name
    assert line.join()["eventName"] == name


def test_a_name_of_10_000_characters_is_refused_by_name(calm: Line) -> None:
    for action in ("join", "walk-in"):
        refused(calm.post(action, {"name": "x" * 10_000}, host=True), 400, "name")
    party = host_view(calm)["queue"][0]["id"]
    refused(calm.post("edit", {"partyId": party, "name": "🍕" * 81}, host=True), 400, "name")
