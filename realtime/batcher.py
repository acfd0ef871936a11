"""Batching without a fixed delay: items that arrive while a batch is being recorded make the next one (law 7: ballots;
decision 0014: joins of one line). A single item is recorded at once, thousands in batches of hundreds.
"""

import asyncio
import logging
import time
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from functools import partial
from typing import Generic, TypeVar

from django.db import DatabaseError, InterfaceError, InternalError, OperationalError

from core.privacy import summary
from realtime.django.jobpool import Busy

logger = logging.getLogger(__name__)

# A batch that takes longer is answered "try again", and so is what comes until it ends: a commit may wait for a standby that is
# gone, or Postgres stands still.
PATIENCE_S = 5.0
# The part of it in which a batch must have its locks. Behind other waiters the wait for a lock has no bound (law 2), so what gets
# it later writes nothing: its clients are told "try again" about now.
LOCKED_BY = 0.8

One = TypeVar("One")
Outcome = TypeVar("Outcome")


class NotRecorded(Exception):
    """The item was not recorded, or only Postgres knows that it was. Sending it again (same id or key) is safe."""


class Batcher(Generic[One, Outcome]):
    """Bound to one event loop. `record` records at most `most` items, all or none, and gives an outcome for each; it is told by
    when it must have its locks (s, `time.monotonic`). At most `most_waiting` items wait. One batch at a time: two at once
    are half as large and cost more (decision 0009)."""

    def __init__(
        self, record: Callable[[Sequence[One], float], Awaitable[list[Outcome]]], *, most: int, most_waiting: int
    ) -> None:
        self._record = record
        self._most = most
        self._most_waiting = most_waiting
        self._waiting: deque[tuple[One, asyncio.Future[Outcome]]] = deque()
        self._batch: asyncio.Task[None] | None = None
        self._overdue = False
        self._scheduled = False

    @property
    def waiting(self) -> int:
        """How many items are in no batch yet."""
        return len(self._waiting)

    @property
    def idle(self) -> bool:
        """Whether no client waits: for an item in no batch yet, or in one that is not overdue."""
        return not self._waiting and (self._batch is None or self._overdue)

    async def put(self, one: One) -> Outcome:
        """The item's outcome, once it is committed. Raises NotRecorded when too many wait, Postgres is away, or a batch takes
        longer than PATIENCE_S; then the item may have been recorded all the same."""
        outcome: asyncio.Future[Outcome] = asyncio.get_running_loop().create_future()
        self.take(one, outcome)
        return await outcome

    def take(self, one: One, outcome: asyncio.Future[Outcome]) -> None:
        """The same for an item whose client waits for this `outcome` already."""
        if self._overdue or len(self._waiting) >= self._most_waiting:
            self._tell(outcome, NotRecorded())
            return
        self._waiting.append((one, outcome))
        if not self._scheduled:
            # After this turn of the loop: items that arrived in the same turn go together.
            self._scheduled = True
            asyncio.get_running_loop().call_soon(self._begin)

    async def aclose(self) -> None:
        """Records all that waits, also items that arrive until then; not for longer than PATIENCE_S per batch."""
        while not self.idle:
            self._begin()
            if self._batch is not None:
                await asyncio.wait([self._batch], timeout=PATIENCE_S)

    def _begin(self) -> None:
        self._scheduled = False
        if self._waiting and self._batch is None:
            batch = [self._waiting.popleft() for _ in range(min(self._most, len(self._waiting)))]
            by = time.monotonic() + PATIENCE_S * LOCKED_BY
            self._batch = asyncio.create_task(self._record_batch(batch, by))
            alarm = asyncio.get_running_loop().call_later(PATIENCE_S, self._give_up, batch)
            self._batch.add_done_callback(partial(self._ended, alarm))

    def _ended(self, alarm: asyncio.TimerHandle, _: asyncio.Task[None]) -> None:
        alarm.cancel()
        self._overdue = False
        self._batch = None
        self._begin()

    def _give_up(self, batch: list[tuple[One, asyncio.Future[Outcome]]]) -> None:
        """The batch runs on: its thread and its locks are Postgres's until that answers."""
        self._overdue = True
        logger.warning("a batch is overdue", extra={"size": len(batch), "waiting": len(self._waiting)})
        self._note([NotRecorded()] * len(self._waiting))
        for _, future in [*batch, *self._waiting]:
            self._tell(future, NotRecorded())
        self._waiting.clear()

    async def _record_batch(self, batch: list[tuple[One, asyncio.Future[Outcome]]], by: float) -> None:
        outcomes: list[Outcome | Exception]
        try:
            outcomes = [*await self._record([one for one, _ in batch], by)]
        # A commit may end in an InternalError too, where a node of several is being restarted.
        except (OperationalError, InternalError, InterfaceError, Busy) as problem:
            logger.warning("a batch was not recorded", extra={"size": len(batch), "problem": problem})
            outcomes = [NotRecorded()] * len(batch)
        except Exception as problem:  # one bad item must not fail the others
            logger.exception("a batch failed")
            outcomes = await self._one_by_one(batch, by) if len(batch) > 1 else [problem]
        self._note(outcomes)
        for (one, future), outcome in zip(batch, outcomes, strict=True):
            self._end(one, future, outcome)

    def _end(self, one: One, future: asyncio.Future[Outcome], outcome: Outcome | Exception) -> None:
        """Hook: an item's batch has ended."""
        self._tell(future, outcome)

    def _tell(self, future: asyncio.Future[Outcome], outcome: Outcome | Exception) -> None:
        if future.done():
            return  # the client left, or was told to try again; its item counts
        if isinstance(outcome, Exception):
            future.set_exception(outcome)
        else:
            future.set_result(outcome)

    def _note(self, outcomes: Sequence[Outcome | Exception]) -> None:
        """Hook for metrics: what became of a batch."""

    async def _one_by_one(
        self, batch: list[tuple[One, asyncio.Future[Outcome]]], by: float
    ) -> list[Outcome | Exception]:
        outcomes: list[Outcome | Exception] = []
        for one, _ in batch:
            try:
                outcomes += await self._record([one], by)
            except (DatabaseError, InterfaceError, Busy) as problem:
                outcomes.append(NotRecorded(summary(problem)))
        return outcomes
