"""realtime/loaders.py on a real Redis, and a Postgres that counts: one rebuild for everybody, never an older version."""

import asyncio
from collections.abc import Callable, Iterator
from typing import Any

import orjson
import pytest
from pytest_django.fixtures import Settings
from redis import Redis

from core import cache
from queues import shapes
from queues.edge.lines import Line, Lines
from realtime import pubsub, store
from realtime.snapshot_cache import LOCK_POLL_S, LOCK_POLLS, MOST_KEPT
from realtime.store import WRITE_IF_NEWER, write_arguments
from tests.queues.line_rows import Postgres, fresh_code, in_processes, made

pytestmark = pytest.mark.servers


@pytest.fixture(autouse=True)
def patient_and_closed(settings: Settings) -> Iterator[None]:
    """On a busy machine a slow Redis is no lost one; and one test's outage must not be the next one's."""
    settings.REDIS_TIMEOUT_S = 10
    cache.breaker._until = 0.0
    yield
    cache.breaker._until = 0.0


@pytest.fixture
def deaf(monkeypatch: pytest.MonkeyPatch) -> None:
    """Redis cannot be heard: each read asks."""
    monkeypatch.setattr(pubsub.Hub, "hears", False)


@pytest.fixture
def code() -> str:
    return fresh_code()


def key(code: str) -> str:
    """Of the line's row."""
    return store.key("line", code)


def put(code: str, row: shapes.Row) -> None:
    """Into Redis, whatever is there."""
    cache.sync_redis().hset(key(code), mapping={"v": row["version"], "r": row["version"], "row": orjson.dumps(row)})


def with_rows(*rows: shapes.Row) -> Callable[..., Any]:
    """A Postgres that answers one row after the other, and the last for ever."""
    left = list(rows)
    return lambda *_: left.pop(0) if len(left) > 1 else left[0]


# ----------------------------------------------------------------------------------------------------------- one rebuild
def test_a_miss_is_rebuilt_once_for_50_who_ask_at_once(code: str) -> None:
    async def ask() -> None:
        postgres = Postgres(with_rows(made(code, 3, "Ada")))
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
        postgres = Postgres(with_rows(made(code, 3, "Ada")))
        postgres.gate.clear()
        async with in_processes(4, postgres) as processes:
            asking = [asyncio.create_task(each.get(code)) for each in processes for _ in range(10)]
            await postgres.began.wait()
            postgres.gate.set()
            assert {line.version for line in await asyncio.gather(*asking) if line} == {3}
        assert postgres.asked == [("current_row", code)]
        assert cache.sync_redis().exists(f"{key(code)}:rebuilding") == 0

    asyncio.run(ask())


def test_a_process_that_died_over_its_rebuild_holds_nobody_up(code: str) -> None:
    cache.sync_redis().set(f"{key(code)}:rebuilding", "1", px=60_000)

    async def ask() -> None:
        postgres = Postgres(with_rows(made(code, 3, "Ada")))
        async with in_processes(1, postgres) as (lines,), asyncio.timeout(LOCK_POLL_S * LOCK_POLLS * 8):
            line = await lines.get(code)
        assert line is not None
        assert line.version == 3

    asyncio.run(ask())
    assert cache.sync_redis().exists(f"{key(code)}:rebuilding") == 1  # not ours to give back


def test_one_client_that_leaves_takes_nobodys_answer_along(code: str) -> None:
    async def ask() -> None:
        postgres = Postgres(with_rows(made(code, 3)))
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


def test_a_postgres_that_fails_fails_those_who_ask_now_and_nobody_later(code: str) -> None:
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


# ----------------------------------------------------------------------------------------------------------- never older
@pytest.mark.usefixtures("deaf")
def test_what_was_shown_once_is_never_replaced_by_something_older(code: str) -> None:
    async def ask() -> None:
        postgres = Postgres(with_rows(made(code, 7)))
        async with in_processes(1, postgres) as (lines,):
            put(code, made(code, 9, "Ada"))
            assert (await shown(lines, code)).version == 9
            put(code, made(code, 8))  # an older row in Redis
            assert (await shown(lines, code)).version == 9
            cache.sync_redis().delete(key(code))  # and a rebuild that began before
            assert (await shown(lines, code)).version == 9
            put(code, made(code, 10))
            assert (await shown(lines, code)).version == 10

    asyncio.run(ask())


async def shown(lines: Lines, code: str) -> Line:
    line = await lines.get(code)
    assert line is not None
    return line


@pytest.mark.usefixtures("deaf")
def test_a_row_in_memory_is_asked_for_by_version_only(code: str) -> None:
    """The row itself crosses the wire once a version."""

    async def ask() -> None:
        async with in_processes(1, Postgres(lambda *_: None)) as (lines,):
            put(code, made(code, 1, *(f"Guest {index}" for index in range(500))))
            first = await shown(lines, code)
            cache.sync_redis().hset(key(code), "row", b"not JSON at all")
            assert await shown(lines, code) is first

    asyncio.run(ask())


# ------------------------------------------------------------------------------------------------- hearing of each write
async def until(condition: Callable[[], Any]) -> None:
    """Waits until it holds, or for what it awaits."""
    async with asyncio.timeout(10):
        while not (found := condition()) or (asyncio.iscoroutine(found) and not await found):
            await asyncio.sleep(0.005)


async def heard(lines: Lines, code: str) -> None:
    """Reads until the row is the newest by the hub's word."""
    lines.hub.start()
    await until(lambda: lines.hub.hears)
    await shown(lines, code)


