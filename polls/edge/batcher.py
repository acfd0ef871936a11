"""The batcher of ballots of one process (law 7)."""

from collections.abc import Awaitable, Sequence
from typing import Protocol

from polls.ballots import MOST
from polls.outcomes import Cast, Outcome, Status
from realtime import metrics
from realtime.batcher import Batcher, NotRecorded

__all__ = ["BallotBox", "NotRecorded"]

# About two seconds of a full load; ballots beyond are answered 503 with Retry-After.
MOST_WAITING = 20_000


class Record(Protocol):
    """polls.ballots.record as a thread job."""

    def __call__(self, batch: Sequence[Cast], *, wait: bool) -> Awaitable[list[Outcome]]: ...


class BallotBox:
    """One per process. Ballots of a poll that a command has locked wait in a second batcher: closing a poll of hundreds of
    thousands takes seconds, which must not hold up the ballots of other polls."""

    def __init__(self, record: Record, *, most_waiting: int = MOST_WAITING) -> None:
        self._free = _Box(record, wait=False, most_waiting=most_waiting)
        self._held = _Box(record, wait=True, most_waiting=most_waiting)

    @property
    def waiting(self) -> int:
        """How many ballots are in no batch yet."""
        return self._free.waiting + self._held.waiting

    async def cast(self, one: Cast) -> Outcome:
        """What became of the ballot, once that is committed. Raises NotRecorded when the box is full or Postgres away."""
        outcome = await self._free.put(one)
        return await self._held.put(one) if outcome.status is Status.HELD else outcome

    async def aclose(self) -> None:
        """Records the ballots that wait, and those that come until it is done."""
        await self._free.aclose()
        await self._held.aclose()


class _Box(Batcher[Cast, Outcome]):
    """One of the two, with metrics."""

    def __init__(self, record: Record, *, wait: bool, most_waiting: int) -> None:
        async def timed(batch: Sequence[Cast]) -> list[Outcome]:
            metrics.BATCHES.observe(len(batch))
            with metrics.BATCH_SECONDS.time():
                return await record(batch, wait=wait)

        super().__init__(timed, most=MOST, most_waiting=most_waiting)

    def _note(self, outcome: Outcome | Exception) -> None:
        if isinstance(outcome, Exception):
            metrics.BALLOTS.labels("not_recorded").inc()
        elif outcome.status is not Status.HELD:
            metrics.BALLOTS.labels(outcome.status).inc()
