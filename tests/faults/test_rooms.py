"""Live rooms when processes die and Redis forgets: ticks go on, votes of the living stay, those of the dead go."""

import signal
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack
from functools import partial

import pytest

from tests.contracts.queueup import http
from tests.contracts.vote_ws import Room, Socket, dialled, refused_socket
from tests.faults.installation import SLACK, Target, report
from tests.faults.room_ticks import SERVERS, same_history, silence
from tests.installation import wait_until

# What the longest silence may be, in seconds: until a dead process is replaced, and until Redis is itself again.
REPLACED_WITHIN = 5 * SLACK
BACK_WITHIN = 5 * SLACK
# A dead process's votes are withdrawn within.
GONE_WITHIN_S = 15


@pytest.fixture(scope="module")
def _own_rooms(own_target: Callable[..., AbstractContextManager[Target]]) -> Iterator[Target]:
    with own_target("roomfaults") as target:
        yield target


@pytest.fixture
def target(_own_rooms: Target) -> Iterator[Target]:
    """Three web processes and the timers, with their own Redis."""
    _own_rooms.run(*SERVERS, "timers")
    yield _own_rooms
    _own_rooms.thaw_redis()


@pytest.fixture
def room(target: Target) -> Iterator[Room]:
    """A fresh room, closed afterwards."""
    made = Room(target.stack)
    yield made
    target.stack.sql("UPDATE polls_room SET status = 'closed', complete = true WHERE id = %s", made.id)


class Crowd:
    """A voter on each process, all of whom have voted yes, and who they are."""

    def __init__(self, room: Room, opened: ExitStack, value: str = "yes") -> None:
        self.room = room
        self.voters = {server: room.voter() for server in SERVERS}
        self.sockets = {
            server: opened.enter_context(room.socket(voter, server)) for server, voter in self.voters.items()
        }
        for socket in self.sockets.values():
            socket.vote(value, time.time())
            socket.heard()
        for socket in self.sockets.values():
            socket.until(*self.counts(value, len(SERVERS)))

    @staticmethod
    def counts(value: str, number: int) -> tuple[int, int]:
        """Yes and no."""
        return (number, 0) if value == "yes" else (0, number)

    def process_of(self, server: str) -> str:
        """What a web process calls itself in Redis."""
        return self.room.held("users")[self.voters[server].user_id].strip()

    def holder(self) -> str:
        """The server that counts this room."""
        holder = self.room.held("meta")["holder"]
        return next(server for server in SERVERS if self.process_of(server) == holder)


# -------------------------------------------------------------------------------------------------------------- processes
def test_of_three_processes_one_is_killed_and_one_stands_still(target: Target, room: Room) -> None:
    """The one that counts is killed. The votes that came over their sockets are withdrawn; those of the one that stood
    still are back when it goes on."""
    with ExitStack() as opened:
        crowd = Crowd(room, opened)
        holder = crowd.holder()
        survivor, frozen = (server for server in SERVERS if server != holder)
        watching = crowd.sockets[survivor]
        target.freeze(frozen)
        try:
            target.stack.kill(holder)
            killed = time.monotonic()
            watching.until(1, 0, within=GONE_WITHIN_S * SLACK)
            assert time.monotonic() - killed < GONE_WITHIN_S * SLACK
            assert silence(watching.ticks) <= REPLACED_WITHIN
            assert set(room.held("users")) == {crowd.voters[survivor].user_id}
        finally:
            target.thaw(frozen)
        watching.until(2, 0)
        crowd.sockets[frozen].until(2, 0, within=60)
        assert silence(crowd.sockets[frozen].ticks) <= REPLACED_WITHIN


def test_a_process_that_is_stopped_hands_over_at_once(target: Target, room: Room) -> None:
    with ExitStack() as opened:
        crowd = Crowd(room, opened)
        holder = crowd.holder()
        watching = next(socket for server, socket in crowd.sockets.items() if server != holder)
        target.stack.signal(holder, signal.SIGTERM)
        assert crowd.sockets[holder].closed()[0] in {1001, 1012}
        watching.until(2, 0, within=5)
        assert target.stack.processes.pop(holder).wait(15) is not None
        watching.hear(2)
        assert silence(watching.ticks) <= 2 * SLACK
        # Its user comes back through another process.
        with room.socket(crowd.voters[holder], next(server for server in SERVERS if server != holder)) as again:
            again.vote("no", time.time())
            again.until(2, 1)