def test_what_was_read_is_the_newest_until_redis_tells_otherwise(code: str) -> None:
    async def ask() -> None:
        async with in_processes(1, Postgres(lambda *_: None)) as (lines,):
            store.write("line", code, made(code, 1))
            await heard(lines, code)
            put(code, made(code, 2))  # not told
            assert [(await shown(lines, code)).version for _ in range(5)] == [1] * 5
            store.write("line", code, made(code, 3))
            await until(lambda: is_at(lines, code, 3))

    async def is_at(lines: Lines, code: str, version: int) -> bool:
        return (await shown(lines, code)).version == version

    asyncio.run(ask())


def test_a_write_of_this_process_is_known_before_its_answer(code: str, monkeypatch: pytest.MonkeyPatch) -> None:
    async def ask() -> None:
        async with in_processes(1, Postgres(lambda *_: None)) as (lines,):
            monkeypatch.setattr(store, "changed_here", [lines.hub.changed_here])
            for version in range(1, 30):
                put(code, made(code, version))  # not told by Redis
                await asyncio.to_thread(store.changed, "line", code)
                assert (await shown(lines, code)).version == version
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
            put(code, made(code, 2))  # told while nobody listened
            await until(lambda: lines.hub.period > period)
            assert (await shown(lines, code)).version == 2

    asyncio.run(ask())


def test_what_is_told_during_a_read_is_read_again(code: str) -> None:
    async def ask() -> None:
        postgres = Postgres(with_rows(made(code, 3), made(code, 4)))
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
            assert (await shown(lines, code)).version == 4

    asyncio.run(ask())


def test_a_redis_that_says_nothing_is_not_believed(code: str, monkeypatch: pytest.MonkeyPatch) -> None:
    async def ask() -> None:
        async with in_processes(1, Postgres(lambda *_: None)) as (lines,):
            store.write("line", code, made(code, 1))
            await heard(lines, code)
            lines.hub._heard_at -= pubsub.SILENT_S
            assert not lines.hub.hears
            put(code, made(code, 2))
            assert (await shown(lines, code)).version == 2
            await until(lambda: lines.hub.hears)  # the next ping is answered

    asyncio.run(ask())


def test_memory_is_bounded(code: str) -> None:
    async def ask() -> None:
        async with in_processes(1, Postgres(lambda _, code: made(code, 1))) as (lines,):
            for index in range(MOST_KEPT + 5):
                lines.cache._keep(f"{code}{index}", Line(made(code, 1)))
            assert len(lines.cache._items) == MOST_KEPT
            assert f"{code}0" not in lines.cache._items

    asyncio.run(ask())


# --------------------------------------------------------------------------------------------------------------- guests
def view(answer: Any) -> Any:
    return answer and orjson.loads(answer.body)


def test_a_party_that_left_the_row_is_answered_from_postgres_once_a_version(code: str) -> None:
    async def ask() -> None:
        postgres = Postgres(lambda *_: "kicked")
        async with in_processes(1, postgres) as (lines,):
            line = Line(made(code, 3))
            for _ in range(5):
                assert view(await lines.guest(line, "gone")) == {"type": "removed", "reason": "kicked"}
            assert len(postgres.asked) == 1

    asyncio.run(ask())


def test_a_party_in_the_row_needs_no_postgres(code: str) -> None:
    async def ask() -> None:
        postgres = Postgres(lambda *_: None)
        async with in_processes(1, postgres) as (lines,):
            line = Line(made(code, 3, "a", "b", gone={"c": "left", "d": "closed"}))
            assert view(await lines.guest(line, "b"))["position"] == 2
            assert view(await lines.guest(line, "c")) == {"type": "removed", "reason": "left"}
            assert view(await lines.guest(line, "d")) == {"type": "closed"}
            assert postgres.asked == []
            assert await lines.guest(line, "host") is None

    asyncio.run(ask())


def test_a_party_younger_than_the_row_is_never_unknown(code: str) -> None:
    """A row that was not written, for Redis hiccupped, must not tell the guest who just joined that there is no such party."""
    stale, fresh = made(code, 3, "a"), made(code, 4, "a", "new")

    async def ask() -> None:
        postgres = Postgres(lambda function, *_: fresh if function.__name__ == "current_row" else "waiting")
        async with in_processes(1, postgres) as (lines,):
            put(code, stale)
            line = await shown(lines, code)
            assert view(await lines.guest(line, "new"))["position"] == 2
            # And the row is put right for everybody else.
            assert (await shown(lines, code)).version == 4
            found = cache.sync_redis().hget(key(code), "v")
            assert found == b"4"

    asyncio.run(ask())


# ----------------------------------------------------------------------------------------------------------- the Lua script
def write(redis: Redis, row: shapes.Row) -> int:
    done: int = redis.eval(WRITE_IF_NEWER, 1, key(row["code"]), *write_arguments(row))
    return done


def test_the_row_in_redis_is_never_replaced_by_an_older_version(code: str) -> None:
    redis = cache.sync_redis()
    assert write(redis, made(code, 5, "five")) == 1
    assert write(redis, made(code, 4, "four")) == 0
    assert redis.hget(key(code), "v") == b"5"
    assert b"five" in (redis.hget(key(code), "row") or b"")
    assert write(redis, made(code, 10, "ten")) == 1  # as numbers, not as words
    assert write(redis, made(code, 9, "nine")) == 0
    assert b"ten" in (redis.hget(key(code), "row") or b"")


def test_the_same_version_again_renews_the_rows_life(code: str) -> None:
    redis = cache.sync_redis()
    write(redis, made(code, 5))
    redis.pexpire(key(code), 5)
    assert write(redis, made(code, 5)) == 1
    assert redis.pttl(key(code)) > 20_000
