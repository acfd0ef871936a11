"""queues/edge/joins.py: what Django's view of the same path says, said on the event loop; and a crowd at one door."""

import asyncio
import json
from collections.abc import Callable
from typing import Any

import orjson
import psycopg
import pytest
from django.db import connection
from pytest_django.fixtures import Settings

from queues import commands
from queues.commands import NewLine
from queues.edge.joins import JoinViews
from queues.models import Queue
from realtime import batcher
from realtime.django.threadjob import Jobs
from realtime.runtime import Runtime
from tests.contracts.queueup import Line, at_once, guest_view
from tests.installation import Stack

pytestmark = pytest.mark.django_db(transaction=True)
CROWD = 60


def on_the_loop(
    code: str, body: bytes, key: str = "", times: int = 1, answered: Callable[[], object] = lambda: None
) -> list[tuple[int, Any]]:
    """Status and body of this many requests at once; once they are `answered`, this is called, and what still runs ends."""

    async def ask() -> list[tuple[int, Any]]:
        jobs = Jobs(threads=1, name="test")
        runtime = Runtime(jobs.run)
        views = JoinViews(runtime)
        try:
            outcomes = await asyncio.gather(*[one(views) for _ in range(times)])
            answered()
            return list(outcomes)
        finally:
            await views.aclose()
            await runtime.aclose()
            await jobs.aclose(timeout_s=5)

    async def one(views: JoinViews) -> tuple[int, Any]:
        sent: list[dict[str, Any]] = []

        async def receive() -> dict[str, Any]:
            return {"type": "http.request", "body": body, "more_body": False}

        async def send(message: Any) -> None:
            sent.append(message)

        headers = [(b"idempotency-key", key.encode())] if key else []
        path, client = f"/api/queue/{code}/join", ("127.0.0.1", 1)
        scope = {"type": "http", "method": "POST", "path": path, "headers": headers, "client": client}
        await views.join(scope, receive, send, code)
        return sent[0]["status"], orjson.loads(sent[1]["body"])

    return asyncio.run(ask())


@pytest.fixture
def door() -> Queue:
    """A line in which Ann waits."""
    line = commands.open_line(NewLine(event_name="Friday", max_guests=10))
    commands.join(line.pk, name="Ann")
    return line


WRONG: list[bytes] = [
    b"{", b"[]", b"7", b"null", b'{"name": 7}', b'{"name": "a\\u0000b"}', b'{"size": 0}', b'{"size": "2"}', b'{"size": 1.5}',
    b'{"size": 10}', b'{"size": 99999999999999999999}', b'{"name": "Ann"}', b'{"name": " Ann "}', b"[" * 5000, b"\xff",
    json.dumps({"name": "x" * 81}).encode(), b'{"turnstileToken": []}',
]  # fmt: skip


@pytest.mark.parametrize("body", WRONG)
def test_a_wrong_body_is_refused_with_a_sentence(body: bytes, door: Queue) -> None:
    [(status, answer)] = on_the_loop(door.code, body)
    assert status in {400, 409}
    assert list(answer) == ["error"] and answer["error"]


@pytest.mark.parametrize(("state", "wanted"), [("close", 409), ("pause", 409), ("unknown", 404), ("long key", 400)])
def test_a_line_that_takes_no_guests_says_so(state: str, wanted: int, door: Queue) -> None:
    code, key = door.code, "k" * 201 if state == "long key" else ""
    if state == "unknown":
        code = next(each for each in ("AAAAAA", "BBBBBB") if not Queue.objects.filter(code=each).exists())
    elif state in {"close", "pause"}:
        getattr(commands, state)(door.pk)
    [(status, answer)] = on_the_loop(code, b"{}", key)
    assert (status, list(answer)) == (wanted, ["error"])


@pytest.mark.thorough
def test_a_code_in_small_letters_and_a_retry_find_the_same_line_and_place(door: Queue) -> None:
    [(_, first)], [(status, second)] = on_the_loop(door.code, b""), on_the_loop(door.code.lower(), b"")
    assert status == 200
    assert second["position"] == first["position"] + 1 and second["ticket"] == first["ticket"] + 1
    assert set(first) == set(second) and first["sessionId"] == second["sessionId"]
    mine = on_the_loop(door.code, b"{}", key="only-once-please")
    assert on_the_loop(door.code, b"{}", key="only-once-please") == mine


def test_one_that_is_refused_leaves_the_crowd_alone(door: Queue) -> None:
    answers = on_the_loop(door.code, b'{"size": 2}', times=7)  # room for four
    assert [status for status, _ in answers] == [200] * 4 + [409] * 3
    assert [answer["position"] for status, answer in answers if status == 200] == [2, 3, 4, 5]


def test_a_join_that_was_answered_503_for_a_lock_has_no_place(door: Queue, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(batcher, "PATIENCE_S", 0.5)  # shorter than Postgres lets it wait for the lock
    [(status, _)] = on_the_loop(door.code, b"{}")
    assert status == 200
    with psycopg.connect(
        **connection.get_connection_params()
    ) as holder:  # another command, and who waits before the join
        holder.execute("SELECT FROM queues_queue WHERE id = %s FOR NO KEY UPDATE", [door.pk])
        [(status, answer)] = on_the_loop(door.code, b"{}", answered=holder.commit)
    assert (status, list(answer)) == (503, ["error"])
    assert door.parties.count() == 2


def test_a_challenge_is_asked_for(door: Queue, settings: Settings) -> None:
    settings.TURNSTILE_SECRET = "secret"
    [(status, answer)] = on_the_loop(door.code, b"{}")
    assert status == 400 and answer["error"].startswith("turnstileToken is required")


def test_all_of_a_crowd_get_a_place_and_see_it(stack: Stack) -> None:
    """No answer is followed by an older snapshot of the same process, and no two places are the same."""
    line = Line.open(stack)

    def join(_: int) -> tuple[int, int]:
        joined = line.join()
        return joined["position"], guest_view(line, joined["partyId"])["position"]

    places = at_once(CROWD, join)
    assert sorted(told for told, _ in places) == list(range(1, CROWD + 1))
    assert all(told == seen for told, seen in places)
