"""realtime/snapshot_cache.py on a real Redis, and a Postgres that counts: one rebuild for all readers, never an older version."""

import asyncio
from typing import Any

import pytest

from core import cache
from queues.edge.lines import Line
from realtime import pubsub
from realtime.snapshot_cache import LOCK_POLL_S, LOCK_POLLS, MOST_KEPT
from tests.queues.line_rows import Postgres, answers_in_turn, fresh_code, in_processes, key, made, newest, put

pytestmark = [pytest.mark.servers, pytest.mark.usefixtures("patient_redis")]


@pytest.fixture
def code() -> str:
    return fresh_code()


@pytest.fixture
def deaf(monkeypatch: pytest.MonkeyPatch) -> None:
    """No message from Redis arrives: each read asks."""
    monkeypatch.setattr(pubsub.Hub, "hears", False)


def test_a_miss_is_rebuilt_once_for_50_who_ask_at_once(code: str) -> None:
    async def ask() -> None:
        postgres = Postgres(answers_in_turn(made(code, 3, "Ada")))
        postgres.gate.clear()
        async with in_processes(1, postgres) as (lines,):
            asking = [asyncio.create_task(lines.get(code)) for _ in range(50)]
            await postgres.began.wait()
            asking += [asyncio.create_task(lines.get(code)) for _ in range(50)]
            postgres.gate.set()
            found = await asyncio.gather(*asking)
        assert {line.version for line in found if line} == {3}
        assert None not in found
        assert postgres.asked == [("current_row", code)]

    asyncio.run(ask())


def test_of_several_processes_one_rebuilds(code: str) -> None:
    async def ask() -> None:
        postgres = Postgres(answers_in_turn(made(code, 3, "Ada")))
        postgres.gate.clear()
        async with in_processes(4, postgres) as processes:
            asking = [asyncio.create_task(each.get(code)) for each in processes for _ in range(10)]
            await postgres.began.wait()
            postgres.gate.set()
            assert {line.version for line in await asyncio.gather(*asking) if line} == {3}
        assert postgres.asked == [("current_row", code)]
        assert cache.sync_redis().exists(f"{key(code)}:rebuilding") == 0

    asyncio.run(ask())


def test_a_process_that_died_over_its_rebuild_holds_up_no_other(code: str) -> None:
    cache.sync_redis().set(f"{key(code)}:rebuilding", "1", px=60_000)

    async def ask() -> None:
        postgres = Postgres(answers_in_turn(made(code, 3, "Ada")))
        async with in_processes(1, postgres) as (lines,), asyncio.timeout(LOCK_POLL_S * LOCK_POLLS * 8):
            line = await lines.get(code)
        assert line is not None
        assert line.version == 3

    asyncio.run(ask())
    assert cache.sync_redis().exists(f"{key(code)}:rebuilding") == 1  # not ours to give back


def test_a_client_that_leaves_cancels_no_other_answer(code: str) -> None:
    async def ask() -> None:
        postgres = Postgres(answers_in_turn(made(code, 3)))
        postgres.gate.clear()
        async with in_processes(1, postgres) as (lines,):
            first = asyncio.create_task(lines.get(code))
            await postgres.began.wait()
            second = asyncio.create_task(lines.get(code))
            first.cancel()
            postgres.gate.set()
            assert await second is not None
        assert len(postgres.asked) == 1

    asyncio.run(ask())


def test_an_unknown_line_is_asked_for_once_a_second(code: str) -> None:
    async def ask() -> None:
        postgres = Postgres(lambda *_: None)
        async with in_processes(1, postgres) as (lines,):
            assert [await lines.get(code) for _ in range(20)] == [None] * 20
            assert len(postgres.asked) == 1
            # It comes to be, and is known at once: its row is looked for first.
            put(code, made(code, 1))
            assert await lines.get(code) is not None

    asyncio.run(ask())


def test_a_failure_of_postgres_fails_only_those_who_ask_now(code: str) -> None:
    async def ask() -> None:
        answers: list[Any] = [RuntimeError("away"), made(code, 3)]

        def answer(*_: Any) -> Any:
            now = answers.pop(0)
            if isinstance(now, Exception):
                raise now
            return now

        postgres = Postgres(answer)
        async with in_processes(1, postgres) as (lines,):
            asking = [asyncio.create_task(lines.get(code)) for _ in range(5)]
            outcomes = await asyncio.gather(*asking, return_exceptions=True)
            assert {type(outcome) for outcome in outcomes} == {RuntimeError}
            line = await lines.get(code)
            assert line is not None

    asyncio.run(ask())


@pytest.mark.usefixtures("deaf")
def test_what_was_shown_once_is_never_replaced_by_something_older(code: str) -> None:
    async def ask() -> None:
        postgres = Postgres(answers_in_turn(made(code, 7)))
        async with in_processes(1, postgres) as (lines,):
            put(code, made(code, 9, "Ada"))
            assert (await newest(lines, code)).version == 9
            put(code, made(code, 8))  # an older row in Redis
            assert (await newest(lines, code)).version == 9
            cache.sync_redis().delete(key(code))  # and a rebuild that began before
            assert (await newest(lines, code)).version == 9
            put(code, made(code, 10))
            assert (await newest(lines, code)).version == 10

    asyncio.run(ask())


@pytest.mark.usefixtures("deaf")
def test_a_row_in_memory_is_asked_for_by_version_only(code: str) -> None:
    """The row itself crosses the wire once a version."""

    async def ask() -> None:
        async with in_processes(1, Postgres(lambda *_: None)) as (lines,):
            put(code, made(code, 1, *(f"Guest {index}" for index in range(500))))
            first = await newest(lines, code)
            cache.sync_redis().hset(key(code), "row", b"not JSON at all")
            assert await newest(lines, code) is first

    asyncio.run(ask())


def test_memory_is_bounded(code: str) -> None:
    async def ask() -> None:
        async with in_processes(1, Postgres(lambda _, code: made(code, 1))) as (lines,):
            for index in range(MOST_KEPT + 5):
                lines.cache._keep(f"{code}{index}", Line(made(code, 1)))
            assert len(lines.cache._items) == MOST_KEPT
            assert f"{code}0" not in lines.cache._items

    asyncio.run(ask())
