"""F1, F2: the web process dies between the commit and what comes after it. The client and the timers put it right."""

import threading
import time
from functools import partial
from typing import Any
from uuid import uuid4

import httpx

from tests.faults.installation import CELERY_LIST, PENDING, Target, TargetLine, report, snapshots_right
from tests.installation import kept_version, wait_until

TRIES = 5


class Post(threading.Thread):
    """A request under way; `answer` stays None when none came."""

    def __init__(self, client: httpx.Client, action: str, body: Any, **headers: str) -> None:
        super().__init__(daemon=True)
        self._send = lambda: client.post(action, json=body, headers=headers)
        self.answer: httpx.Response | None = None
        self.problem: Exception | None = None
        self.start()

    def run(self) -> None:
        try:
            self.answer = self._send()
        except httpx.TransportError as problem:
            self.problem = problem


def kill_after_commit(target: Target, line: TargetLine, name: str, key: str) -> bool:
    """Joins and kills the web once the party is in Postgres; whether the client was left without an answer.

    The frozen Redis holds the answer back: after the commit the web waits 0.25 s for its snapshot to be taken.
    """
    target.freeze_redis()
    with line.client() as client:
        post = Post(client, "join", {"name": name}, **{"Idempotency-Key": key})
        committed = "SELECT 1 FROM queues_party WHERE queue_id = %s AND name = %s"
        while not target.rows(committed, line.session_id, name):
            assert post.is_alive() or post.answer is None, "answered before it was committed"
        target.stack.kill("web")
        post.join(20)
    target.thaw_redis()
    return post.answer is None and isinstance(post.problem, httpx.TransportError)


def test_an_answer_that_was_lost_is_given_again_to_the_same_key(target: Target) -> None:
    target.run("web")
    line = target.line()
    unanswered = []
    for attempt in range(TRIES):  # should this machine pause at the wrong moment, the answer comes: then again
        key = str(uuid4())
        if kill_after_commit(target, line, f"Guest {attempt}", key):
            unanswered.append((f"Guest {attempt}", key))
        target.run("web")
        if len(unanswered) == 2:
            break
    assert unanswered, "the web was never killed between commit and answer"
    with line.client() as client:
        for name, key in unanswered:
            first = client.post("join", json={"name": name}, headers={"Idempotency-Key": key})
            again = client.post("join", json={"name": name}, headers={"Idempotency-Key": key})
            assert first.status_code == again.status_code == 200, first.text
            assert first.json() == again.json()
            found = target.rows("SELECT id FROM queues_party WHERE queue_id = %s AND name = %s", line.session_id, name)
            assert [str(row["id"]) for row in found] == [first.json()["partyId"]]
        # Control: without the key the retry is refused, and a guest without a name would stand in line twice.
        assert client.post("join", json={"name": unanswered[0][0]}).status_code == 409
    joined = line.events("QUEUE_MEMBER_JOINED")
    assert len({event["party_id"] for event in joined}) == len(joined)


def test_what_a_killed_web_did_not_say_the_timers_do(target: Target) -> None:
    """Two joins while Redis is frozen: the first one's snapshot lies in Redis' ear, the second one's was never sent.

    Then the web is killed. Redis goes on with a snapshot that is too old, and no worker was woken for the second join.
    """
    target.run("web", "web2", "worker", "timers")
    line = target.line()
    target.all_done(timeout_s=10)
    for name in ("timers", "worker"):
        target.freeze(name)
    target.freeze_redis()
    with line.client() as client:
        for _ in range(2):
            assert client.post("join", json={}).status_code == 200
    target.stack.kill("web")
    target.thaw_redis()
    truth = line.truth()
    assert truth["waiting"] == [1, 2]
    # The row in Redis; a web process may know better by itself, for it has looked while Redis was silent.
    kept = partial(kept_version, target.redis.url, line.code)
    # Control: the state without repair.
    stale = wait_until(kept, what="Redis to answer")
    target.thaw("worker")
    assert target.settled(PENDING) > 0 and target.wake_ups() == 0, f"a worker was woken through {CELERY_LIST}"
    assert stale <= kept() < truth["version"]
    began = time.monotonic()
    target.thaw("timers")
    shown = snapshots_right([line], server="web2")
    wait_until(lambda: kept() == truth["version"], what="the row in Redis to be right")
    done = target.all_done(since=began)
    target.check_facts()
    report(
        f"a web killed before its wake-up: snapshot right {shown:.2f} s, effects done {done:.2f} s after the timers go on"
    )
