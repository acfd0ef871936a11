"""Rows on the event loop: from this process's memory, else from Redis, else, once for everybody who waits, from Postgres.
Nothing here enters Django but that last step, which is one thread job (law 6)."""

import asyncio
import time
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from typing import Any, Generic, TypeVar

import orjson
from django.db import Error as DatabaseProblem
from redis.asyncio import Redis

from config.jobpool import Busy
from realtime import store
from realtime.answers import Answer
from realtime.cache import Unavailable, breaker

MOST_KEPT = 512
MOST_UNKNOWN = 4096
UNKNOWN_FOR_S = 1.0
REBUILD_LOCK_MS = 2_000
LOCK_POLL_S = 0.02
LOCK_POLLS = 25

Row = dict[str, Any]
Run = Callable[..., Awaitable[Any]]


class Unreadable(Exception):
    """Neither Redis nor Postgres can say anything at this moment; asking again is all that helps."""


class Shown:
    """A line or poll at one version, and the answers made of it so far."""

    __slots__ = ("_answers", "row", "version")

    def __init__(self, row: Row) -> None:
        self.row = row
        self.version: int = row["version"]
        self._answers: dict[str, Answer] = {}

    def answer(self, name: str, shape: Callable[[Row], object]) -> Answer:
        """The view `name`, shaped once per version."""
        if (made := self._answers.get(name)) is None:
            made = self._answers[name] = Answer(shape(self.row))
        return made


Item = TypeVar("Item", bound=Shown)


async def ask(run: Run, function: Callable[..., Any], *arguments: Any) -> Any:
    """What `function` says in a thread job. Raises Unreadable when Postgres is away or all threads are taken."""
    try:
        return await run(function, *arguments)
    except (DatabaseProblem, Busy) as problem:
        raise Unreadable from problem


class Rows(Generic[Item]):
    """The rows of one kind (realtime/store.py) in one process. `read(name)` gives a row from Postgres, or None; it runs as
    a thread job of `run`. `make` turns it into what is kept; `redis()` is the loop's client."""

    def __init__(
        self,
        kind: str,
        *,
        read: Callable[[str], Row | None],
        make: Callable[[Row], Item],
        run: Run,
        redis: Callable[[], Redis],
    ) -> None:
        self._kind = kind
        self._read = read
        self._make = make
        self._run = run
        self._redis = redis
        self._items: OrderedDict[str, Item] = OrderedDict()
        self._unknown: dict[str, float] = {}
        self._flights: dict[str, asyncio.Task[Item | None]] = {}

    async def get(self, name: str) -> Item | None:
        """The row of this name, at least as new as anything returned before; None when there is none.

        Raises Unreadable when neither Redis nor Postgres can tell.
        """
        if breaker.closed:
            try:
                found, item = await self._from_redis(name)
                if found:
                    return item
            except Unavailable as problem:
                breaker.trip(problem)
        return await self.rebuilt(name)

    async def rebuilt(self, name: str, *, newer_than: int = -1) -> Item | None:
        """The row from Postgres, read once for all who ask meanwhile. Raises Unreadable."""
        if self._unknown.get(name, 0) > time.monotonic():
            return None
        flight = self._flights.get(name)
        if flight is None:
            flight = asyncio.create_task(self._rebuild(name, newer_than))
            self._flights[name] = flight
            flight.add_done_callback(lambda _: self._flights.pop(name, None))
        # Shielded: one client that goes away must not take the others' answer with it.
        return await asyncio.shield(flight)

    # ---------------------------------------------------------------------------------------------------------- parts
    async def _from_redis(self, name: str) -> tuple[bool, Item | None]:
        """Whether Redis (or, by its version, our memory) knows, and the item; (True, None) for what was deleted."""
        at = store.key(self._kind, name)
        known = self._items.get(name)
        if known is not None:
            shown = await self._redis().hget(at, "v")
            if shown is None:
                return False, None
            if int(shown) <= known.version:
                self._items.move_to_end(name)
                return True, known
        text = await self._redis().hget(at, "row")
        if text is None:
            return False, None
        row = orjson.loads(text)
        if row is None:
            self._items.pop(name, None)
            return True, None
        return True, self._keep(name, self._make(row))

    def _keep(self, name: str, item: Item) -> Item:
        """Remembers the newest version, and forgets the row least recently asked for."""
        known = self._items.get(name)
        if known is not None and known.version > item.version:
            return known
        self._items[name] = item
        self._items.move_to_end(name)
        if len(self._items) > MOST_KEPT:
            self._items.popitem(last=False)
        return item

    async def _rebuild(self, name: str, newer_than: int) -> Item | None:
        """The row from Postgres; of all processes one rebuilds while the others wait for what it writes."""
        at = store.key(self._kind, name)
        lock = f"{at}:rebuilding"
        mine = False
        if breaker.closed:
            try:
                mine = bool(await self._redis().set(lock, "1", nx=True, px=REBUILD_LOCK_MS))
                for _ in range(0 if mine else LOCK_POLLS):
                    await asyncio.sleep(LOCK_POLL_S)
                    found, item = await self._from_redis(name)
                    if found and (item is None or item.version > newer_than):
                        return item
            except Unavailable as problem:
                breaker.trip(problem)
        try:
            row = await ask(self._run, self._read, name)
            if row is not None:
                await self._unless_away("eval", store.WRITE_IF_NEWER, 1, at, *store.write_arguments(row))
        finally:
            if mine:
                await self._unless_away("delete", lock)
        if row is None:
            self._items.pop(name, None)
            if len(self._unknown) > MOST_UNKNOWN:
                self._unknown.clear()
            self._unknown[name] = time.monotonic() + UNKNOWN_FOR_S
            return None
        return self._keep(name, self._make(row))

    async def _unless_away(self, command: str, *arguments: Any) -> None:
        """A command to Redis that may as well not happen."""
        if breaker.closed:
            try:
                await getattr(self._redis(), command)(*arguments)
            except Unavailable as problem:
                breaker.trip(problem)
