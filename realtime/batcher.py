"""What comes in while a batch is being recorded makes the next batch (law 7: ballots; decision 0014: joins of one line).

No fixed delay: what comes alone is recorded alone, at once; what a crowd sends goes in hundreds.
"""

import asyncio
import logging
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from typing import Generic, TypeVar

from django.db import DatabaseError, InterfaceError, OperationalError

from core.privacy import said
from realtime.django.jobpool import Busy

logger = logging.getLogger(__name__)

One = TypeVar("One")
Outcome = TypeVar("Outcome")


class NotRecorded(Exception):
    """Nobody knows of this, or only Postgres does. The same again (by its id or key) is safe, and the remedy."""


class Box(Generic[One, Outcome]):
    """Bound to one event loop. `record` gives an outcome for each of at most `most`, all or nothing; at most `most_waiting`
    wait for it. One batch at a time: two are half as large and cost more (decision 0009)."""

    def __init__(
        self, record: Callable[[Sequence[One]], Awaitable[list[Outcome]]], *, most: int, most_waiting: int
    ) -> None:
        self._record = record
        self._most = most
        self._most_waiting = most_waiting
        self._waiting: deque[tuple[One, asyncio.Future[Outcome]]] = deque()
        self._batch: asyncio.Task[None] | None = None
        self._scheduled = False

    @property
    def waiting(self) -> int:
        """How many are in no batch yet."""
        return len(self._waiting)

    @property
    def idle(self) -> bool:
        """Whether nothing is in it or on its way."""
        return not self._waiting and self._batch is None

    async def put(self, one: One) -> Outcome:
        """What became of it, once that is committed. Raises NotRecorded when the box is full or Postgres away."""
        if len(self._waiting) >= self._most_waiting:
            raise NotRecorded
        loop = asyncio.get_running_loop()
        outcome: asyncio.Future[Outcome] = loop.create_future()
        self._waiting.append((one, outcome))
        if not self._scheduled:
            # At the end of this turn of the loop: whatever came in with this goes with it.
            self._scheduled = True
            loop.call_soon(self._begin)
        return await outcome

    async def aclose(self) -> None:
        """Records what is in the box. What comes meanwhile is taken as before."""
        while not self.idle:
            self._begin()
            if self._batch is not None:
                await asyncio.wait([self._batch])

    def _begin(self) -> None:
        self._scheduled = False
        if self._waiting and self._batch is None:
            batch = [self._waiting.popleft() for _ in range(min(self._most, len(self._waiting)))]
            self._batch = asyncio.create_task(self._record_batch(batch))
            self._batch.add_done_callback(self._ended)

    def _ended(self, _: asyncio.Task[None]) -> None:
        self._batch = None
        self._begin()

    async def _record_batch(self, batch: list[tuple[One, asyncio.Future[Outcome]]]) -> None:
        outcomes: list[Outcome | Exception]
        try:
            outcomes = [*await self._record([one for one, _ in batch])]
        except (OperationalError, InterfaceError, Busy) as problem:
            logger.warning("a batch was not recorded", extra={"size": len(batch), "problem": problem})
            outcomes = [NotRecorded()] * len(batch)
        except Exception as problem:  # one that is bad must not take the others with it
            logger.exception("a batch failed")
            outcomes = await self._one_by_one(batch) if len(batch) > 1 else [problem]
        for (_, future), outcome in zip(batch, outcomes, strict=True):
            if future.done():
                continue  # the client went; what it sent counts
            self._note(outcome)
            if isinstance(outcome, Exception):
                future.set_exception(outcome)
            else:
                future.set_result(outcome)

    def _note(self, outcome: Outcome | Exception) -> None:
        """For metrics."""

    async def _one_by_one(self, batch: list[tuple[One, asyncio.Future[Outcome]]]) -> list[Outcome | Exception]:
        outcomes: list[Outcome | Exception] = []
        for one, _ in batch:
            try:
                outcomes += await self._record([one])
            except (DatabaseError, InterfaceError, Busy) as problem:
                outcomes.append(NotRecorded(said(problem)))
        return outcomes
