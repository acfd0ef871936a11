"""Live rooms with many voters, slow ones and a slow Redis: all are told the same seconds, each once."""

import asyncio
import json
import socket
import statistics
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import Any

import pytest
from websockets.asyncio.client import ClientConnection

from realtime import broadcast
from realtime.runtime import Runtime
from rooms import commands
from rooms.consumers import VoteSocket
from rooms.edge import store
from rooms.edge.room import Here, Rooms
from rooms.tokens import participant_token
from tests.contracts.vote_ws import Room, Socket, Tick, consecutive, dialled, ticks_of
from tests.faults.installation import report
from tests.installation import FULL, wait_until
from tests.rooms.live_voters import SERVERS, made_voters, opened_socket, vote_on

MANY = 2_000 if FULL else 600


SECONDS = 8


# ---------------------------------------------------------------------------------------------------------- slow and many
def test_a_client_that_never_reads_holds_up_no_other(room: Room) -> None:
    """Twelve hours of history are more than the buffers between us hold. Read at last, they have missed nothing."""
    past = room.given_past(12 * 3_600)
    with ExitStack() as open_sockets:
        slow = [open_sockets.enter_context(narrow(room)) for _ in range(3)]
        with room.socket() as quick, room.socket(server="web2") as elsewhere:
            for each in (quick, elsewhere):
                while len(each.ticks) < len(past):
                    each.next()
                assert each.ticks[: len(past)] == past
                assert consecutive(each.hear(3))
            until = quick.ticks[-1].ts
        for reader in slow:
            stamps: list[int] = []
            while not stamps or stamps[-1] < until:
                stamps += [entry["ts"] for entry in json.loads(reader.connection.recv(15))["data"]]
            assert stamps[: len(quick.ticks)] == [tick.ts for tick in quick.ticks]


@contextmanager
def narrow(room: Room) -> Iterator[Socket]:
    """A socket with hardly any room for what comes, that has said who it is and reads nothing by itself."""
    end = socket.socket()
    end.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4_096)
    end.connect(("127.0.0.1", room.stack.ports["web"]))
    with dialled(room.stack, sock=end, max_queue=1, compression=None) as opened:
        opened.say(room.auth(room.voter()))
        yield opened


@pytest.mark.django_db(transaction=True)
def test_who_is_held_up_for_some_seconds_is_told_each_of_them_once() -> None:
    """The protocol's own class, in this process: here a message can be held up at will."""
    room = commands.create(commands.NewRoom(title="Stay open?"))
    voter = commands.add_participant(room.pk)
    *_, history = store.keys(room.pk)
    told: list[int] = []
    auth = {"user_id": str(voter.pk), "token": participant_token(room.pk, voter.pk), "room": str(room.pk)}

    async def serve() -> None:
        runtime = Runtime(asyncio.to_thread)
        rooms = Rooms(runtime)
        held_up, goes_on, incoming = asyncio.Event(), asyncio.Event(), asyncio.Queue[Any]()

        async def send(message: Any) -> None:
            told.extend(entry["ts"] for entry in json.loads(message.get("text", '{"data": []}'))["data"])
            if told == [1, 2]:
                held_up.set()
                await goes_on.wait()

        async def counted(*seconds: int) -> None:
            await runtime.redis.zadd(history, store.members(store.tick_of(b"%d 0 0" % ts) for ts in seconds))
            broadcast.tell(store.topic(room.pk), 0)

        await counted(1)
        incoming.put_nowait({"type": "websocket.connect"})
        incoming.put_nowait({"type": "websocket.receive", "text": json.dumps({"auth": auth})})
        serving = asyncio.create_task(VoteSocket(rooms)({"type": "websocket"}, incoming.get, send))
        async with asyncio.timeout(20), rooms.follow(room.pk) as topic:
            while told != [1]:
                await asyncio.sleep(0.01)
            await counted(2)
            await held_up.wait()
            await counted(3, 4)
            await topic.newer(3, within_s=10)
            goes_on.set()
            await counted(5)
            while told[-1] < 5:
                await asyncio.sleep(0.01)
            incoming.put_nowait({"type": "websocket.disconnect"})
            await serving
        await runtime.aclose()

    try:
        asyncio.run(serve())
        assert told == [1, 2, 3, 4, 5]
    finally:
        commands.delete(room.pk)


class SlowToLeave(Rooms):
    """Tells Redis that a user has left when the test says so."""

    def __init__(self, runtime: Runtime) -> None:
        super().__init__(runtime)
        self.leaving: asyncio.Queue[asyncio.Event] = asyncio.Queue()

    async def _try(self, here: Here, name: str, *arguments: Any) -> bytes | None:
        if name == "LEAVE":
            goes_on = asyncio.Event()
            self.leaving.put_nowait(goes_on)
            await goes_on.wait()
        return await super()._try(here, name, *arguments)


