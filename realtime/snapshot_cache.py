"""Snapshots on the event loop: from this process's memory, else from Redis, else from Postgres, in one read for all who wait.
Only that last step enters Django, as one thread job (law 6)."""

import asyncio
import time
from collections import OrderedDict
from collections.abc import Callable
from typing import Any, Generic, Self, TypeVar

import orjson
from redis.asyncio import Redis

from core.cache import breaker
from realtime import broadcast, store
from realtime.conditional import Answer
from realtime.postgres import Run, ask
from realtime.pubsub import UNKNOWN, Hub

MOST_KEPT = 512
MOST_UNKNOWN = 4096
UNKNOWN_FOR_S = 1.0
REBUILD_LOCK_MS = 2_000
LOCK_POLL_S = 0.02
LOCK_POLLS = 25

Row = dict[str, Any]


class Snapshot:
    """A line or poll at one version, and the answers made from it so far."""

    __slots__ = ("_answers", "long", "row", "version")

    def __init__(self, row: Row) -> None:
        self.row = row
        # Whether to ask Postgres only for what changed since this version.
        self.long = False
        self.version: int = row["version"]
        self._answers: dict[str, Answer] = {}

    def after(self, changes: Row) -> Self | None:
        """This snapshot with the changes applied; None when they do not fit."""
        return None

    def remember(self, before: Self) -> None:
        """Takes over what it needs from the snapshot `before` it."""

    def answer(self, name: str, shape: Callable[[Row], object], *, shared: bool = False) -> Answer:
        """The view `name`, shaped once per version; `shared` as in Answer."""
        if (made := self._answers.get(name)) is None:
            made = self._answers[name] = Answer(shape(self.row), shared=shared)
        return made

    def made(self, name: str) -> Answer | None:
        """The view `name`, if it was shaped already."""
        return self._answers.get(name)


Item = TypeVar("Item", bound=Snapshot)


