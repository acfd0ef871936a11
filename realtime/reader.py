"""Reading a line on the event loop: from this process's memory, else from Redis, else, once for everybody who waits, from
Postgres. Nothing here enters Django but that last step, which is one thread job (law 6)."""

import asyncio
import hashlib
import time
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from typing import Any

import orjson
from django.db import Error as DatabaseProblem
from redis.asyncio import Redis

from config.jobpool import Busy
from queues import rules, selectors, shapes
from realtime.cache import Unavailable, async_redis, breaker
from realtime.snapshots import WRITE_IF_NEWER, key, write_arguments

MOST_LINES = 512
MOST_ENDED = 4096
UNKNOWN_FOR_S = 1.0
REBUILD_LOCK_MS = 2_000
LOCK_POLL_S = 0.02
LOCK_POLLS = 25

Run = Callable[..., Awaitable[Any]]


class Unreadable(Exception):
    """Neither Redis nor Postgres can say anything at this moment; asking again is all that helps."""


class Answer:
    """A view as it goes over the wire, with the ETag of its content: 16 hex digits in quotes (contract)."""

    __slots__ = ("body", "etag")

    def __init__(self, view: shapes.View) -> None:
        self.body = orjson.dumps(view)
        self.etag = b'"' + hashlib.blake2b(self.body, digest_size=8).hexdigest().encode() + b'"'


class Line:
    """A line at one version, and the answers made of it so far."""

    __slots__ = ("_answers", "places", "row", "version")

    def __init__(self, row: shapes.Row) -> None:
        self.row = row
        self.version: int = row["version"]
        self.places = shapes.places(row)
        self._answers: dict[str, Answer] = {}

    def answer(self, name: str, shape: Callable[[shapes.Row], shapes.View]) -> Answer:
        """The view `name`, shaped once per version."""
        if (made := self._answers.get(name)) is None:
            made = self._answers[name] = Answer(shape(self.row))
        return made


class Reader:
    """One per process, bound to its event loop. `run` performs a function as a thread job."""

    def __init__(self, run: Run) -> None:
        self._run = run
        self._redis: Redis | None = None
        self._lines: OrderedDict[str, Line] = OrderedDict()
        self._unknown: dict[str, float] = {}
        self._ended: OrderedDict[tuple[str, int], str | None] = OrderedDict()
        self._flights: dict[str, asyncio.Task[Line | None]] = {}

    @property
    def redis(self) -> Redis:
        """Made on first use, inside the loop."""
        if self._redis is None:
            self._redis = async_redis()
        return self._redis

    async def line(self, code: str) -> Line | None:
        """The line with this (upper-case) code, at least as new as anything returned before; None when there is none.

        Raises Unreadable when neither Redis nor Postgres can tell.
        """
        if breaker.closed:
            try:
                if (line := await self._from_redis(code)) is not None:
                    return line
            except Unavailable as problem:
                breaker.trip(problem)
        return await self._single_flight(code)

    async def guest(self, line: Line, party_id: str) -> Answer | None:
        """What one party's phone is told; None for a party that never was in this line. Raises Unreadable as `line`."""
        found = line.places.get(party_id)
        if found is None and party_id not in line.row["gone"]:
            status = await self._status(line, party_id)
            if status in {rules.WAITING, rules.CALLED}:
                # The row is older than the party's place in line: somebody could not write the newer one.
                newer = await self._single_flight(line.row["code"], newer_than=line.version)
                return await self.guest(newer, party_id) if newer is not None and newer.version > line.version else None
            view = shapes.guest(line.row, party_id, found=None, ended=status)
            return Answer(view) if view else None
        return line.answer(party_id, lambda row: shapes.guest(row, party_id, found=found) or {})

    async def aclose(self) -> None:
        """Gives the connections back."""
        if self._redis is not None:
            await self._redis.aclose()

    # ---------------------------------------------------------------------------------------------------------- parts
    async def _from_redis(self, code: str) -> Line | None:
        known = self._lines.get(code)
        if known is not None:
            shown = await self.redis.hget(key(code), "v")
            if shown is None:
                return None
            if int(shown) <= known.version:
                self._lines.move_to_end(code)
                return known
        row = await self.redis.hget(key(code), "row")
        return None if row is None else self._keep(code, Line(orjson.loads(row)))

    def _keep(self, code: str, line: Line) -> Line:
        """Remembers the newest version of a line, and forgets the line least recently asked for."""
        known = self._lines.get(code)
        if known is not None and known.version > line.version:
            return known
        self._lines[code] = line
        self._lines.move_to_end(code)
        if len(self._lines) > MOST_LINES:
            self._lines.popitem(last=False)
        return line

    async def _single_flight(self, code: str, *, newer_than: int = -1) -> Line | None:
        if self._unknown.get(code, 0) > time.monotonic():
            return None
        flight = self._flights.get(code)
        if flight is None:
            flight = asyncio.create_task(self._rebuild(code, newer_than))
            self._flights[code] = flight
            flight.add_done_callback(lambda _: self._flights.pop(code, None))
        # Shielded: one client that goes away must not take the others' answer with it.
        return await asyncio.shield(flight)

    async def _rebuild(self, code: str, newer_than: int) -> Line | None:
        """The row from Postgres; of all processes one rebuilds while the others wait for what it writes."""
        lock = f"{key(code)}:rebuilding"
        mine = False
        if breaker.closed:
            try:
                mine = bool(await self.redis.set(lock, "1", nx=True, px=REBUILD_LOCK_MS))
                for _ in range(0 if mine else LOCK_POLLS):
                    await asyncio.sleep(LOCK_POLL_S)
                    line = await self._from_redis(code)
                    if line is not None and line.version > newer_than:
                        return line
            except Unavailable as problem:
                breaker.trip(problem)
        try:
            row = await self._ask(selectors.current_row, code)
            if row is not None:
                await self._unless_away(self.redis.eval, WRITE_IF_NEWER, 1, key(code), *write_arguments(row))
        finally:
            if mine:
                await self._unless_away(self.redis.delete, lock)
        if row is None:
            if len(self._unknown) > MOST_ENDED:
                self._unknown.clear()
            self._unknown[code] = time.monotonic() + UNKNOWN_FOR_S
            return None
        return self._keep(code, Line(row))

    async def _ask(self, function: Callable[..., Any], *arguments: Any) -> Any:
        """What `function` says in a thread job. Raises Unreadable when Postgres is away or all threads are taken."""
        try:
            return await self._run(function, *arguments)
        except (DatabaseProblem, Busy) as problem:
            raise Unreadable from problem

    async def _unless_away(self, command: Callable[..., Any], *arguments: Any) -> None:
        """A command to Redis that may as well not happen."""
        if breaker.closed:
            try:
                await command(*arguments)
            except Unavailable as problem:
                breaker.trip(problem)

    async def _status(self, line: Line, party_id: str) -> str | None:
        """Postgres's word on a party that is not in the row; kept per version, for an undo may bring it back."""
        wanted = (party_id, line.version)
        if wanted in self._ended:
            return self._ended[wanted]
        status: str | None = await self._ask(selectors.party_status, line.row["sessionId"], party_id)
        if status not in {rules.WAITING, rules.CALLED}:
            self._ended[wanted] = status
            if len(self._ended) > MOST_ENDED:
                self._ended.popitem(last=False)
        return status
