"""Rows of lines as Postgres and Redis would give them, and a loader whose Postgres is a function."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any
from uuid import uuid4

import orjson

from core import cache
from core.codes import new_code
from core.json_types import View
from queues import rules, shapes
from queues.edge.lines import Line, Lines
from realtime import store
from realtime.runtime import Runtime


def made(code: str, version: int, *names: str, gone: dict[str, str] | None = None, closed: bool = False) -> shapes.Row:
    """A line of these waiting parties, whose ids are their names."""
    return shapes.ADDED | {
        "version": version,
        "sessionId": str(uuid4()),
        "code": code,
        "eventName": "Friday",
        "maxGuests": 100,
        "paused": False,
        "closed": closed,
        "paceMs": rules.DEFAULT_PACE_MS,
        "gone": gone or {},
        "served": 0,
        "waiting": [party(name, ticket) for ticket, name in enumerate(names, start=1)],
        "called": [],
    }


def party(name: str, ticket: int, status: str = "waiting", **fields: Any) -> View:
    """A party of such a line."""
    return {
        "id": name, "ticket": ticket, "rank": ticket * rules.RANK_STEP, "name": name, "size": 1, "status": status,
        "nearby": False, "joinedAt": 1, "deadline": None, **fields,
    }  # fmt: skip


class Postgres:
    """Records what it is asked; answers once the gate is open."""

    def __init__(self, answer: Callable[..., Any]) -> None:
        self.answer = answer
        self.asked: list[tuple[str, ...]] = []
        self.gate = asyncio.Event()
        self.gate.set()
        self.began = asyncio.Event()

    async def run(self, function: Callable[..., Any], *arguments: Any) -> Any:
        """In place of ThreadJobs.run."""
        self.asked.append((function.__name__, *map(str, arguments)))
        self.began.set()
        await self.gate.wait()
        return self.answer(function, *arguments)


def answers_in_turn(*rows: shapes.Row) -> Callable[..., Any]:
    """The answers of a Postgres that gives one row after the other, then the last one again and again."""
    left = list(rows)
    return lambda *_: left.pop(0) if len(left) > 1 else left[0]


@asynccontextmanager
async def in_processes(count: int, postgres: Postgres) -> AsyncIterator[list[Lines]]:
    """The lines of each of several processes."""
    runtimes = [Runtime(postgres.run) for _ in range(count)]
    try:
        yield [Lines(runtime) for runtime in runtimes]
    finally:
        for runtime in runtimes:
            await runtime.aclose()


async def newest(lines: Lines, code: str) -> Line:
    """The line as the loader gives it; there is one."""
    line = await lines.get(code)
    assert line is not None
    return line


def key(code: str) -> str:
    """The key of the line's row in Redis."""
    return store.key("line", code)


def put(code: str, row: shapes.Row) -> None:
    """Writes the row to Redis without a check of versions and without a message."""
    cache.sync_redis().hset(key(code), mapping={"v": row["version"], "r": row["version"], "row": orjson.dumps(row)})


def fresh_code() -> str:
    """A code that no row in this Redis has."""
    return new_code()