# ------------------------------------------------------------------------------------------------------------------ Redis
def goes_on_as_before(crowd: Crowd, yes: int, no: int, *, since: int) -> None:
    """Asserts that ticks go on, with these votes, that none told of fewer people, and that the history is whole."""
    for socket in crowd.sockets.values():
        socket.until(yes, no, within=4)
        socket.hear()
        after = [tick for tick in socket.ticks if tick.ts >= since]
        assert all(tick.yes + tick.no == yes + no for tick in after), after
        assert silence(after) <= BACK_WITHIN, after
    report(f"the longest silence: {silence(after)} s")
    same_history(crowd.room, *crowd.sockets.values())


def test_redis_is_emptied(target: Target, room: Room) -> None:
    past = room.given_past(30)
    with ExitStack() as opened:
        crowd = Crowd(room, opened)
        last = crowd.sockets["web"].ticks[-1].ts
        with room.redis() as redis:
            redis.flushall()
        # Who comes now is the first its process tells of: that must not hide those who were there before.
        crowd.sockets["web2"].vote("no", time.time())
        come = [room.voter() for _ in range(2 * len(SERVERS))]
        for number, voter in enumerate(come):
            if number == len(SERVERS):
                wait_until(lambda: room.held("meta"), what="Redis to know the room again")
            opened.enter_context(room.socket(voter, SERVERS[number % len(SERVERS)]))
        goes_on_as_before(crowd, 2, 1, since=last)
        here = {voter.user_id for voter in (*crowd.voters.values(), *come)}
        wait_until(lambda: set(room.held("users")) == here, what="just those who are here")
        assert room.history()[: len(past)] == past


def has_spoken(room: Room, user: str) -> bool:
    """Whether each process has told Redis of this user, and one vote counts."""
    return len(room.held("users").get(user, "").split()) == len(SERVERS) and sum(room.votes()) == 1


def test_redis_is_emptied_after_votes_of_one_second(target: Target) -> None:
    """One user on all processes, who changes their mind within a second: it is not the last process to speak that counts. In
    three rooms at once each process is the last in turn."""
    at = int(time.time())
    with ExitStack() as opened:
        rooms: list[tuple[Room, str, Socket]] = []
        for first in range(len(SERVERS)):
            room = Room(target.stack)
            opened.callback(room.close)
            voter = room.voter()
            sockets = [opened.enter_context(room.socket(voter, server)) for server in SERVERS]
            for socket, value in zip(sockets[first:] + sockets[:first], ("yes", "yes", "no"), strict=True):
                socket.vote(value, at)
                socket.heard()
            rooms.append((room, voter.user_id, sockets[0]))
        with room.redis() as redis:
            redis.flushall()
        for room, user, socket in rooms:
            wait_until(partial(has_spoken, room, user), what="all to speak")
            socket.hear(2)
            assert room.votes() == (0, 1)


def test_redis_stands_still(target: Target, room: Room) -> None:
    with ExitStack() as opened:
        crowd = Crowd(room, opened)
        last = crowd.sockets["web"].ticks[-1].ts
        target.freeze_redis()
        frozen = time.monotonic()
        for socket in crowd.sockets.values():
            socket.vote("no", time.time())
            socket.heard()
        assert len(room.history("web2")) > 0
        wait_until(lambda: time.monotonic() - frozen > 2)
        target.thaw_redis()
        goes_on_as_before(crowd, 0, 3, since=last)


