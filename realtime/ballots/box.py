"""The ballot box of one process: what comes in while a batch is being recorded makes the next one (law 7).

No fixed delay: a ballot that comes alone is recorded alone, at once; a crowd's go in hundreds.
"""

import asyncio
import logging
from collections import deque
from collections.abc import Awaitable, Callable, Sequence

from django.db import DatabaseError, InterfaceError, OperationalError

from config.jobpool import Busy
from polls.ballots import MOST, Cast, Outcome
from realtime import metrics

logger = logging.getLogger(__name__)

# While one batch waits for the disk, the next one is on its way.
AT_ONCE = 2
# About two seconds of a full load; whoever comes then is asked to come again.
MOST_WAITING = 20_000

Record = Callable[[Sequence[Cast]], Awaitable[list[Outcome]]]


class NotRecorded(Exception):
    """Nobody knows of this ballot, or only Postgres does. The same ballot again (by its id) is safe, and the remedy."""


class BallotBox:
    """One per process, bound to its event loop. `record` is polls.ballots.record as a thread job."""

    def __init__(self, record: Record, *, at_once: int = AT_ONCE, most_waiting: int = MOST_WAITING) -> None:
        self._record = record
        self._at_once = at_once
        self._most_waiting = most_waiting
        self._waiting: deque[tuple[Cast, asyncio.Future[Outcome]]] = deque()
        self._batches: set[asyncio.Task[None]] = set()
        self._scheduled = False

    @property
    def waiting(self) -> int:
        """How many ballots are in no batch yet."""
        return len(self._waiting)

    async def cast(self, one: Cast) -> Outcome:
        """What became of the ballot, once that is committed. Raises NotRecorded when the box is full or Postgres away."""
        if len(self._waiting) >= self._most_waiting:
            raise NotRecorded
        loop = asyncio.get_running_loop()
        outcome: asyncio.Future[Outcome] = loop.create_future()
        self._waiting.append((one, outcome))
        if not self._scheduled:
            # At the end of this turn of the loop: whatever came in with this ballot goes with it.
            self._scheduled = True
            loop.call_soon(self._begin)
        return await outcome

    async def aclose(self) -> None:
        """Records what is in the box. Ballots that come meanwhile are taken as before."""
        while self._waiting or self._batches:
            self._begin()
            await asyncio.wait(self._batches)

    def _begin(self) -> None:
        self._scheduled = False
        while self._waiting and len(self._batches) < self._at_once:
            batch = [self._waiting.popleft() for _ in range(min(MOST, len(self._waiting)))]
            task = asyncio.create_task(self._record_batch(batch))
            self._batches.add(task)
            task.add_done_callback(self._ended)

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._batches.discard(task)
        self._begin()

    async def _record_batch(self, batch: list[tuple[Cast, asyncio.Future[Outcome]]]) -> None:
        outcomes: list[Outcome | Exception]
        metrics.BATCHES.observe(len(batch))
        try:
            with metrics.BATCH_SECONDS.time():
                outcomes = [*await self._record([one for one, _ in batch])]
        except (OperationalError, InterfaceError, Busy) as problem:
            logger.warning("ballots were not recorded", extra={"ballots": len(batch), "problem": repr(problem)})
            outcomes = [NotRecorded()] * len(batch)
        except Exception as problem:  # one bad ballot must not take the others with it
            logger.exception("a batch of ballots failed")
            outcomes = await self._one_by_one(batch) if len(batch) > 1 else [problem]
        for (_, future), outcome in zip(batch, outcomes, strict=True):
            if future.done():
                continue  # the client went; its ballot counts
            metrics.BALLOTS.labels("not_recorded" if isinstance(outcome, Exception) else outcome.status).inc()
            if isinstance(outcome, Exception):
                future.set_exception(outcome)
            else:
                future.set_result(outcome)

    async def _one_by_one(self, batch: list[tuple[Cast, asyncio.Future[Outcome]]]) -> list[Outcome | Exception]:
        outcomes: list[Outcome | Exception] = []
        for one, _ in batch:
            try:
                outcomes += await self._record([one])
            except (DatabaseError, InterfaceError, Busy) as problem:
                outcomes.append(NotRecorded(repr(problem)))
        return outcomes
