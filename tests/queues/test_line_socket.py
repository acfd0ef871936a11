"""queues/consumers.py in this process: what it does to the database, when it pings, and how it ends."""

import asyncio
import threading
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

import orjson
import pytest
from channels.testing import WebsocketCommunicator
from django.db.backends.utils import CursorWrapper
from django.db.utils import OperationalError

from core import cache
from core.asgi_types import Scope
from core.tokens import host_token
from queues import commands, consumers
from queues.commands import NewLine
from queues.consumers import LineSocket
from queues.edge.lines import Lines
from queues.models import Queue
from realtime import broadcast, pubsub, store
from realtime.runtime import Runtime

Run = Callable[..., Awaitable[Any]]


@pytest.fixture
def queue(transactional_db: None) -> Queue:
    """A committed line: its changes are told through the real Redis."""
    return commands.open_line(NewLine(event_name="Friday", max_guests=100))


class Socket(WebsocketCommunicator):
    """A client whose server runs in this loop."""

    async def say(self) -> dict[str, Any]:
        """The next message."""
        message: dict[str, Any] = orjson.loads(await self.receive_from(5))
        return message


async def in_thread(function: Callable[..., Any], *arguments: Any) -> Any:
    return await asyncio.to_thread(function, *arguments)


@asynccontextmanager
async def socket(queue: Queue, *, run: Run = in_thread, **query: str) -> AsyncIterator[Socket]:
    """A socket of the line, accepted."""
    runtime = Runtime(run)

    async def application(scope: Scope, receive: Any, send: Any) -> None:
        await LineSocket(Lines(runtime))({**scope, "url_route": {"kwargs": {"code": queue.code}}}, receive, send)

    words = "&".join(f"{name}={value}" for name, value in query.items())
    client = Socket(application, f"/api/queue/{queue.code}/connect?{words}")
    accepted, _ = await client.connect(5)
    assert accepted
    yield client
    await client.disconnect()
    await runtime.aclose()


def tell(queue: Queue, version: int) -> None:
    """Redis tells its listeners of this version."""
    broadcast.tell(store.key("line", queue.code), version)


class NoDatabase:
    """Postgres may be asked by threads that were given leave; what any other asks is kept as a fault."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.faults: list[str] = []
        self.watching = False
        self._leave = threading.local()
        execute = CursorWrapper.execute

        def watched(cursor: CursorWrapper, sql: Any, params: Any = None) -> Any:
            if self.watching and not getattr(self._leave, "given", False):
                self.faults.append(str(sql))
            return execute(cursor, sql, params)

        monkeypatch.setattr(CursorWrapper, "execute", watched)

    async def with_leave(self, function: Callable[[], Any]) -> Any:
        """A command, as another process might give it."""

        def work() -> Any:
            self._leave.given = True
            try:
                return function()
            finally:
                self._leave.given = False

        return await asyncio.to_thread(work)


@pytest.mark.thorough
def test_a_socket_never_touches_the_database_after_connecting(queue: Queue, monkeypatch: pytest.MonkeyPatch) -> None:
    guarded = NoDatabase(monkeypatch)
    party = str(commands.join(queue.pk, name="Ada").party.pk)

    async def evening() -> None:
        async with (
            socket(queue, hostToken=host_token(queue.pk)) as host,
            socket(queue, partyId=party) as guest,
        ):
            assert [(await each.say())["type"] for each in (host, guest)] == ["queue_update", "position"]
            guarded.watching = True
            await guarded.with_leave(lambda: commands.join(queue.pk, name="Ben"))
            assert len((await host.say())["queue"]) == 2
            assert (await guest.say())["queueLength"] == 2
            await guest.send_to(text_data='{"type": "ping"}')
            assert await guest.say() == {"type": "pong"}
            await guarded.with_leave(lambda: commands.call(queue.pk, party_id=party))
            assert (await guest.say())["type"] == "called"
            await guarded.with_leave(lambda: commands.kick(queue.pk, party_id=party))
            assert await guest.say() == {"type": "removed", "reason": "kicked"}
            assert (await guest.receive_output(5))["type"] == "websocket.close"
            await guarded.with_leave(lambda: commands.close(queue.pk))
            while (await host.say())["type"] != "closed":
                pass
            guarded.watching = False

    asyncio.run(evening())
    assert guarded.faults == []


def test_the_watch_over_the_database_does_see(queue: Queue, monkeypatch: pytest.MonkeyPatch) -> None:
    guarded = NoDatabase(monkeypatch)
    guarded.watching = True
    Queue.objects.count()
    assert len(guarded.faults) == 1


def test_the_server_pings(queue: Queue, monkeypatch: pytest.MonkeyPatch) -> None:
    assert consumers.PING_EVERY_S == 30
    monkeypatch.setattr(consumers, "PING_EVERY_S", 0.01)

    async def wait() -> None:
        async with socket(queue, hostToken=host_token(queue.pk)) as host:
            assert (await host.say())["type"] == "queue_update"
            assert [await host.say() for _ in range(3)] == [{"type": "ping"}] * 3

    asyncio.run(wait())


def test_a_socket_on_its_way_out_says_nothing_more(queue: Queue) -> None:
    """Between our close and the client's answer to it there may be more changes."""
    party = str(commands.join(queue.pk, name="Ada").party.pk)

    async def leave() -> None:
        async with socket(queue, hostToken=host_token(queue.pk)) as host, socket(queue, partyId=party) as guest:
            await host.say()
            await guest.say()
            await asyncio.to_thread(commands.leave, queue.pk, party_id=party)
            assert await guest.say() == {"type": "removed", "reason": "left"}
            assert (await guest.receive_output(5))["type"] == "websocket.close"
            await asyncio.to_thread(lambda: commands.join(queue.pk, name="Ben"))
            while "Ben" not in str(await host.say()):  # now the whole group has heard of it
                pass
            assert await guest.receive_nothing(0.05)

    asyncio.run(leave())


