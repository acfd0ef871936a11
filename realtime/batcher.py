"""Batching without a fixed delay: items that arrive while a batch is being recorded make the next one (law 7: ballots;
decision 0014: joins of one line). A single item is recorded at once, thousands in batches of hundreds.
"""

import asyncio
import logging
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from typing import Generic, TypeVar

from django.db import DatabaseError, InterfaceError, OperationalError

from core.privacy import summary
from realtime.django.jobpool import Busy

logger = logging.getLogger(__name__)

One = TypeVar("One")
Outcome = TypeVar("Outcome")


class NotRecorded(Exception):
    """The item was not recorded, or only Postgres knows that it was. Sending it again (same id or key) is safe."""


class Batcher(Generic[One, Outcome]):
    """Bound to one event loop. `record` records at most `most` items, all or none, and gives an outcome for each; at most
    `most_waiting` items wait. One batch at a time: two at once are half as large and cost more (decision 0009)."""

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
        """How many items are in no batch yet."""
        return len(self._waiting)

    @property
    def idle(self) -> bool:
        """Whether no item waits or is being recorded."""
        return not self._waiting and self._batch is None

    async def put(self, one: One) -> Outcome:
        """The item's outcome, once it is committed. Raises NotRecorded when too many wait or Postgres is away."""
        if len(self._waiting) >= self._most_waiting:
            raise NotRecorded
        loop = asyncio.get_running_loop()
        outcome: asyncio.Future[Outcome] = loop.create_future()
        self._waiting.append((one, outcome))
        if not self._scheduled:
            # After this turn of the loop: items that arrived in the same turn go together.
            self._scheduled = True
            loop.call_soon(self._begin)
        return await outcome

    async def aclose(self) -> None:
        """Records all that waits, also items that arrive until then."""
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
        except Exception as problem:  # one bad item must not fail the others
            logger.exception("a batch failed")
            outcomes = await self._one_by_one(batch) if len(batch) > 1 else [problem]
        for (_, future), outcome in zip(batch, outcomes, strict=True):
            if future.done():
                continue  # the client left; its item counts
            self._note(outcome)
            if isinstance(outcome, Exception):
                future.set_exception(outcome)
            else:
                future.set_result(outcome)

    def _note(self, outcome: Outcome | Exception) -> None:
        """Hook for metrics."""

    async def _one_by_one(self, batch: list[tuple[One, asyncio.Future[Outcome]]]) -> list[Outcome | Exception]:
        outcomes: list[Outcome | Exception] = []
        for one, _ in batch:
            try:
                outcomes += await self._record([one])
            except (DatabaseError, InterfaceError, Busy) as problem:
                outcomes.append(NotRecorded(summary(problem)))
        return outcomes
