"""polls/ballots.py: what becomes of a ballot, one by one and in batches."""

from uuid import uuid4

import pytest

from polls import ballots, commands, receipts
from polls.models import Poll
from polls.outcomes import Status
from tests.polls.database_polls import HOUR, ballot, cast, counts, made, over, proved, rows_of, shown, sound, sql

pytestmark = pytest.mark.django_db


def test_a_ballot_is_counted_with_a_receipt() -> None:
    poll = made()
    sent = ballot(poll, "Ann", 1)
    outcome = cast(sent)
    assert outcome.status == Status.COUNTED
    assert outcome.receipt is not None
    assert (outcome.receipt.poll_id, outcome.receipt.ballot_id) == (poll.pk, sent.ballot_id)
    assert len(outcome.receipt.seal) == 32
    assert counts(poll) == [0, 1, 0]
    assert shown(poll)["ballots"] == 1
    assert sound(poll)


@pytest.mark.parametrize("choices", [(), (3,), (-1,), (0, 0), (0, 1), (70_000,), (2**70,)])
def test_what_is_no_ballot_is_invalid_and_says_why(choices: tuple[int, ...]) -> None:
    poll = made()
    outcome = cast(ballot(poll, "Ann", *choices))
    assert (outcome.status, outcome.receipt) == (Status.INVALID, None)
    assert outcome.problem.english.endswith(".")
    assert rows_of(poll)["polls_ballot"] == 0
    assert cast(ballot(poll, "Ann", 0)).status == Status.COUNTED


@pytest.mark.parametrize(("picks", "status"), [(1, "invalid"), (2, "counted"), (3, "counted"), (4, "invalid")])
def test_picks_have_bounds(picks: int, status: str) -> None:
    poll = made(choices=list("abcde"), min_picks=2, max_picks=3)
    assert cast(ballot(poll, "Ann", *range(picks))).status == status


def test_an_unknown_poll_is_unknown() -> None:
    poll = made()
    commands.delete(poll.pk)
    outcome = cast(ballot(poll, "Ann", 0))
    assert (outcome.status, outcome.receipt) == (Status.UNKNOWN, None)
    assert rows_of(poll)["polls_ballot"] == 0


def test_before_its_start_a_poll_is_early() -> None:
    draft, early = made(open_now=False), made()
    Poll.objects.filter(pk=early.pk).update(starts_at=early.created_at + HOUR)
    for poll in (draft, early):
        assert cast(ballot(poll, "Ann", 0)).status == Status.EARLY
        assert rows_of(poll)["polls_ballot"] == 0


def test_after_its_end_a_poll_is_closed_swept_or_not() -> None:
    poll = made()
    over(poll)
    assert cast(ballot(poll, "Ann", 0)).status == Status.CLOSED
    assert commands.close_if_over(poll.pk)
    assert cast(ballot(poll, "Ann", 0)).status == Status.CLOSED
    assert rows_of(poll)["polls_ballot"] == 0


def test_the_same_ballot_again_gives_the_same_receipt_at_any_time() -> None:
    poll = made()
    sent = ballot(poll, "Ann", 2)
    first, second = ballots.record([sent, sent])
    assert (first.status, second.status) == (Status.COUNTED, Status.ALREADY)
    later = cast(sent)
    commands.close(poll.pk)
    closed = cast(sent)
    assert later.status == closed.status == Status.ALREADY
    assert first.receipt == second.receipt == later.receipt == closed.receipt
    assert counts(poll) == [0, 0, 1]
    assert sound(poll)


def test_a_second_ballot_of_a_voter_is_refused() -> None:
    poll = made()
    assert cast(ballot(poll, "Ann", 0)).status == Status.COUNTED
    assert [each.status for each in ballots.record([ballot(poll, "Ann", n) for n in (0, 1)])] == [Status.REFUSED] * 2
    commands.close(poll.pk)
    assert cast(ballot(poll, "Ann", 1)).status == Status.CLOSED
    assert counts(poll) == [1, 0, 0]


def test_the_first_of_a_batch_is_the_one_that_counts() -> None:
    poll = made()
    outcomes = ballots.record([ballot(poll, "Ann", n) for n in (2, 0, 1)])
    assert [each.status for each in outcomes] == [Status.COUNTED, Status.REFUSED, Status.REFUSED]
    assert counts(poll) == [0, 0, 1]


def test_a_change_moves_the_tally() -> None:
    poll = made(may_change=True, max_picks=2)
    assert cast(ballot(poll, "Ann", 0, 1)).status == Status.COUNTED
    changed = cast(ballot(poll, "Ann", 2, 1))
    assert changed.status == Status.CHANGED
    assert counts(poll) == [0, 1, 1]
    assert shown(poll)["ballots"] == 1
    assert sound(poll)


