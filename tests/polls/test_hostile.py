"""Senseless bodies on every POST of the three voting APIs: a clear 4xx in our shape, nothing half-done, never a 500."""

import json
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest

from config.bodies import body_limit
from tests.contracts.queueup import http, in_shape, refused
from tests.installation import Stack
from tests.polls.running_poll import LivePoll

DEEP = b"[" * 3_000 + b"]" * 3_000
NOT_OBJECTS = [
    b"[]",
    b"[1]",
    b"[{}]",
    b"null",
    b"7",
    b'"x"',
    b"true",
    b"{",
    b"\xff\xfe{}",
    b'{"a":1}x',
    DEEP,
    b'{"a":' + DEEP + b"}",
]
FAR = [0, -1, 1, 999, 10**11, 4_102_444_800_001, 10**15, 2**63, 10**30, 1e300, -(10**30)]
NO_UUIDS = ["", "x", "0" * 31, "0" * 33, "g" * 32, f"{UUID(int=1)}x", "a\x00b", "x" * 5_000, 7, 0, True, [], {}, 1.5]
MUCH = 1024 * 1024


@pytest.fixture
def poll(both: Stack) -> LivePoll:
    """Open, with two choices."""
    return LivePoll(both)


@pytest.fixture
def key(venue_key: str) -> dict[str, str]:
    """Headers of a maker of the contract's polls."""
    return {"api-key": venue_key}


@pytest.fixture(scope="session")
def venue_key(stack: Stack) -> str:
    """An API key."""
    return stack.new_key()


def posts(poll: LivePoll) -> list[tuple[str, str]]:
    """(method, path) of everything that takes a body."""
    return [
        ("POST", "/api/polls/"), ("PUT", f"/api/polls/{poll.id}"), ("POST", f"/api/polls/{poll.id}/ballots"),
        ("POST", f"/api/polls/{poll.id}/codes"), ("POST", "/api/vote"), ("POST", f"/api/vote/{poll.id}"),
        ("POST", "/poll"), ("POST", f"/poll/{poll.id}"), ("PUT", f"/poll/{poll.id}"),
    ]  # fmt: skip


def send(poll: LivePoll, method: str, path: str, content: bytes, key: dict[str, str]) -> httpx.Response:
    """Sends with all proofs, so that only the body can be refused."""
    proof = key if path == "/poll" else poll.host
    headers = {"Content-Type": "application/json", **proof}
    return http.request(method, poll.stack.url() + path, content=content, headers=headers)


def unharmed(poll: LivePoll) -> None:
    """No ballot came of it, and the poll is what it was."""
    view = poll.results(headers=poll.host, exact=True)
    assert (view["ballots"], view["status"], len(view["choices"])) == (0, "open", 2)


@pytest.mark.parametrize("content", NOT_OBJECTS, ids=lambda content: repr(content[:12]))
def test_what_is_no_object_is_a_400_everywhere(content: bytes, poll: LivePoll, key: dict[str, str]) -> None:
    for method, path in posts(poll):
        refused(send(poll, method, path, content, key), 400)
    unharmed(poll)


