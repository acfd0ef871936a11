"""Many ballots at once, in threads, each with its own connection."""

import random
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any

import pytest
from django.db import transaction

from core.locks import lock_exclusive, lock_shared
from polls import ballots, commands
from polls.models import Poll
from polls.outcomes import Cast, Outcome, Status
from tests.installation import wait_until
from tests.polls.database_polls import at_once, ballot, cast, counts, crowd, made, rows_of, shown, sound, sql

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.thorough]
IN = {Status.COUNTED, Status.CHANGED, Status.ALREADY}


@pytest.fixture(autouse=True)
def no_ballots_left(transactional_db: None) -> Any:
    """Django empties the tables it manages after such a test; this one it does not."""
    yield
    sql("TRUNCATE polls_ballot")


def test_100_copies_of_one_ballot_are_one_row_and_one_receipt() -> None:
    poll = made()
    sent = ballot(poll, "Ann", 1)
    outcomes = at_once([partial(cast, sent)] * 100, threads=16)
    assert Counter(each.status for each in outcomes) == {Status.COUNTED: 1, Status.ALREADY: 99}
    assert len({each.receipt for each in outcomes}) == 1
    assert rows_of(poll)["polls_ballot"] == 1
    assert counts(poll) == [0, 1, 0]
    assert sound(poll)


def test_100_ballots_of_one_voter_are_one_ballot() -> None:
    poll = made()
    outcomes = at_once([partial(cast, ballot(poll, "Ann", n % 3)) for n in range(100)], threads=16)
    assert Counter(each.status for each in outcomes) == {Status.COUNTED: 1, Status.REFUSED: 99}
    assert sum(counts(poll)) == 1
    assert sound(poll)


def test_exactly_the_ballots_acknowledged_around_the_close_are_counted() -> None:
    poll = made(shards=3)
    sent = [ballot(poll, n, n % 3) for n in range(300)]
    halfway = threading.Semaphore(0)

    def vote(one: Cast) -> Outcome:
        outcome = cast(one)
        halfway.release()
        return outcome

    def close() -> Poll:
        for _ in range(100):
            halfway.acquire(timeout=20)
        return commands.close(poll.pk)

    voting = at_once_with(close, [partial(vote, one) for one in sent])
    statuses = Counter(each.status for each in voting)
    assert set(statuses) <= {Status.COUNTED, Status.CLOSED}
    assert statuses[Status.COUNTED] >= 100
    acknowledged = {one.ballot_id for one, each in zip(sent, voting, strict=True) if each.receipt}
    assert acknowledged == {row[0] for row in sql("SELECT ballot_id FROM polls_ballot WHERE poll_id = %s", poll.pk)}
    assert sum(counts(poll)) == shown(poll)["ballots"] == len(acknowledged)
    assert sound(poll)  # also: the digest published in the middle of it is of exactly these


@contextmanager
def a_command_on(poll: Poll) -> Iterator[None]:
    """One that takes its time: it holds the poll until the block ends."""
    holds, done = threading.Event(), threading.Event()

    def work() -> None:
        with transaction.atomic():
            lock_exclusive(poll.pk)
            holds.set()
            done.wait(20)

    worker = threading.Thread(target=lambda: at_once([work], threads=1))
    worker.start()
    assert holds.wait(20)
    try:
        yield
    finally:
        done.set()
        worker.join(20)


def without_waiting(*casts: Cast) -> list[Status]:
    return [each.status for each in ballots.record(casts, wait=False)]


def test_a_batch_that_does_not_wait_leaves_out_the_polls_on_which_a_command_works() -> None:
    busy, free = made(), made()
    late = ballot(busy, "Ann", 1)
    with a_command_on(busy):
        assert without_waiting(late, ballot(free, "Ann", 2), late) == [Status.HELD, Status.COUNTED, Status.HELD]
        assert (counts(busy), counts(free)) == ([0, 0, 0], [0, 0, 1])
    assert without_waiting(late) == [Status.COUNTED]
    assert sound(busy) and sound(free)


def test_a_command_that_waits_is_not_overtaken_for_ever() -> None:
    """Batches one after the other share the lock; who came after the command waits behind it."""
    poll = made()
    with transaction.atomic():
        lock_shared([poll.pk], wait=False)
        closing = threading.Thread(target=lambda: at_once([partial(commands.close, poll.pk)], threads=1))
        closing.start()
        waits = "SELECT 1 FROM pg_locks WHERE locktype = 'advisory' AND NOT granted"
        wait_until(lambda: sql(waits), what="the close to wait for the lock")
        assert at_once([partial(without_waiting, ballot(poll, "Ann", 1))], threads=1) == [[Status.HELD]]
    closing.join(20)
    assert without_waiting(ballot(poll, "Ann", 1)) == [Status.CLOSED]


def at_once_with(alone: Any, jobs: list[Any]) -> list[Any]:
    """The jobs in eight threads, and one more thing in a ninth."""
    beside = threading.Thread(target=lambda: at_once([alone], threads=1))
    beside.start()
    results = at_once(jobs)
    beside.join(30)
    assert not beside.is_alive()
    return results


@pytest.mark.parametrize("may_change", [False, True], ids=["final", "changing"])
def test_a_crowd_of_thousands_is_counted_exactly(may_change: bool) -> None:
    polls = [made(shards=1, may_change=may_change), made(shards=11, max_picks=2, may_change=may_change)]
    batches = []
    for thread in range(8):
        mixed = [one for poll in polls for one in crowd(thread % 4, poll, 180)]
        random.Random(thread).shuffle(mixed)
        batches += [mixed[start : start + 50] for start in range(0, len(mixed), 50)]
    outcomes = at_once([partial(ballots.record, batch) for batch in batches])
    told = [(one, each) for batch, answers in zip(batches, outcomes, strict=True) for one, each in zip(batch, answers)]  # noqa: B905
    assert {each.status for _, each in told} >= {Status.COUNTED, Status.ALREADY, Status.INVALID}
    assert Status.CHANGED in {each.status for _, each in told} or not may_change
    assert all((each.receipt is not None) == (each.status in IN) for _, each in told)
    for poll in polls:
        voters = {one.voter_key for one, each in told if one.poll_id == poll.pk and each.receipt}
        assert rows_of(poll)["polls_ballot"] == shown(poll)["ballots"] == len(voters)
        assert sound(poll)
        commands.close(poll.pk)
        assert sound(poll)


def test_resets_and_deletion_between_ballots_leave_nothing_behind() -> None:
    kept, gone = made(), made()
    jobs: list[Any] = [partial(cast, ballot(poll, n, n % 3)) for n in range(100) for poll in (kept, gone)]
    jobs[90:90] = [partial(commands.reset, kept.pk), partial(commands.delete, gone.pk)]
    at_once(jobs)
    assert sound(kept)
    assert set(rows_of(gone).values()) == {0}
    assert shown(kept)["ballots"] == rows_of(kept)["polls_ballot"] < 100