def test_an_older_or_repeated_version_is_dropped(queue: Queue) -> None:
    async def listen() -> None:
        async with socket(queue, hostToken=host_token(queue.pk)) as host:
            await host.say()
            for version in (1, 0, 1):
                tell(queue, version)
            await asyncio.to_thread(lambda: commands.join(queue.pk, name="Ada"))
            assert len((await host.say())["queue"]) == 1
            for version in (1, 2):
                tell(queue, version)
            await asyncio.to_thread(lambda: commands.join(queue.pk, name="Ben"))
            assert len((await host.say())["queue"]) == 2

    asyncio.run(listen())


@pytest.mark.parametrize("told_again", [True, False], ids=["told again", "never told"])
def test_a_lost_message_is_made_good(told_again: bool, queue: Queue, monkeypatch: pytest.MonkeyPatch) -> None:
    """By a repeated message, and by a read each second while Redis cannot be heard."""

    async def listen() -> None:
        async with socket(queue, hostToken=host_token(queue.pk)) as host:
            await host.say()
            with monkeypatch.context() as deaf:
                deaf.setattr(broadcast, "tell", lambda *_: None)
                await asyncio.to_thread(lambda: commands.join(queue.pk, name="Ada"))
            if told_again:
                tell(queue, 2)  # the timers do
            else:
                monkeypatch.setattr(pubsub.Hub, "hears", False)
            assert len((await host.say())["queue"]) == 1

    asyncio.run(listen())


def test_a_postgres_that_is_away_does_not_end_the_socket(queue: Queue) -> None:
    away = False

    async def run(function: Callable[..., Any], *arguments: Any) -> Any:
        if away:
            raise OperationalError("away")
        return await in_thread(function, *arguments)

    async def listen() -> None:
        nonlocal away
        async with socket(queue, run=run, hostToken=host_token(queue.pk)) as host:
            await host.say()
            away = True
            await asyncio.to_thread(lambda: commands.join(queue.pk, name="Ada"))
            assert len((await host.say())["queue"]) == 1  # from the row, without Postgres
            cache.sync_redis().delete(f"tl:line:{queue.code}")
            tell(queue, 99)
            away = False
            await asyncio.to_thread(lambda: commands.join(queue.pk, name="Ben"))
            assert len((await host.say())["queue"]) == 2

    asyncio.run(listen())