@pytest.mark.parametrize("size", [20_000, MUCH, 3 * MUCH])
def test_a_body_that_is_too_long_is_refused_and_the_connection_goes_on(
    size: int, poll: LivePoll, key: dict[str, str]
) -> None:
    for method, path in posts(poll):
        content = json.dumps({"title": "x" * size, "choices": ["a"] * (size // 5), "id": "0" * size}).encode()
        answer = send(poll, method, path, content, key)
        assert answer.status_code in {400, 413}, f"{method} {path} {answer.status_code}"
        assert answer.text
        if path.startswith("/api/") and len(content) > body_limit(path):
            assert answer.status_code == 413
            assert set(answer.json()) == {"error"}
    unharmed(poll)


def test_10000_choices_are_refused(poll: LivePoll, key: dict[str, str]) -> None:
    many = [str(n) for n in range(10_000)]
    bodies: dict[str, dict[str, Any]] = {
        "/api/polls/": {"title": "?", "choices": many},
        "/api/vote": {"question": "?", "voteType": "single", "choices": [{"text": text} for text in many]},
        "/poll": {"title": "?", "description": "", "start": 10**12, "end": 2 * 10**12, "shards": 1, "choices": many},
        f"/api/polls/{poll.id}/ballots": {"ballotId": str(uuid4()), "choices": [0] * 10_000},
        f"/api/vote/{poll.id}": {"choiceIds": many},
    }
    before = poll.stack.sql("SELECT count(*) AS n FROM polls_poll WHERE title = '?'")
    for path, body in bodies.items():
        answer = send(poll, "POST", path, json.dumps(body).encode(), key)
        assert answer.status_code in {400, 413}, path
        assert in_shape(path, answer.json())
    # Within the limit of bodies it is the number of choices that is refused, by name.
    for path, name in ((f"/api/polls/{poll.id}/ballots", "choices"), (f"/api/vote/{poll.id}", "choiceIds")):
        body = {"ballotId": str(uuid4()), name: [0 if name == "choices" else "1"] * 2_000}
        refused(send(poll, "POST", path, json.dumps(body).encode(), key), 400, name)
    unharmed(poll)
    assert poll.stack.sql("SELECT count(*) AS n FROM polls_poll WHERE title = '?'") == before


@pytest.mark.parametrize("ballot_id", NO_UUIDS, ids=lambda value: repr(value)[:12])
def test_a_ballot_id_is_a_uuid(ballot_id: Any, poll: LivePoll) -> None:
    refused(http.post(poll.url("/ballots"), json={"ballotId": ballot_id, "choices": [0]}), 400, "ballotId")
    session = f"{poll.stack.url()}/api/vote/{poll.id}"
    refused(http.post(session, json={"ballotId": ballot_id, "choiceIds": ["1"]}), 400, "ballotId")
    if isinstance(ballot_id, str) and ballot_id and "\x00" not in ballot_id and len(ballot_id) < 100:
        assert http.get(poll.url(f"/receipt/{ballot_id}")).status_code == 404
    unharmed(poll)


@pytest.mark.parametrize("time", FAR)
@pytest.mark.parametrize("field", ["start", "end"])
def test_times_far_away_are_refused_by_name(field: str, time: Any, poll: LivePoll, key: dict[str, str]) -> None:
    body = {"title": "?", "choices": ["a"], field: time}
    refused(send(poll, "POST", "/api/polls/", json.dumps(body).encode(), key), 400, field)
    old = {
        "title": "?",
        "description": "",
        "start": 10**12,
        "end": 2 * 10**12,
        "shards": 1,
        "choices": ["a"],
        field: time,
    }
    refused(send(poll, "POST", "/poll", json.dumps(old).encode(), key), 400, field)


@pytest.mark.parametrize(
    "value", [[], {}, [[]], [{}], "0", "", None, 0, True, [True], ["0"], [None], [0.5], [-1], [2**70], [1e300], [2]]
)
def test_choices_of_a_ballot_are_numbers_of_choices(value: Any, poll: LivePoll) -> None:
    refused(http.post(poll.url("/ballots"), json={"ballotId": str(uuid4()), "choices": value}), 400, "choices: ")
    for name in ("token", "code", "partyId"):
        if not isinstance(value, str) and value is not None:
            body = {"ballotId": str(uuid4()), "choices": [0], name: value}
            refused(http.post(poll.url("/ballots"), json=body), 400, name)
    unharmed(poll)


@pytest.mark.parametrize("text", ["NaN", "Infinity", "-Infinity", "1e999", "[0, NaN]"])
def test_numbers_that_are_none_are_refused(text: str, poll: LivePoll) -> None:
    content = f'{{"ballotId": "{uuid4()}", "choices": [{text}]}}'.encode()
    refused(http.post(poll.url("/ballots"), content=content), 400)
    unharmed(poll)


def test_nothing_of_all_that_was_logged_as_our_fault(both: Stack) -> None:
    for server in ("web", "web2"):
        assert "Traceback" not in both.log(server), both.log(server)[-3000:]