def test_changes_within_one_batch_end_with_the_last() -> None:
    poll = made(may_change=True)
    outcomes = ballots.record([ballot(poll, "Ann", n) for n in (2, 0, 1)])
    assert [each.status for each in outcomes] == [Status.COUNTED, Status.CHANGED, Status.CHANGED]
    assert counts(poll) == [0, 1, 0]
    assert sound(poll)


def test_a_late_retry_does_not_turn_a_vote_back() -> None:
    poll = made(may_change=True)
    old, new = ballot(poll, "Ann", 0), ballot(poll, "Ann", 1)
    for sent in (old, new):
        cast(sent)
    late = cast(old)
    assert late.status == Status.ALREADY
    assert late.receipt is not None
    assert late.receipt.ballot_id == new.ballot_id
    assert counts(poll) == [0, 1, 0]
    commands.close(poll.pk)
    assert cast(old).status == Status.ALREADY
    assert sound(poll)


def test_changes_are_bounded() -> None:
    poll = made(may_change=True)
    outcomes = ballots.record([ballot(poll, "Ann", n % 3) for n in range(52)])
    assert [each.status for each in outcomes[1:51]] == [Status.CHANGED] * 50
    assert outcomes[51].status == Status.REFUSED
    assert counts(poll) == [0, 0, 1]
    assert sound(poll)


@pytest.mark.parametrize("size", [0, 1, 500])
def test_a_batch_holds_up_to_500(size: int) -> None:
    poll = made(shards=7)
    outcomes = ballots.record([ballot(poll, n, n % 3) for n in range(size)])
    assert [each.status for each in outcomes] == [Status.COUNTED] * size
    assert sum(counts(poll)) == size
    assert sound(poll)


def test_501_are_too_many_and_none_is_counted() -> None:
    poll = made()
    with pytest.raises(ValueError, match="500"):
        ballots.record([ballot(poll, n, 0) for n in range(501)])
    assert rows_of(poll)["polls_ballot"] == 0


def test_one_batch_may_be_of_many_polls() -> None:
    red, green, shut, draft = made(), made(shards=3, max_picks=3), made(), made(open_now=False)
    commands.close(shut.pk)
    gone = made()
    commands.delete(gone.pk)
    batch = [
        ballot(poll, n, n % 3) for n in range(30) for poll in (green, shut, red, gone, draft)
    ]  # the same voters' names everywhere
    statuses = [each.status for each in ballots.record(batch)]
    assert statuses == [Status.COUNTED, Status.CLOSED, Status.COUNTED, Status.UNKNOWN, Status.EARLY] * 30
    for poll, votes in ((red, 10), (green, 10), (shut, 0), (draft, 0)):
        assert counts(poll) == [votes] * 3
        assert sound(poll)


@pytest.mark.parametrize("shards", [1, 7])
@pytest.mark.parametrize("together", [True, False], ids=["in one batch", "one after the other"])
def test_a_ballot_id_is_one_ballot_from_every_sender(together: bool, shards: int) -> None:
    poll, same = made(shards=shards), uuid4()
    casts = [ballot(poll, name, choice, ballot_id=same) for name, choice in (("Ann", 1), ("Bob", 1), ("Cem", 0))]
    first, second, third = ballots.record(casts) if together else map(cast, casts)
    assert (first.status, second.status, third.status) == (Status.COUNTED, Status.ALREADY, Status.ID_USED)
    assert first.receipt == second.receipt and third.receipt is None
    assert (first.own, second.own) == (True, False), "the id alone proves nothing"
    assert cast(ballot(poll, "Bob", 2)).status == Status.COUNTED, "Bob has not voted by that"
    commands.close(poll.pk)
    assert cast(casts[1]).receipt == first.receipt and cast(casts[2]).status == Status.ID_USED
    assert counts(poll) == [0, 1, 1] and sound(poll)
    closed = Poll.objects.get(pk=poll.pk)
    found = receipts.find(closed, same)
    assert found is not None
    assert proved(closed, receipts.proof_view(closed, found)["proof"])


def test_the_same_id_in_two_polls_is_two_ballots() -> None:
    red, green, same = made(), made(), uuid4()
    outcomes = ballots.record([ballot(poll, "Ann", 1, ballot_id=same) for poll in (red, green)])
    assert [each.status for each in outcomes] == [Status.COUNTED] * 2


def test_refused_ballots_leave_no_claims() -> None:
    poll = made()
    cast(ballot(poll, "Ann", 0))
    ballots.record([ballot(poll, "Ann", 1) for _ in range(5)])
    assert sql("SELECT count(*) FROM polls_claim WHERE poll_id = %s", poll.pk) == [(1,)]
    refused = ballot(poll, "Ann", 1)
    assert cast(refused).status == Status.REFUSED
    assert cast(ballot(poll, "Bob", 1, ballot_id=refused.ballot_id)).status == Status.COUNTED
