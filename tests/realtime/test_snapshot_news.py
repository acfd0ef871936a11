"""A snapshot in memory is the newest until Redis tells of another: realtime/snapshot_cache.py with realtime/pubsub.py."""

import asyncio

import pytest

from core import cache
from queues.edge.lines import Lines
from realtime import pubsub, store
from tests.queues.line_rows import Postgres, answers_in_turn, fresh_code, in_processes, key, made, newest, put
from tests.realtime.waiting import until

pytestmark = [pytest.mark.servers, pytest.mark.usefixtures("patient_redis")]


@pytest.fixture
def code() -> str:
    return fresh_code()


async def heard(lines: Lines, code: str) -> None:
    """Reads until the row is the newest by the hub's word."""
    lines.hub.start()
    await until(lambda: lines.hub.hears)
    await newest(lines, code)


def test_what_was_read_is_the_newest_until_redis_tells_otherwise(code: str) -> None:
    async def ask() -> None:
        async with in_processes(1, Postgres(lambda *_: None)) as (lines,):
            store.write("line", code, made(code, 1))
            await heard(lines, code)
            put(code, made(code, 2))  # not told
            assert [(await newest(lines, code)).version for _ in range(5)] == [1] * 5
            store.write("line", code, made(code, 3))
            await until(lambda: is_at(lines, code, 3))

    async def is_at(lines: Lines, code: str, version: int) -> bool:
        return (await newest(lines, code)).version == version

    asyncio.run(ask())


def test_a_write_of_this_process_is_known_before_its_answer(code: str, monkeypatch: pytest.MonkeyPatch) -> None:
    async def ask() -> None:
        async with in_processes(1, Postgres(lambda *_: None)) as (lines,):
            monkeypatch.setattr(store, "changed_here", [lines.hub.changed_here])
            for version in range(1, 30):
                put(code, made(code, version))  # not told by Redis
                await asyncio.to_thread(store.changed, "line", code)
                assert (await newest(lines, code)).version == version
                await heard(lines, code)

    asyncio.run(ask())


def test_after_a_break_nothing_is_believed_unasked(code: str) -> None:
    async def ask() -> None:
        async with in_processes(1, Postgres(lambda *_: None)) as (lines,):
            store.write("line", code, made(code, 1))
            await heard(lines, code)
            period = lines.hub.period
            for client in cache.sync_redis().client_list(_type="pubsub"):
                cache.sync_redis().client_kill_filter(_id=client["id"])
            put(code, made(code, 2))  # told while the process did not listen
            await until(lambda: lines.hub.period > period)
            assert (await newest(lines, code)).version == 2

    asyncio.run(ask())


def test_what_is_told_during_a_read_is_read_again(code: str) -> None:
    async def ask() -> None:
        postgres = Postgres(answers_in_turn(made(code, 3), made(code, 4)))
        postgres.gate.clear()
        async with in_processes(1, postgres) as (lines,):
            lines.hub.start()
            await until(lambda: lines.hub.hears)
            reading = asyncio.create_task(lines.get(code))
            await postgres.began.wait()
            lines.hub.tell(key(code), 4)
            postgres.gate.set()
            await reading
            cache.sync_redis().delete(key(code))
            assert (await newest(lines, code)).version == 4

    asyncio.run(ask())


def test_a_redis_that_says_nothing_is_not_believed(code: str, monkeypatch: pytest.MonkeyPatch) -> None:
    async def ask() -> None:
        async with in_processes(1, Postgres(lambda *_: None)) as (lines,):
            store.write("line", code, made(code, 1))
            await heard(lines, code)
            lines.hub._heard_at -= pubsub.SILENT_S
            assert not lines.hub.hears
            put(code, made(code, 2))
            assert (await newest(lines, code)).version == 2
            await until(lambda: lines.hub.hears)  # the next ping is answered

    asyncio.run(ask())
