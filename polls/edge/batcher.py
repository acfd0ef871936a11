"""The batcher of ballots of one process (law 7)."""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from typing import Protocol

from polls.ballots import MOST
from polls.outcomes import Cast, Outcome, Status
from realtime import metrics
from realtime.batcher import Batcher

# About two seconds of a full load; ballots beyond are answered 503 with Retry-After.
MOST_WAITING = 20_000


class Record(Protocol):
    """polls.ballots.record_on_node as a thread job."""

    def __call__(self, batch: Sequence[Cast], *, wait: bool) -> Awaitable[list[Outcome]]: ...


class BallotBox:
    """One per process: a pair of batchers for each node, so that a node that is away holds up no other's ballots (decision
    0069). Ballots of a poll that a command has locked wait in the second of the pair: closing a poll of hundreds of thousands
    takes seconds, which must not hold up the ballots of other polls."""

    def __init__(self, record: Record, *, most_waiting: int = MOST_WAITING) -> None:
        self._record = record
        self._most_waiting = most_waiting
        # By node, and whether they wait for the locks of polls.
        self._boxes: dict[tuple[str, bool], _Box] = {}

    @property
    def waiting(self) -> int:
        """How many ballots are in no batch yet."""
        return sum(box.waiting for box in self._boxes.values())

    async def cast(self, one: Cast) -> Outcome:
        """What became of the ballot, once that is committed. Raises NotRecorded when the box is full or its node away."""
        return await self._box(one, wait=False).put(one)

    async def aclose(self) -> None:
        """Records the ballots that wait, and those that come until it is done."""
        while busy := [box for box in self._boxes.values() if not box.idle]:
            await asyncio.gather(*(box.aclose() for box in busy))

    def _box(self, one: Cast, *, wait: bool) -> "_Box":
        key = one.node, wait
        if (box := self._boxes.get(key)) is None:
            box = self._boxes[key] = _Box(self._record, self._box, wait=wait, most_waiting=self._most_waiting)
        return box


class _Box(Batcher[Cast, Outcome]):
    """One of a pair, with metrics. Ballots that are HELD or MOVED go on to the `box` of theirs."""

    def __init__(self, record: Record, box: "Callable[..., _Box]", *, wait: bool, most_waiting: int) -> None:
        async def timed(batch: Sequence[Cast], _: float) -> list[Outcome]:
            metrics.BATCHES.observe(len(batch))
            with metrics.BATCH_SECONDS.time():
                return await record(batch, wait=wait)

        super().__init__(timed, most=MOST, most_waiting=most_waiting)
        self._box = box

    def _end(self, one: Cast, future: asyncio.Future[Outcome], outcome: Outcome | Exception) -> None:
        if isinstance(outcome, Exception):
            self._tell(future, outcome)
        elif outcome.moved is not None:
            self._box(outcome.moved, wait=False).take(outcome.moved, future)
        elif outcome.status is Status.HELD:
            self._box(one, wait=True).take(one, future)
        else:
            self._tell(future, outcome)

    def _note(self, outcomes: Sequence[Outcome | Exception]) -> None:
        found = Counter("not_recorded" if isinstance(each, Exception) else each.status for each in outcomes)
        for status, times in found.items():
            if status not in (Status.HELD, Status.MOVED):
                metrics.BALLOTS.labels(status).inc(times)
