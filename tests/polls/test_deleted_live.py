"""A poll that is deleted is gone for all who follow it, from two processes that share what stands in Redis."""

from collections.abc import Iterator
from contextlib import ExitStack
from uuid import uuid4

import orjson
import pytest
from redis import Redis

from realtime import store
from tests.contracts import sse
from tests.contracts.queueup import http, refused
from tests.installation import Stack, wait_until
from tests.polls.running_poll import LivePoll, Socket, refusal, socket_at

pytestmark = pytest.mark.usefixtures("quiet_logs")

SERVERS = ("web", "web2")
TABLES = ("polls_choice", "polls_ballot", "polls_tally", "polls_seal", "polls_onetimecode")


@pytest.fixture
def redis(site: Stack) -> Iterator[Redis]:
    """What the processes share."""
    with Redis.from_url(site.env["REDIS_URL"]) as client:
        yield client


# -------------------------------------------------------------------------------------------------------------- deletion
def gone_everywhere(poll: LivePoll) -> None:
    """404 on every path of both processes, once both have heard of it (contract edge-poll.md: up to 1 s)."""
    for server in SERVERS:
        wait_until(lambda s=server: poll.get(server=s).status_code == 404, what=f"{server} to hear of it")  # type: ignore[misc]
    for server in SERVERS:
        base = poll.stack.url(server)
        for name in (poll.id, poll.code):
            for path in ("", "/results", "/results?cache=false", "/stream", "/export?format=csv", "/ballots"):
                refused(http.get(f"{base}/api/polls/{name}{path}"), 404)
            sent = {"ballotId": str(uuid4()), "choices": [0]}
            refused(http.post(f"{base}/api/polls/{name}/ballots", json=sent), 404)
            for action in ("open", "close", "reset"):
                refused(http.post(f"{base}/api/polls/{name}/{action}", headers=poll.host), 404)
            refused(http.get(f"{base}/api/polls/{name}/receipt/{uuid4()}"), 404)
            assert refusal(poll.socket_url(server).replace(poll.id, name)) == 404
        for path in ("", "/stream", "/export?format=json"):
            refused(http.get(f"{base}/api/vote/{poll.id}{path}"), 404)
        refused(http.post(f"{base}/api/vote/{poll.id}", json={"choiceIds": ["1"]}), 404)
        refused(http.post(f"{base}/api/vote/{poll.id}/close", headers=poll.host), 404)
        for path in ("", "/results", "?cache=false", "/results?cache=false"):
            refused(http.get(f"{base}/poll/{poll.id}{path}"), 404)
        refused(http.post(f"{base}/poll/{poll.id}", json={"id": "0"}), 404)


@pytest.mark.parametrize("deletes", SERVERS)
def test_a_deleted_poll_is_gone_and_who_followed_it_is_let_go(deletes: str, poll: LivePoll, redis: Redis) -> None:
    for n in range(9):
        poll.voted(n % 2, server=SERVERS[n % 2])
    with ExitStack() as open_now:
        streams = [open_now.enter_context(poll.stream(server)) for server in SERVERS]
        session = f"/api/vote/{poll.id}/stream"
        streams += [open_now.enter_context(sse.opened(poll.stack.url(server) + session)) for server in SERVERS]
        sockets: list[Socket] = [open_now.enter_context(socket_at(poll.socket_url(server))) for server in SERVERS]
        for stream in streams:
            stream.next()
        for socket in sockets:
            socket.next()
        poll.delete(deletes)
        gone_everywhere(poll)
        for stream in streams:
            # It does not say that the poll was closed: its results will not be found.
            assert '"closed"' not in str([message.data for message in stream.rest()])
        for socket in sockets:
            assert socket.rest()[1] == 1000
    for table in TABLES:
        assert poll.stack.sql(f"SELECT 1 FROM {table} WHERE poll_id = %s", poll.id) == []  # noqa: S608
    assert poll.stack.sql("SELECT 1 FROM polls_poll WHERE id = %s", poll.id) == []
    left = list(redis.scan_iter(f"*{poll.id}*"))
    assert store.key("poll", poll.id).encode() in left
    assert all(0 < redis.pttl(key) <= 600_000 for key in left), [(key, redis.pttl(key)) for key in left]
    assert redis.pttl(store.key("poll", poll.id)) <= 30_000
    wait_until(lambda: not redis.exists(f"{store.key('poll', poll.id)}:rebuilding"), what="the rebuild's lock to go")


def test_an_old_row_that_is_written_late_does_not_bring_it_back(poll: LivePoll, redis: Redis) -> None:
    poll.voted(1)
    wait_until(lambda: poll.counts() == [0, 1], what="the vote")
    key = store.key("poll", poll.id)
    text = redis.hget(key, "row")
    assert isinstance(text, bytes)
    row = orjson.loads(text)
    poll.delete()
    assert redis.eval(store.WRITE_IF_NEWER, 1, key, *store.write_arguments(row)) == 0
    assert redis.eval(store.WRITE_IF_NEWER, 1, key, *store.write_arguments({**row, "version": 2**50})) == 0
    gone_everywhere(poll)
    # The process that deleted it died before it told the others, and the row is still there: the timers tell.
    redis.delete(key)
    assert redis.eval(store.WRITE_IF_NEWER, 1, key, *store.write_arguments(row)) == 1
    wait_until(lambda: poll.get().status_code == 404, timeout_s=10, what="the row to be repaired")
    gone_everywhere(poll)


def test_the_timers_tell_of_a_deletion_that_was_not_told(site: Stack, redis: Redis) -> None:
    """A draft was edited, and the process died before it wrote the row: what is shown is repaired."""
    poll = LivePoll(site, open=False)
    key = store.key("poll", poll.id)
    assert poll.results()["title"] == "Which wine?"
    old = redis.hgetall(key)
    edited = http.put(poll.url(), json={"title": "Which beer?", "choices": ["Pils", "Stout"]}, headers=poll.host)
    assert edited.status_code == 200, edited.text
    assert poll.results("web2")["title"] == "Which beer?"
    redis.delete(key)
    redis.hset(key, mapping=old)  # type: ignore[arg-type]
    wait_until(lambda: redis.hget(key, "v") != old[b"v"], timeout_s=10, what="the row to be repaired")
    assert poll.results("web2")["choices"][1]["text"] == "Stout"
