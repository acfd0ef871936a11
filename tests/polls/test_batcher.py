"""polls/edge/batcher.py: batches make themselves, an answer comes after its batch, trouble hits whom it must."""

import asyncio
from collections.abc import Callable, Sequence
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.db import DataError, InternalError, OperationalError
from msgspec.structs import replace

from core.refusals import Reason
from polls.ballots import MOST
from polls.edge.batcher import BallotBox
from polls.nodes import Placement
from polls.outcomes import Cast, Outcome, Settled, Status
from realtime import batcher
from realtime.django.jobpool import Busy

COUNTED = Outcome(Status.COUNTED)


def a_ballot() -> Cast:
    return Cast(poll_id=uuid4(), voter_key=b"k" * 16, ballot_id=uuid4(), choices=(0,))


class Recorder:
    """Stands where polls.ballots.record stands; each batch waits for the gate."""

    def __init__(self, answer: Callable[[Sequence[Cast]], list[Outcome]] | None = None) -> None:
        self.batches: list[Sequence[Cast]] = []
        self.gate = asyncio.Event()
        self.gate.set()
        self.held: set[UUID] = set()
        self.freed = asyncio.Event()
        self.answer = answer or (lambda batch: [COUNTED] * len(batch))

    async def __call__(self, batch: Sequence[Cast], *, wait: bool) -> list[Outcome]:
        if not wait and (held := [one for one in batch if one.poll_id in self.held]):
            return [Outcome(Status.HELD) if one in held else COUNTED for one in batch]
        self.batches.append(batch)
        await (self.freed if wait else self.gate).wait()
        return self.answer(batch)


def held() -> tuple[Recorder, BallotBox]:
    """A recorder whose gate is shut, and its box."""
    record = Recorder()
    record.gate.clear()
    return record, BallotBox(record)


async def turn() -> None:
    """Lets everything that is ready run."""
    for _ in range(5):
        await asyncio.sleep(0)


def run(test: Callable[[], Any]) -> None:
    asyncio.run(asyncio.wait_for(test(), 20))


def test_a_ballot_that_comes_alone_goes_alone_and_at_once() -> None:
    async def test() -> None:
        record = Recorder()
        box = BallotBox(record)
        one = a_ballot()
        assert await box.cast(one) is COUNTED
        assert record.batches == [[one]]

    run(test)


def test_who_comes_while_a_batch_is_recorded_makes_the_next() -> None:
    async def test() -> None:
        record, box = held()
        casts = [asyncio.create_task(box.cast(a_ballot())) for _ in range(3)]
        await turn()
        assert [len(batch) for batch in record.batches] == [3]  # all of one turn of the loop
        casts += [asyncio.create_task(box.cast(a_ballot())) for _ in range(MOST + 7)]
        await turn()
        assert [len(batch) for batch in record.batches] == [3]
        assert not any(cast.done() for cast in casts), "answered before it was recorded"
        assert box.waiting == MOST + 7
        record.gate.set()
        await asyncio.gather(*casts)
        assert [len(batch) for batch in record.batches] == [3, MOST, 7]

    run(test)


def test_a_batch_that_does_not_end_keeps_no_voter_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    """A commit that waits for a standby that is gone. Nothing is acknowledged, and it works again once the batch has ended."""
    monkeypatch.setattr(batcher, "PATIENCE_S", 0.05)

    async def test() -> None:
        record, box = held()
        casts = [asyncio.create_task(box.cast(a_ballot()))]
        await turn()
        casts += [asyncio.create_task(box.cast(a_ballot())) for _ in range(3)]
        answers = await asyncio.gather(*casts, return_exceptions=True)
        assert [type(answer) for answer in answers] == [batcher.NotRecorded] * 4
        with pytest.raises(batcher.NotRecorded):  # at once, without a place in the line
            await box.cast(a_ballot())
        assert box.waiting == 0
        await asyncio.wait_for(box.aclose(), 5)
        record.gate.set()
        await turn()
        assert await box.cast(a_ballot()) is COUNTED
        assert [len(batch) for batch in record.batches] == [1, 1], "what waited was given up before it was recorded"

    run(test)


def test_batches_go_one_after_the_other() -> None:
    async def test() -> None:
        record, box = held()
        casts = []
        for _ in range(4):
            casts.append(asyncio.create_task(box.cast(a_ballot())))
            await turn()
        assert [len(batch) for batch in record.batches] == [1]
        record.gate.set()
        await asyncio.gather(*casts)
        assert [len(batch) for batch in record.batches] == [1, 3]

    run(test)


def test_each_gets_its_own_outcome() -> None:
    async def test() -> None:
        record = Recorder(
            lambda batch: [Outcome(Status.REFUSED, problem=Reason("test", str(one.ballot_id))) for one in batch]
        )
        box = BallotBox(record)
        casts = [a_ballot() for _ in range(50)]
        outcomes = await asyncio.gather(*(box.cast(one) for one in casts))
        assert [str(outcome.problem) for outcome in outcomes] == [str(one.ballot_id) for one in casts]

    run(test)