class SnapshotCache(Generic[Item]):
    """The snapshots of one kind (realtime/store.py) in one process.

    `read(name)` gives a row from Postgres, or None; `newer(name, version)` gives the changes after a version, a row, or None.
    Both run as thread jobs of `run`. `completed` adds what a row lacks that an older release left in Redis, or gives None;
    `make` turns a row into a snapshot; `redis()` is the loop's client.

    While `hub` hears of every write, a snapshot is the newest until the hub tells of a newer one: no query is needed.
    """

    def __init__(
        self,
        kind: str,
        *,
        read: Callable[[str], Row | None],
        newer: Callable[[str, int], Row | None] | None = None,
        completed: Callable[[Row], Row | None],
        make: Callable[[Row], Item],
        run: Run,
        redis: Callable[[], Redis],
        hub: Hub,
    ) -> None:
        self._kind = kind
        self._prefix = store.key(kind, "").rstrip(":")
        self._read = read
        self._newer = newer or (lambda name, _: read(name))
        self._completed = completed
        self._make = make
        self._run = run
        self._redis = redis
        self._hub = hub
        hub.listeners.append(self._told)
        # The period of the hub in which each was read; and the newest versions that it told of.
        self._read_in: dict[str, int] = {}
        self._newest: OrderedDict[str, int] = OrderedDict()
        # Of these, versions that a writer named: they are in Postgres.
        self._promised: dict[str, int] = {}
        self._items: OrderedDict[str, Item] = OrderedDict()
        self._unknown: dict[str, float] = {}
        self._flights: dict[str, asyncio.Task[Item | None]] = {}

    async def get(self, name: str) -> Item | None:
        """The snapshot of this name, at least as new as any returned before; None when there is none.

        Raises Unreadable when neither Redis nor Postgres answers.
        """
        if (known := self.current(name)) is not None:
            return known
        self._hub.start()
        period = self._hub.period if self._hub.hears else -1
        item = await self._ask(name)
        if item is not None:
            # A newer version was told while this one was read: read again next time.
            self._read_in[name] = period if item.version >= self._newest.get(name, -1) else -1
        return item

    def current(self, name: str) -> Item | None:
        """The snapshot in memory, if this process was told of no newer one and would have been."""
        if self._read_in.get(name) != self._hub.period or not self._hub.hears:
            return None
        self._items.move_to_end(name)
        return self._items[name]

    def last_known(self, name: str) -> Item | None:
        """The snapshot as last read. May be stale; use only for immutable fields."""
        return self._items.get(name)

    def _believes_redis(self) -> bool:
        return breaker.closed and not self._hub.deaf

    async def _ask(self, name: str) -> Item | None:
        if self._believes_redis():
            with breaker:
                found, item = await self._from_redis(name)
                if found:
                    return item
        return await self.rebuilt(name)

    def _told(self, at: str, version: int, changes: Row | None) -> None:
        """Listener of the hub: there is a newer version."""
        prefix, _, name = at.rpartition(":")
        if prefix != self._prefix:
            return
        item = self._items.get(name)
        if item is not None and changes is not None and (after := item.after(changes)) is not None:
            item = self._items[name] = after
        if version == UNKNOWN:
            version = item.version + 1 if item is not None else 0
        else:
            self._promised[name] = max(version, self._promised.get(name, -1))
        self._newest[name] = max(version, self._newest.get(name, -1))
        self._newest.move_to_end(name)
        if len(self._newest) > MOST_UNKNOWN:
            forgotten, _ = self._newest.popitem(last=False)
            self._promised.pop(forgotten, None)
        if item is not None and item.version < version:
            self._read_in.pop(name, None)

    async def rebuilt(self, name: str, *, newer_than: int = -1) -> Item | None:
        """The snapshot from Postgres, in one read for all requests that come before it has ended. Raises Unreadable."""
        if self._unknown.get(name, 0) > time.monotonic():
            return None
        flight = self._flights.get(name)
        if flight is None:
            flight = asyncio.create_task(self._rebuild(name, newer_than))
            self._flights[name] = flight
            flight.add_done_callback(lambda _: self._flights.pop(name, None))
        # Shielded: one client that leaves must not cancel the answer of the others.
        return await asyncio.shield(flight)

    # ---------------------------------------------------------------------------------------------------------- parts
    async def _from_redis(self, name: str) -> tuple[bool, Item | None]:
        """Whether Redis (or, by its version, our memory) has it, and the snapshot; (True, None) for what was deleted."""
        at = store.key(self._kind, name)
        known = self._items.get(name)
        told, of_row = await self._redis().hmget(at, "v", "r")
        # Older than what was told: Redis takes no writes. Its row is stale, and so is ours.
        if told is None or int(told) < self._promised.get(name, -1):
            return False, None
        if known is not None and int(told) <= known.version:
            self._items.move_to_end(name)
            return True, known
        if known is not None and int(of_row or told) <= known.version:
            return False, None
        text = await self._redis().hget(at, "row")
        if text is None:
            return False, None
        row = orjson.loads(text)
        if row is None:
            self._forget(name)
            return True, None
        if (row := self._completed(row)) is None:
            return False, None
        item = self._keep(name, self._make(row))
        # A version may have been told that the row does not have yet; Postgres has it.
        return (True, item) if item.version >= int(told) else (False, None)

    def _keep(self, name: str, item: Item) -> Item:
        """Keeps the newest version; evicts the least recently used snapshot."""
        known = self._items.get(name)
        if known is not None and known.version > item.version:
            return known
        if known is not None and known.version < item.version:
            item.remember(known)
        self._items[name] = item
        self._items.move_to_end(name)
        if len(self._items) > MOST_KEPT:
            self._forget(next(iter(self._items)))
        return item

    def _forget(self, name: str) -> None:
        self._items.pop(name, None)
        self._read_in.pop(name, None)

    async def _rebuild(self, name: str, newer_than: int) -> Item | None:
        """The snapshot from Postgres. One process rebuilds; the others wait for the row that it writes."""
        if (known := self._long(name)) is not None:
            return await self._caught_up(name, known)
        lock = f"{store.key(self._kind, name)}:rebuilding"
        mine = False
        with breaker:
            if self._believes_redis():
                mine = bool(await self._redis().set(lock, "1", nx=True, px=REBUILD_LOCK_MS))
                # The holder of the lock looks once, too: the one before it may have just written the row.
                for _ in range(1 if mine else LOCK_POLLS):
                    if not mine:
                        await asyncio.sleep(LOCK_POLL_S)
                    found, item = await self._from_redis(name)
                    if found and (item is None or item.version > newer_than):
                        if mine:
                            await self._unless_away("delete", lock)
                        return item
        try:
            if (known := self._long(name)) is not None:
                return await self._caught_up(name, known)
            return await self._taken(name, await self._from_postgres(name, self._read, name))
        finally:
            if mine:
                await self._unless_away("delete", lock)

    def _long(self, name: str) -> Item | None:
        """The snapshot in memory, if it is so long that only the changes should be read."""
        known = self._items.get(name)
        return known if known is not None and known.long else None

    async def _caught_up(self, name: str, known: Item) -> Item | None:
        """A long snapshot with the changes since its version, read from Postgres, applied."""
        news = await self._from_postgres(name, self._newer, name, known.version)
        if news is None or "since" not in news:
            return await self._taken(name, news)
        # News that came during the read may have made it newer.
        known = self._items.get(name, known)
        if news["version"] <= known.version:
            return known
        if (after := known.after(news)) is not None:
            return self._keep(name, after)
        return await self._taken(name, await self._from_postgres(name, self._read, name))

    async def _from_postgres(self, name: str, read: Callable[..., Row | None], *arguments: Any) -> Row | None:
        """What a thread job reads. A version that was told but is not in Postgres need not be in Redis either.

        Raises Unreadable.
        """
        promised = self._promised.get(name)
        row: Row | None = await ask(self._run, read, *arguments)
        if row is not None and promised is not None and self._promised.get(name) == promised:
            self._promised[name] = min(promised, row["version"])
        return row

    async def _taken(self, name: str, row: Row | None) -> Item | None:
        """Writes a row from Postgres to Redis and keeps it. None (no such thing) is remembered for UNKNOWN_FOR_S."""
        if row is None:
            self._forget(name)
            if len(self._unknown) > MOST_UNKNOWN:
                self._unknown.clear()
            self._unknown[name] = time.monotonic() + UNKNOWN_FOR_S
            return None
        at = store.key(self._kind, name)
        if await self._unless_away("eval", store.WRITE_IF_NEWER, 1, at, *store.write_arguments(row)):
            broadcast.tell(at, row["version"])
        return self._keep(name, self._make(row))

    async def _unless_away(self, command: str, *arguments: Any) -> Any:
        """Redis's answer to a best-effort command; None when there is none."""
        if breaker.closed:
            with breaker:
                return await getattr(self._redis(), command)(*arguments)
        return None