def test_redis_dies_and_comes_back_empty(target: Target, room: Room) -> None:
    """Without Redis one voter votes anew, one leaves and one joins; all of it counts when Redis is back."""
    with ExitStack() as opened:
        crowd = Crowd(room, opened)
        comer = room.voter()
        last = crowd.sockets["web"].ticks[-1].ts
        target.redis.kill()
        crowd.sockets["web"].vote("no", time.time())
        crowd.sockets.pop("web3").connection.close()
        crowd.sockets["new"] = opened.enter_context(room.socket(comer, "web3"))
        crowd.sockets["new"].vote("no", time.time())
        crowd.sockets["new"].heard()
        target.redis.start()
        goes_on_as_before(crowd, 1, 2, since=last)
        here = {crowd.voters["web"].user_id, crowd.voters["web2"].user_id, comer.user_id}
        wait_until(lambda: set(room.held("users")) == here, what="just those who are here")


# ------------------------------------------------------------------------------------------------------------- the closing
def test_a_closed_rooms_history_is_in_postgres(target: Target, room: Room) -> None:
    voter = room.voter()
    with room.socket(voter) as socket:
        socket.vote("yes", time.time())
        socket.until(1, 0)
        assert room.close().status_code == 200
        assert socket.closed()[0] == 1000
    before = {server: http.get(room.url("/history", server)) for server in SERVERS}
    assert room.history()[: len(socket.ticks)] == socket.ticks
    with room.redis() as redis:
        redis.flushall()
    for server, answer in before.items():
        again = http.get(room.url("/history", server))
        assert (again.content, again.headers["etag"]) == (answer.content, answer.headers["etag"])
        assert again.content == before["web"].content
        known = http.get(room.url("/history", server), headers={"If-None-Match": answer.headers["etag"]})
        assert known.status_code == 304
        with dialled(target.stack, server) as late:
            late.say(room.auth(voter))
            assert late.closed()[0] == 1000
            assert late.ticks == room.history()


def test_a_room_that_is_deleted_while_redis_stands_still_is_gone(target: Target) -> None:
    room = Room(target.stack)
    voter = room.voter()
    with room.socket(voter) as socket, room.socket(server="web2") as other:
        target.freeze_redis()
        assert room.delete().status_code == 200
        target.thaw_redis()
        assert [each.closed()[0] for each in (socket, other)] == [1000, 1000]
    for server in SERVERS:
        refused_socket(target.stack, room.auth(voter), server)
        assert http.get(room.url("/history", server)).status_code == 404
    with room.redis() as redis:
        wait_until(lambda: not redis.keys(f"*{room.id}*"), what="nothing to be left of it")


def test_a_room_that_is_closed_while_redis_is_away_loses_no_second(target: Target, room: Room) -> None:
    with room.socket() as socket, room.socket(server="web2") as other:
        socket.vote("no", time.time())
        socket.until(0, 1)
        target.redis.kill()
        assert room.close().status_code == 200
        target.redis.start()
        assert [each.closed()[0] for each in (socket, other)] == [1000, 1000]
        # Asked of a process that has nothing in its memory.
        assert room.history("web3")[: len(socket.ticks)] == socket.ticks
    [row] = target.rows("SELECT complete FROM polls_room WHERE id = %s", room.id)
    assert row["complete"]


# Last, so that no test needs what it kills.
def test_the_history_is_kept_every_minute_and_outlives_redis_and_all_processes(target: Target, room: Room) -> None:
    kept = "SELECT kept_until FROM polls_room WHERE id = %s"
    shown = room.until_ticked(2)
    assert target.number(kept, room.id) == 0
    target.stack.sql("UPDATE polls_room SET opened_at = opened_at - interval '1 minute' WHERE id = %s", room.id)
    wait_until(lambda: target.number(kept, room.id) > 0, what="the first minute to be kept")
    until = target.number(kept, room.id)
    with room.socket() as before:
        before.hear()
        told = [tick for tick in before.ticks if tick.ts <= until]
    for name in (*SERVERS, "timers"):
        target.stack.kill(name)
    target.redis.kill()
    target.run("web", "timers")
    with room.socket() as socket:
        socket.hear()
        assert socket.ticks[: len(shown)] == shown
        assert [tick for tick in socket.ticks if tick.ts <= until] == told
        socket.vote("yes", time.time())
        socket.until(1, 0)
