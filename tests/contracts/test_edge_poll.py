"""Contract edge-poll.md, over HTTP on the running program."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from uuid import uuid4

import httpx
import pytest

from tests.contracts.edge_poll import DAY, body, now_ms
from tests.contracts.queueup import refused
from tests.installation import Stack, wait_until

CONFIGURATION = {"title", "description", "created", "start", "end", "shards", "choices"}
NOT_TEXT: list[Any] = [7, True, None, [], {}, "a\x00b"]
WRONG: dict[str, list[Any]] = {
    "title": ["", "   ", *NOT_TEXT],
    "description": NOT_TEXT,
    "start": [None, "", "soon", "1.5e12", "2026-01-01", True, 1.5, -1, 10**30, 1e300, [], {}],
    "end": [None, "", True, 0, [], {}, 1_000_000_000_000],
    "shards": [None, 0, -1, 1.5, "two", "1.5", "0", "-2", "", True, 10**9, [], {}],
    "choices": [None, [], "Red", {}, 7, [7], [None], [[]], [{}], [""], ["Red", " "], ["a\x00b"], ["c"] * 101],
}  # fmt: skip
CASES = [(field, value) for field, values in WRONG.items() for value in values]
Make = Callable[..., str]


@pytest.fixture
def make(raw: httpx.Client, venue_key: str) -> Make:
    """make(title="...") makes a poll and gives its id."""

    def make(**fields: Any) -> str:
        answer = raw.post("/poll", json=body(**fields), headers={"api-key": venue_key})
        assert answer.status_code == 200, answer.text
        assert set(answer.json()) == {"id"}
        made: str = answer.json()["id"]
        return made

    return make


def exact(raw: httpx.Client, poll: str) -> dict[str, Any]:
    """The results as they are."""
    answer = raw.get(f"/poll/{poll}/results", params={"cache": "false"})
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def counts(results: dict[str, Any]) -> list[int]:
    return [results["choices"][str(number)]["count"] for number in range(len(results["choices"]))]


# -------------------------------------------------------------------------------------------------------------- creation
def test_a_poll_is_made_and_shown(raw: httpx.Client, make: Make) -> None:
    sent = body(description="To the fish.")
    poll = make(**sent)
    for query in ({}, {"cache": "false"}):
        answer = raw.get(f"/poll/{poll}", params=query)
        assert answer.status_code == 200
        found = answer.json()
        assert set(found) == CONFIGURATION
        assert {field: found[field] for field in ("title", "description", "start", "end", "shards")} == {
            field: sent[field] for field in ("title", "description", "start", "end", "shards")
        }
        assert abs(found["created"] - now_ms()) < 60_000
        assert found["choices"] == {
            str(number): {"id": str(number), "title": title, "count": 0} for number, title in enumerate(sent["choices"])
        }


@pytest.mark.parametrize("headers", [{}, {"api-key": ""}, {"api-key": "tl_wrong"}])
def test_without_a_known_key_nothing_is_made_or_deleted(headers: dict[str, str], raw: httpx.Client, make: Make) -> None:
    refused(raw.post("/poll", json=body(), headers=headers), 401)
    poll = make()
    refused(raw.delete(f"/poll/{poll}", headers=headers), 401)
    assert raw.get(f"/poll/{poll}").status_code == 200


@pytest.mark.parametrize(("field", "value"), CASES, ids=lambda value: repr(value)[:24])
def test_each_violation_is_a_400_that_names_the_field(
    field: str, value: Any, raw: httpx.Client, venue_key: str
) -> None:
    refused(raw.post("/poll", json=body(**{field: value}), headers={"api-key": venue_key}), 400, field)


@pytest.mark.parametrize("field", list(WRONG))
def test_a_missing_field_is_named(field: str, raw: httpx.Client, venue_key: str) -> None:
    sent = {name: value for name, value in body().items() if name != field}
    refused(raw.post("/poll", json=sent, headers={"api-key": venue_key}), 400, field)


@pytest.mark.parametrize("content", [b"", b"[]", b"[1]", b"7", b"null", b'"x"', b"{", b"\xff\xfe", b"[" * 5_000])
def test_a_body_that_is_no_object_is_a_400(content: bytes, raw: httpx.Client, make: Make, venue_key: str) -> None:
    refused(raw.post("/poll", content=content, headers={"api-key": venue_key}), 400)
    refused(raw.post(f"/poll/{make()}", content=content), 400)


# ------------------------------------------------------------------------------------------------------------------ votes
@pytest.mark.parametrize("method", ["POST", "PUT"])
def test_a_vote_is_ok_and_a_second_one_is_ok_and_not_counted(method: str, raw: httpx.Client, make: Make) -> None:
    poll = make()
    for choice in ("1", "1", "0", "2"):
        answer = raw.request(method, f"/poll/{poll}", json={"id": choice})
        assert (answer.status_code, answer.text) == (200, "ok")
    results = exact(raw, poll)
    assert counts(results) == [0, 1, 0]
    assert set(results) == CONFIGURATION | {"shardStates"}
    ((shard, state),) = results["shardStates"].items()
    assert 0 <= int(shard) < 4
    assert state == {"choices": results["choices"]}
    wait_until(lambda: counts(raw.get(f"/poll/{poll}/results").json()) == [0, 1, 0], what="the count")


@pytest.mark.parametrize(
    "sent", [{}, {"id": ""}, {"id": None}, {"id": 1.5}, {"id": 1.0}, {"id": True}, {"id": []}, {"id": {}}, {"ID": "0"}]
)
def test_a_vote_without_an_id_is_a_400(sent: dict[str, Any], raw: httpx.Client, make: Make) -> None:
    poll = make()
    refused(raw.post(f"/poll/{poll}", json=sent), 400, "id")
    assert counts(exact(raw, poll)) == [0, 0, 0]


@pytest.mark.parametrize("method", ["POST", "PUT"])
@pytest.mark.parametrize("number", [0, 2])
def test_a_choice_may_be_named_by_a_number(number: int, method: str, raw: httpx.Client, make: Make) -> None:
    poll = make()
    answer = raw.request(method, f"/poll/{poll}", json={"id": number})
    assert (answer.status_code, answer.text) == (200, "ok")
    assert counts(exact(raw, poll))[number] == 1


@pytest.mark.parametrize("number", [3, -1, 10**18])
def test_a_number_that_is_no_choice_is_a_400(number: int, raw: httpx.Client, make: Make) -> None:
    refused(raw.post(f"/poll/{make()}", json={"id": number}), 400, "id")


def test_numbers_may_come_as_strings_of_digits(raw: httpx.Client, make: Make) -> None:
    start, end = now_ms() - DAY, now_ms() + DAY
    found = raw.get(f"/poll/{make(start=str(start), end=str(end), shards='7')}").json()
    assert (found["start"], found["end"], found["shards"]) == (start, end, 7)


def test_equal_choices_stay_two_and_are_counted_apart(raw: httpx.Client, make: Make) -> None:
    poll = make(choices=["Red", "Red", " Red ", "White"])
    raw.post(f"/poll/{poll}", json={"id": "1"})
    results = exact(raw, poll)
    assert [choice["title"] for choice in results["choices"].values()] == ["Red", "Red", "Red", "White"]
    assert counts(results) == [0, 1, 0, 0]


def test_a_title_is_as_long_as_the_body_allows(raw: httpx.Client, make: Make, stack: Stack) -> None:
    title, choice = "é" * 3_000, "x" * 3_000
    poll = make(title=title, choices=[choice, "Short"], description="d" * 4_500)
    found = raw.get(f"/poll/{poll}").json()
    assert (found["title"], found["choices"]["0"]["title"], len(found["description"])) == (title, choice, 4_500)
    assert raw.post(f"/poll/{poll}", json={"id": "0"}).text == "ok"
    code = stack.sql("SELECT code FROM polls_poll WHERE id = %s", poll)[0]["code"]
    for path in (f"/vote/{code}", f"/vote/{code}/results", f"/api/polls/{poll}/export?format=csv"):
        assert raw.get(path).status_code == 200, path
    assert raw.post("/poll", json=body(title="x" * 3_000_000), headers={"api-key": "x"}).status_code == 413


@pytest.mark.parametrize("choice", ["3", "-1", "00", "1.0", "x", "٣", "²", "99999", "9" * 9, "0\x00", "Red"])
def test_an_unknown_choice_is_a_400(choice: str, raw: httpx.Client, make: Make) -> None:
    poll = make()
    refused(raw.put(f"/poll/{poll}", json={"id": choice}), 400, "id")
    assert counts(exact(raw, poll)) == [0, 0, 0]


@pytest.mark.parametrize("window", [(DAY, 2 * DAY), (-2 * DAY, -DAY)], ids=["before start", "after end"])
def test_outside_its_time_a_vote_is_a_400(window: tuple[int, int], raw: httpx.Client, make: Make) -> None:
    poll = make(start=now_ms() + window[0], end=now_ms() + window[1])
    for method in ("POST", "PUT"):
        refused(raw.request(method, f"/poll/{poll}", json={"id": "0"}), 400)
    assert counts(exact(raw, poll)) == [0, 0, 0]


def test_a_client_cannot_choose_its_address_and_none_is_kept(raw: httpx.Client, make: Make, stack: Stack) -> None:
    poll = make()
    for n in range(5):
        sent = {"X-Forwarded-For": f"203.0.113.{n}", "X-Real-IP": f"203.0.113.{n}", "Forwarded": f"for=203.0.113.{n}"}
        assert raw.post(f"/poll/{poll}", json={"id": "0"}, headers=sent).text == "ok"
    assert counts(exact(raw, poll)) == [1, 0, 0]
    (row,) = stack.sql("SELECT *, polls_ballot::text AS whole FROM polls_ballot WHERE poll_id = %s", poll)
    assert len(row["voter_key"]) == 16
    assert "127.0.0.1" not in row["whole"]


def test_one_address_is_another_voter_in_another_poll(make: Make, raw: httpx.Client, stack: Stack) -> None:
    polls = [make(), make()]
    for poll in polls:
        raw.post(f"/poll/{poll}", json={"id": "2"})
        assert counts(exact(raw, poll)) == [0, 0, 1]
    assert len(stack.sql("SELECT DISTINCT voter_key FROM polls_ballot WHERE poll_id = ANY(%s::uuid[])", polls)) == 2


def test_50_votes_of_one_address_at_once_are_one(raw: httpx.Client, make: Make) -> None:
    poll = make()
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda n: raw.post(f"/poll/{poll}", json={"id": str(n % 3)}), range(50)))
    assert {(answer.status_code, answer.text) for answer in answers} == {(200, "ok")}
    assert sum(counts(exact(raw, poll))) == 1


# --------------------------------------------------------------------------------------------------- deletion, unknown, 405
def test_only_its_owner_deletes_a_poll_and_then_nothing_is_left(
    raw: httpx.Client, make: Make, stack: Stack, venue_key: str
) -> None:
    poll, other = make(), stack.new_key()
    raw.post(f"/poll/{poll}", json={"id": "0"})
    refused(raw.delete(f"/poll/{poll}", headers={"api-key": other}), 403)
    assert counts(exact(raw, poll)) == [1, 0, 0]
    assert raw.delete(f"/poll/{poll}", headers={"api-key": venue_key}).status_code == 200
    for answer in (
        raw.get(f"/poll/{poll}", params={"cache": "false"}),
        raw.get(f"/poll/{poll}/results", params={"cache": "false"}),
        raw.post(f"/poll/{poll}", json={"id": "0"}),
        raw.delete(f"/poll/{poll}", headers={"api-key": venue_key}),
    ):
        refused(answer, 404)
    for table in ("choice", "ballot", "tally", "seal"):
        assert stack.sql(f"SELECT 1 FROM polls_{table} WHERE poll_id = %s", poll) == []  # noqa: S608
    wait_until(lambda: raw.get(f"/poll/{poll}").status_code == 404, what="404")


@pytest.mark.parametrize("poll", [str(uuid4()), "x", "7", "abc%00de", "a" * 300, "%F0%9F%8D%B7", "..%2f"])
def test_an_unknown_poll_is_a_404(poll: str, raw: httpx.Client, venue_key: str) -> None:
    answers = [
        raw.get(f"/poll/{poll}"),
        raw.get(f"/poll/{poll}/results"),
        raw.post(f"/poll/{poll}", json={"id": "0"}),
        raw.delete(f"/poll/{poll}", headers={"api-key": venue_key}),
    ]
    assert [answer.status_code for answer in answers] == [404] * 4


@pytest.mark.parametrize(
    ("method", "path"),
    [("GET", ""), ("PUT", ""), ("DELETE", ""), ("PATCH", "/{id}"), ("POST", "/{id}/results"), ("PUT", "/{id}/results"),
     ("DELETE", "/{id}/results")],
)  # fmt: skip
def test_other_methods_are_405(method: str, path: str, raw: httpx.Client, make: Make) -> None:
    assert raw.request(method, f"/poll{path.format(id=make())}", json={}).status_code == 405
