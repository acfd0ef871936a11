"""queues/edge/lines.py on a real Redis: what one guest's party is shown, from the row, else from Postgres."""

import asyncio
from typing import Any

import orjson
import pytest

from core import cache
from queues.edge.lines import Line
from tests.queues.line_rows import Postgres, fresh_code, in_processes, key, made, newest, put

pytestmark = [pytest.mark.servers, pytest.mark.usefixtures("patient_redis")]


@pytest.fixture
def code() -> str:
    return fresh_code()


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
            line = await newest(lines, code)
            assert view(await lines.guest(line, "new"))["position"] == 2
            # And the row is repaired for all others.
            assert (await newest(lines, code)).version == 4
            found = cache.sync_redis().hget(key(code), "v")
            assert found == b"4"

    asyncio.run(ask())