@pytest.mark.django_db(transaction=True)
def test_who_comes_and_goes_and_comes_while_redis_is_slow_is_there_and_votes() -> None:
    room = commands.create(commands.NewRoom(title="Stay open?"))
    voter = str(commands.add_participant(room.pk).pk)
    meta, *_ = store.keys(room.pk)

    async def serve() -> None:
        runtime = Runtime(asyncio.to_thread)
        rooms = SlowToLeave(runtime)
        await rooms.history(room.pk)
        came = asyncio.Event()

        async def come_and_go() -> None:
            await rooms.enter(room.pk, voter)
            came.set()
            await rooms.leave(room.pk, voter)

        first = asyncio.create_task(come_and_go())
        await came.wait()
        leaves = await rooms.leaving.get()
        second = asyncio.create_task(come_and_go())
        await asyncio.sleep(0)  # it has come, and waits for its turn
        second.cancel()
        await asyncio.sleep(0)  # and has gone again
        leaves.set()
        await first
        leaves_again = asyncio.create_task(rooms.leaving.get())
        await asyncio.wait({second, leaves_again}, return_when=asyncio.FIRST_COMPLETED)
        await rooms.enter(room.pk, voter)
        if leaves_again.done():
            leaves_again.result().set()
        else:
            leaves_again.cancel()
        await asyncio.wait({second})
        await rooms.vote(room.pk, voter, "yes", time.time())
        assert await runtime.redis.hget(meta, "yes") == b"1"
        leaving = asyncio.create_task(rooms.leaving.get())
        leaving.add_done_callback(lambda done: done.result().set())
        await rooms.leave(room.pk, voter)
        assert await runtime.redis.hget(meta, "yes") == b"0"
        assert rooms.here == {}
        await runtime.aclose()

    try:
        asyncio.run(asyncio.wait_for(serve(), 20))
    finally:
        commands.delete(room.pk)


@pytest.mark.faults
def test_a_crowd_of_voters_is_told_the_same_seconds(room: Room) -> None:
    """Half of them on each of two processes, from one client, and some who watch. All vote; then all are told every
    second, and each second was counted once."""
    voters = made_voters(room, MANY)
    late: list[float] = []
    told: list[list[Tick]] = []

    async def vote_and_listen(number: int, doors: asyncio.Semaphore, all_in: asyncio.Barrier) -> None:
        async with doors:
            connecting = opened_socket(room, voters[number], ("web", "web2")[number % 2])
            socket = await connecting.__aenter__()
        try:
            await socket.send(vote_on("yes" if number % 4 else "no"))
            listening = asyncio.create_task(_listen(socket, number % 100 == 0))
            await all_in.wait()
            told.append(await listening)
        finally:
            await connecting.__aexit__(None, None, None)

    async def _listen(socket: ClientConnection, measured: bool) -> list[Tick]:
        full: list[Tick] = []
        while len(full) < SECONDS:
            ticks = ticks_of(json.loads(await socket.recv()))
            if full or any(tick.yes + tick.no == MANY for tick in ticks):
                full += [tick for tick in ticks if full or tick.yes + tick.no == MANY]
                if measured:
                    late.append(time.time() - ticks[-1].ts - 0.5)  # a second is counted in its middle
        return full

    async def all_of_them() -> None:
        doors, all_in = asyncio.Semaphore(100), asyncio.Barrier(MANY)
        async with asyncio.TaskGroup() as group:
            for number in range(MANY):
                group.create_task(vote_and_listen(number, doors, all_in))

    with ExitStack() as open_sockets:
        watching = [open_sockets.enter_context(room.socket(server=server, max_queue=None)) for server in SERVERS * 2]
        asyncio.run(all_of_them())
        for each in watching:
            while each.ticks[-1:] < [max(ticks[-1] for ticks in told)]:
                each.hear()
        with room.redis() as redis:
            stored: Any = redis.zrange(store.keys(room.id)[-1], 0, -1)
    counted = [Tick(*map(int, member.split())) for member in stored]
    assert consecutive(counted)
    assert [each.ticks for each in watching] == [counted[: len(each.ticks)] for each in watching]
    assert {server: room.history(server)[: len(counted)] for server in SERVERS} == dict.fromkeys(SERVERS, counted)
    start = max(ticks[0].ts for ticks in told)
    assert len(told) == MANY
    for ticks in told:
        assert ticks == [tick for tick in counted if ticks[0].ts <= tick.ts <= ticks[-1].ts]
        assert all((tick.yes, tick.no) == (MANY * 3 // 4, MANY // 4) for tick in ticks)
        assert ticks[0].ts <= start <= ticks[-1].ts
    wait_until(lambda: room.votes() == (0, 0) and not room.held("users"), what="all to have left")
    report(f"{MANY} voters: a tick came {statistics.median(late):.2f} s late, at worst {max(late):.2f} s")
