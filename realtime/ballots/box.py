"""The ballot box of one process (law 7)."""

from collections.abc import Awaitable, Callable, Sequence

from polls.ballots import MOST, Cast, Outcome
from realtime import metrics
from realtime.box import Box, NotRecorded

__all__ = ["BallotBox", "NotRecorded"]

# About two seconds of a full load; whoever comes then is asked to come again.
MOST_WAITING = 20_000

Record = Callable[[Sequence[Cast]], Awaitable[list[Outcome]]]


class BallotBox(Box[Cast, Outcome]):
    """One per process. `record` is polls.ballots.record as a thread job."""

    def __init__(self, record: Record, *, most_waiting: int = MOST_WAITING) -> None:
        async def timed(batch: Sequence[Cast]) -> list[Outcome]:
            metrics.BATCHES.observe(len(batch))
            with metrics.BATCH_SECONDS.time():
                return await record(batch)

        super().__init__(timed, most=MOST, most_waiting=most_waiting)

    async def cast(self, one: Cast) -> Outcome:
        """What became of the ballot, once that is committed. Raises NotRecorded when the box is full or Postgres away."""
        return await self.put(one)

    def _note(self, outcome: Outcome | Exception) -> None:
        metrics.BALLOTS.labels("not_recorded" if isinstance(outcome, Exception) else outcome.status).inc()
