"""A Redis Cluster of three masters: limits, rows, news, results and rooms, each on keys of all its nodes."""

import asyncio
import time
from collections.abc import Iterator
from uuid import uuid4

import pytest
from limits import parse
from pytest_django.fixtures import Settings

from core import cache, rate_limits
from core.errors import TooMany
from realtime import broadcast, store
from realtime.runtime import Runtime
from realtime.throttle import Throttle
from rooms import commands
from rooms.edge import publish as rooms_publish
from rooms.edge import store as rooms_store
from rooms.edge.room import Rooms
from rooms.edge.ticker import Ticker
from tests.polls.poll_streams import PollProcess, StoredPoll, in_process
from tests.queues.line_rows import Postgres, fresh_code, in_processes, made, newest
from tests.realtime.waiting import until
from tests.redis_groups import Cluster

pytestmark = [pytest.mark.servers, pytest.mark.usefixtures("cluster")]
# Keys of so many names lie on all nodes.
MANY = 24


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    """The servers."""
    made = Cluster(tmp_path_factory.mktemp("cluster"))
    yield made
    made.stop()


@pytest.fixture
def cluster(
    running: Cluster, patient_redis: None, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Cluster]:
    """This process uses the cluster."""
    settings.REDIS_URL = running.url
    cache.sync_redis.cache_clear()
    fresh = broadcast.Broadcaster()
    monkeypatch.setattr(broadcast, "tell", fresh.tell)
    monkeypatch.setattr(broadcast, "tell_and_wait", fresh.tell_and_wait)
    yield running
    assert cache.breaker.closed, "a command failed"


def test_exactly_the_limit_passes_for_many_addresses_at_once(settings: Settings) -> None:
    settings.RATE_LIMITS = True
    what, limit, addresses = uuid4().hex, parse("5 per minute"), [f"198.51.100.{number}" for number in range(MANY)]

    async def burst() -> list[bool]:
        runtime = Runtime(asyncio.to_thread)

        async def passes(address: str) -> bool:
            try:
                await runtime.limiter.check_address(address, limit, what)
            except TooMany:
                return False
            return True

        try:
            return await asyncio.gather(*(passes(address) for _ in range(6) for address in addresses))
        finally:
            await runtime.aclose()

    for address in addresses:
        rate_limits.check_address(address, limit, what)  # the first, in a thread
    assert sum(asyncio.run(burst())) == 4 * MANY
    with pytest.raises(TooMany):
        rate_limits.check_address(addresses[0], limit, what)


@pytest.mark.thorough
def test_a_change_is_seen_in_every_process() -> None:
    codes = [fresh_code() for _ in range(MANY)]

    async def ask() -> None:
        async with in_processes(2, Postgres(lambda *_: None)) as processes:
            for version in (1, 2):
                for code in codes:
                    await asyncio.to_thread(store.write, "line", code, made(code, version))
                for lines in processes:
                    lines.hub.start()
                    await until(lambda lines=lines: lines.hub.hears)  # type: ignore[misc]
                    for code in codes:
                        await until(lambda lines=lines, code=code: is_at(lines, code, version))  # type: ignore[misc] # noqa: B023

    async def is_at(lines: object, code: str, version: int) -> bool:
        return (await newest(lines, code)).version == version  # type: ignore[arg-type]

    asyncio.run(ask())


def test_rows_that_are_behind_are_repaired() -> None:
    codes = [fresh_code() for _ in range(MANY)]
    for code in codes:
        store.write("line", code, made(code, 1))
    published, behind = set[str](), {*codes[::2]}

    def publish(code: str) -> bool:
        published.add(code)
        return True

    assert store.repair("line", [(code, 1 + (code in behind)) for code in codes], publish)
    assert published == behind


@pytest.mark.thorough
def test_results_are_published_as_they_come_in() -> None:
    """As seen before: the throttle's two keys lay on two nodes, and 300 ballots were shown as none."""
    polls = [StoredPoll() for _ in range(6)]

    async def work(process: PollProcess) -> None:
        async with process.client("stream") as client:
            assert (await client.next())["ballots"] == 0
            process.stored.red = 300
            Throttle(uuid4().hex, lambda _: process.stored.publish()).touch(process.stored.poll.pk)
            while (await client.next())["ballots"] != 300:
                pass

    for stored in polls:
        in_process(stored, work)


@pytest.mark.thorough
@pytest.mark.django_db(transaction=True)
def test_rooms_tick_count_votes_and_are_removed() -> None:
    rows = [commands.create(commands.NewRoom(title="Stay open?")) for _ in range(6)]
    for row in rows:
        assert rooms_publish.publish(row.pk)
    voter = str(uuid4())

    async def second() -> None:
        runtime = Runtime(asyncio.to_thread)
        rooms = Rooms(runtime)
        ticker = Ticker(runtime, rooms)
        for row in rows:
            await rooms.enter(row.pk, voter)
            await rooms.vote(row.pk, voter, "yes", time.time())
        ticker.start()

        async def ticked() -> bool:
            histories = [await rooms.history(row.pk) for row in rows]
            return all(found and found.ticks and found.ticks[-1].yes == 1 for found in histories)

        await until(ticked)
        # What a replica that has just taken over may lack is reported again.
        for row in rows:
            await runtime.redis.delete(*rooms_store.keys(row.pk)[1:])
        rooms.forget_reports()
        await asyncio.to_thread(rooms_publish.refresh)
        await until(lambda: votes_are_back(rooms, runtime))
        await ticker.aclose()
        await runtime.aclose()

    async def votes_are_back(rooms: Rooms, runtime: Runtime) -> bool:
        found = [await runtime.redis.hget(rooms_store.keys(row.pk)[2], voter) for row in rows]
        return found == [b"yes"] * len(rows)

    asyncio.run(second())
    for row in rows:
        commands.delete(row.pk)
        assert rooms_publish.publish(row.pk)
        assert cache.sync_redis().exists(*rooms_store.keys(row.pk)) == 0