def test_a_full_box_takes_no_more_and_loses_nothing() -> None:
    async def test() -> None:
        record = Recorder()
        record.gate.clear()
        box = BallotBox(record, most_waiting=5)
        casts = [asyncio.create_task(box.cast(a_ballot()))]
        await turn()
        casts += [asyncio.create_task(box.cast(a_ballot())) for _ in range(7)]
        await turn()
        record.gate.set()
        outcomes = await asyncio.gather(*casts, return_exceptions=True)
        assert [type(outcome) for outcome in outcomes] == [Outcome] * 6 + [batcher.NotRecorded] * 2
        assert sum(len(batch) for batch in record.batches) == 6

    run(test)


ON_TWO = Placement(UUID(int=0), shards=2, nodes=2)


def a_ballot_on(node: int) -> Cast:
    """One whose id belongs on this node, 0 or 1; its voter belongs on the first."""
    shown = {"voter_key": bytes(16), "choices": (0,), "placement": ON_TWO}
    return Cast(poll_id=ON_TWO.poll_id, ballot_id=UUID(bytes=bytes([0, 0, 0, node]) + bytes(12)), **shown)  # type: ignore[arg-type]


def test_a_node_that_takes_nothing_holds_up_no_other() -> None:
    async def test() -> None:
        record = Recorder()
        box = BallotBox(record)
        record.gate.clear()
        stuck = asyncio.create_task(box.cast(a_ballot_on(1)))
        await turn()
        first, record.gate = record.gate, asyncio.Event()
        record.gate.set()
        assert await box.cast(a_ballot_on(0)) is COUNTED
        assert not stuck.done()
        first.set()
        assert await stuck is COUNTED

    run(test)


def test_a_ballot_goes_on_to_its_voters_node_before_the_box_is_closed() -> None:
    async def test() -> None:
        def answer(batch: Sequence[Cast]) -> list[Outcome]:
            return [
                COUNTED
                if one.settled
                else Outcome(Status.MOVED, moved=replace(one, settled=Settled(0, b"", claimed=True)))
                for one in batch
            ]

        record = Recorder(answer)
        box = BallotBox(record)
        casting = asyncio.create_task(box.cast(a_ballot_on(1)))
        await turn()
        await box.aclose()
        assert await casting is COUNTED
        assert [batch[0].node for batch in record.batches] == ["ballots2", "ballots1"]

    run(test)


@pytest.mark.parametrize("problem", [OperationalError("away"), InternalError("restarting"), Busy()])
def test_a_batch_that_postgres_did_not_take_is_told_so(problem: Exception) -> None:
    async def test() -> None:
        def fail(_: Any) -> list[Outcome]:
            raise problem

        record = Recorder(fail)
        box = BallotBox(record)
        outcomes = await asyncio.gather(*(box.cast(a_ballot()) for _ in range(4)), return_exceptions=True)
        assert [type(outcome) for outcome in outcomes] == [batcher.NotRecorded] * 4
        assert len(record.batches) == 1
        record.answer = lambda batch: [COUNTED] * len(batch)
        assert await box.cast(a_ballot()) is COUNTED

    run(test)


def test_a_bad_ballot_does_not_take_the_others_with_it() -> None:
    async def test() -> None:
        bad = a_ballot()

        def answer(batch: Sequence[Cast]) -> list[Outcome]:
            if bad in batch:
                raise DataError("out of range")
            return [COUNTED] * len(batch)

        box = BallotBox(Recorder(answer))
        outcomes = await asyncio.gather(
            *(box.cast(one) for one in (a_ballot(), bad, a_ballot())), return_exceptions=True
        )
        assert [type(outcome) for outcome in outcomes] == [Outcome, batcher.NotRecorded, Outcome]

    run(test)


def test_a_poll_on_which_a_command_works_holds_up_no_other() -> None:
    async def test() -> None:
        record = Recorder()
        box = BallotBox(record)
        late, free = a_ballot(), a_ballot()
        record.held = {late.poll_id}
        waits = asyncio.create_task(box.cast(late))
        assert await box.cast(free) is COUNTED
        await turn()
        assert record.batches == [[late]] and not waits.done()
        assert await box.cast(a_ballot()) is COUNTED
        closing = asyncio.create_task(box.aclose())
        await turn()
        assert not closing.done(), "what waits is recorded first"
        record.freed.set()
        await closing
        assert await waits is COUNTED

    run(test)


def test_a_client_that_leaves_cancels_no_other_answer_and_its_ballot_counts() -> None:
    async def test() -> None:
        record, box = held()
        gone, stays = (asyncio.create_task(box.cast(a_ballot())) for _ in range(2))
        await turn()
        gone.cancel()
        record.gate.set()
        assert await stays is COUNTED
        assert len(record.batches[0]) == 2

    run(test)


def test_closing_records_what_is_in_it() -> None:
    async def test() -> None:
        record, box = held()
        casts = [asyncio.create_task(box.cast(a_ballot()))]
        await turn()
        casts += [asyncio.create_task(box.cast(a_ballot())) for _ in range(10)]
        await turn()
        closing = asyncio.create_task(box.aclose())
        await turn()
        assert not closing.done()
        record.gate.set()
        await closing
        assert all(cast.done() for cast in casts)

    run(test)
