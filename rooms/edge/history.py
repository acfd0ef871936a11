"""A room's history in this process: each read adds newer ticks, from Redis, or from Postgres where Redis has no such room."""

from bisect import bisect_right
from collections.abc import Callable
from uuid import UUID

import orjson
from redis.asyncio import Redis

from core.cache import breaker
from realtime.postgres import Run, ask
from rooms import selectors
from rooms.edge import store
from rooms.models import Room
from rooms.ticks import Tick, data, for_live_graph

# A message with a longer history than this is several (contract).
MOST_PER_MESSAGE = 1_000
# The version of a closed room, which changes no more: above any second.
CLOSED = 2**62


class History:
    """All ticks so far. Grows in place."""

    def __init__(self) -> None:
        self.ticks: list[Tick] = []
        self.closed = False
        self._encoded: tuple[int, int, list[str]] = (-1, -1, [])
        self._full: dict[int, str] = {}
        self._thinned: tuple[int, int, int, bytes] = (-1, -1, -1, b"")

    @property
    def last(self) -> int:
        """The last second counted."""
        return self.ticks[-1].ts if self.ticks else 0

    @property
    def version(self) -> int:
        """The last second, or CLOSED (realtime/topics.py: State)."""
        return CLOSED if self.closed else self.last

    def add(self, ticks: list[Tick]) -> None:
        """Ticks newer than the last, oldest first; others are passed over."""
        self.ticks += [tick for tick in ticks if tick.ts > self.last]

    def after(self, ts: int) -> list[Tick]:
        """The ticks after a second."""
        return self.ticks[bisect_right(self.ticks, ts, key=lambda tick: tick.ts) :]

    def messages(self, *, after: int) -> list[str]:
        """The contract's messages of the ticks after a second; encoded once for all clients that know the same ones."""
        if self._encoded[:2] != (after, self.last):
            first = len(self.ticks) - len(self.after(after))
            parts = range(first, len(self.ticks), MOST_PER_MESSAGE)
            self._encoded = (after, self.last, [self._message(start) for start in parts])
        return self._encoded[2]

    def view(self, *, after: int) -> orjson.Fragment:
        """The ticks after a second, however many, as one message."""
        parts = (text.removeprefix('{"data":[').removesuffix("]}") for text in self.messages(after=after))
        return orjson.Fragment('{"data":[' + ",".join(parts) + "]}")

    def thinned_view(self, *, after: int, points: int) -> orjson.Fragment:
        """The same for a graph (rooms/ticks.py: for_live_graph); made once a second for all clients that ask for as many."""
        if self._thinned[:3] != (after, points, self.last):
            made = orjson.dumps(data(for_live_graph(self.after(after), points)))
            self._thinned = (after, points, self.last, made)
        return orjson.Fragment(self._thinned[3])

    def _message(self, start: int) -> str:
        """The message that begins with the tick of this index. Those that every late-comer gets are made once."""
        if start in self._full:
            return self._full[start]
        ticks = self.ticks[start : start + MOST_PER_MESSAGE]
        made = orjson.dumps(data(ticks)).decode()
        if len(ticks) == MOST_PER_MESSAGE and start % MOST_PER_MESSAGE == 0:
            self._full[start] = made
        return made


class Feed:
    """Reads one room's newer ticks."""

    def __init__(self, room_id: UUID, *, redis: Callable[[], Redis], run: Run) -> None:
        self._id = room_id
        self._redis = redis
        self._run = run
        self._history = History()

    async def read(self) -> History | None:
        """The history as it is now, the same object each time; None for an unknown or deleted room.

        Raises Unreadable when neither Redis nor Postgres can tell.
        """
        history = self._history
        if history.closed and await ask(self._run, selectors.status_of, self._id) is not None:
            return history
        if breaker.closed:
            with breaker:
                meta, *_, ticks = store.keys(self._id)
                pipeline = self._redis().pipeline(transaction=False)
                pipeline.hget(meta, "open")
                pipeline.zrangebyscore(ticks, f"({history.last}", "+inf")
                is_open, found = await pipeline.execute()
                if is_open == b"1":
                    history.add([store.tick_of(member) for member in found])
                    return history
        return await self._from_postgres()

    async def _from_postgres(self) -> History | None:
        """Redis does not know the room (it is closed, deleted, or lost), or is away."""
        status, complete, kept = await ask(self._run, _kept, self._id, self._history.last)
        if status is None:
            return None
        self._history.add(kept)
        # Closed for its followers only once the last ticks can be read.
        self._history.closed = status == Room.Status.CLOSED and complete
        return self._history


def _kept(room_id: UUID, after: int) -> tuple[str | None, bool, list[Tick]]:
    """The room's state and kept ticks, asked in a thread job."""
    row = Room.objects.filter(pk=room_id).values_list("status", "complete").first()
    return (*row, selectors.kept(room_id, after=after)) if row is not None else (None, False, [])
