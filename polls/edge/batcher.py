"""The batcher of ballots of one process (law 7)."""

import asyncio
from collections import Counter
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
    """polls.ballots.record_on_node as a thread job."""

    def __call__(self, batch: Sequence[Cast], *, wait: bool) -> Awaitable[list[Outcome]]: ...


class BallotBox:
    """One per process: a pair of batchers for each node, so that a node that is away holds up no other's ballots (decision
    0069). Ballots of a poll that a command has locked wait in the second of the pair: closing a poll of hundreds of thousands
    takes seconds, which must not hold up the ballots of other polls."""

    def __init__(self, record: Record, *, most_waiting: int = MOST_WAITING) -> None:
        self._record = record
        self._most_waiting = most_waiting
        self._pairs: dict[str, tuple[_Box, _Box]] = {}
        self._under_way = 0

    @property
    def waiting(self) -> int:
        """How many ballots are in no batch yet."""
        return sum(box.waiting for box in self._boxes())

    async def cast(self, one: Cast) -> Outcome:
        """What became of the ballot, once that is committed. Raises NotRecorded when the box is full or its node away."""
        self._under_way += 1
        try:
            outcome = await self._on_its_node(one)
            return outcome if outcome.moved is None else await self._on_its_node(outcome.moved)
        finally:
            self._under_way -= 1

    async def aclose(self) -> None:
        """Records the ballots that wait, and those that come until it is done."""
        while self._under_way or not all(box.idle for box in self._boxes()):
            await asyncio.gather(*(box.aclose() for box in self._boxes()))
            await asyncio.sleep(0)  # a ballot that goes on to another node is there after this turn of the loop

    async def _on_its_node(self, one: Cast) -> Outcome:
        free, held = self._pairs.get(one.node) or self._new_pair(one.node)
        outcome = await free.put(one)
        return await held.put(one) if outcome.status is Status.HELD else outcome

    def _boxes(self) -> "list[_Box]":
        return [box for pair in self._pairs.values() for box in pair]

    def _new_pair(self, node: str) -> "tuple[_Box, _Box]":
        free, held = (_Box(self._record, wait=wait, most_waiting=self._most_waiting) for wait in (False, True))
        return self._pairs.setdefault(node, (free, held))


class _Box(Batcher[Cast, Outcome]):
    """One of the two, with metrics."""

    def __init__(self, record: Record, *, wait: bool, most_waiting: int) -> None:
        async def timed(batch: Sequence[Cast]) -> list[Outcome]:
            metrics.BATCHES.observe(len(batch))
            with metrics.BATCH_SECONDS.time():
                return await record(batch, wait=wait)

        super().__init__(timed, most=MOST, most_waiting=most_waiting)

    def _note(self, outcomes: Sequence[Outcome | Exception]) -> None:
        found = Counter("not_recorded" if isinstance(each, Exception) else each.status for each in outcomes)
        for status, times in found.items():
            if status not in (Status.HELD, Status.MOVED):
                metrics.BALLOTS.labels(status).inc(times)
