"""Tampering with ballots is found, each voter can prove theirs, and a poll's version only grows."""

from uuid import uuid4

import pytest

from polls import ballots, commands, counting, digest, receipts, whole_digest
from polls.models import Ballot, Poll
from tests.polls.database_polls import ballot, cast, counts, made, proved, rows_of, shown, sound, sql

pytestmark = pytest.mark.django_db


# ------------------------------------------------------------------------------------------------------ tampering, proof
TAMPERING = {
    "choices": "UPDATE polls_ballot SET choices = '{2}' WHERE poll_id = %s AND ballot_id = %s",
    "time": "UPDATE polls_ballot SET cast_at = cast_at - interval '1 s' WHERE poll_id = %s AND ballot_id = %s",
    "voter": "UPDATE polls_ballot SET voter_key = set_byte(voter_key, 0, get_byte(voter_key, 0) # 1)"
    " WHERE poll_id = %s AND ballot_id = %s",
    "mac": "UPDATE polls_ballot SET mac = voter_key WHERE poll_id = %s AND ballot_id = %s",
    "delete": "DELETE FROM polls_ballot WHERE poll_id = %s AND ballot_id = %s",
    "copy": "INSERT INTO polls_ballot SELECT poll_id, shard, '\\x01'::bytea, ballot_id, choices, cast_at, replaced, mac"
    " FROM polls_ballot WHERE poll_id = %s AND ballot_id = %s",
}


@pytest.mark.parametrize("closed", [False, True], ids=["open", "closed"])
@pytest.mark.parametrize("statement", TAMPERING.values(), ids=TAMPERING)
def test_a_row_changed_by_hand_is_found(statement: str, closed: bool) -> None:
    poll = made()
    sent = [ballot(poll, n, n % 2) for n in range(8)]
    ballots.record(sent)
    if closed:
        commands.close(poll.pk)
    assert sound(poll)
    sql(statement, poll.pk, sent[3].ballot_id)
    with pytest.raises(AssertionError):
        sound(poll)


def test_a_deleted_ballot_is_found_even_when_the_counts_are_corrected_with_it() -> None:
    poll = made()
    sent = [ballot(poll, n, 0) for n in range(4)]
    ballots.record(sent)
    gone = "DELETE FROM polls_ballot WHERE poll_id = %s AND ballot_id = %s RETURNING mac"
    mac = int.from_bytes(bytes(sql(gone, poll.pk, sent[0].ballot_id)[0][0]), "big")
    sql("UPDATE polls_tally SET count = count - 1 WHERE poll_id = %s AND choice = 0", poll.pk)
    # All that the row itself gives away is taken out of the seal, too.
    less = "UPDATE polls_seal SET ballots = ballots - 1, sum = mod(sum - %s + %s, %s) WHERE poll_id = %s"
    sql(less, mac, counting.MODULUS, counting.MODULUS, poll.pk)
    with pytest.raises(AssertionError, match="by hand"):
        sound(poll)


@pytest.mark.parametrize("size", [1, 2, 3, 7, 8, 21])
def test_each_voter_can_prove_their_ballot_and_no_other(size: int) -> None:
    poll = made()
    sent = [ballot(poll, n, n % 3) for n in range(size)]
    ballots.record(sent)
    commands.close(poll.pk)
    closed = Poll.objects.get(pk=poll.pk)
    for one in sent:
        found = receipts.find(closed, one.ballot_id)
        assert found is not None
        view = receipts.proof_view(closed, found)
        assert (view["counted"], view["root"]) == (True, closed.root)
        assert bytes.fromhex(view["proof"]["leaf"]) == digest.leaf(one.ballot_id, one.choices, found.cast_at)
        assert proved(closed, view["proof"])
        other = digest.leaf(one.ballot_id, [(one.choices[0] + 1) % 3], found.cast_at)
        assert not proved(closed, view["proof"], other)
        assert not proved(closed, view["proof"], digest.leaf(uuid4(), one.choices, found.cast_at))


def test_postgres_makes_the_leaves_that_a_voters_program_makes() -> None:
    poll = made(choices=list("abcdefghijkl"), max_picks=12)
    for name, picked in {"Ann": (11, 2, 10), "Bob": (0,), "Eve": tuple(range(12))}.items():
        cast(ballot(poll, name, *picked))
    sql("UPDATE polls_ballot SET cast_at = date_trunc('second', cast_at) WHERE choices = '{0}'")
    rows = Ballot.objects.filter(poll=poll).order_by("ballot_id")
    assert sorted(len(row.choices) for row in rows) == [1, 3, 12]
    assert [row.cast_at.microsecond for row in rows if row.choices == [0]] == [0]
    made_here = [digest.leaf(row.ballot_id, row.choices, row.cast_at) for row in rows]
    assert whole_digest.leaves_of(poll.pk) == made_here
    made_there = sql(f"SELECT {digest.LEAF} FROM polls_ballot WHERE poll_id = %s ORDER BY ballot_id", poll.pk)  # noqa: S608
    assert [bytes(leaf) for (leaf,) in made_there] == made_here


# ------------------------------------------------------------------------------------------------------ version, deletion
def test_the_version_only_grows() -> None:
    poll = made(open_now=False, may_change=True)
    seen = [shown(poll)["version"]]
    steps = [
        lambda: commands.open_poll(poll.pk),
        lambda: cast(ballot(poll, "Ann", 0)),
        lambda: cast(ballot(poll, "Ann", 1)),
        lambda: ballots.record([ballot(poll, n, 1) for n in range(9)]),
        lambda: commands.close(poll.pk),
        lambda: commands.reset(poll.pk),
        lambda: cast(ballot(poll, "Ann", 0)),
        lambda: commands.reset(poll.pk),
    ]
    for step in steps:
        step()
        seen.append(shown(poll)["version"])
    assert seen == sorted(set(seen))
    assert counts(poll) == [0, 0, 0]
    assert sound(poll)


def test_what_changes_nothing_shows_no_new_version() -> None:
    poll = made()
    sent = ballot(poll, "Ann", 0)
    cast(sent)
    before = shown(poll)
    ballots.record([sent, ballot(poll, "Ann", 1), ballot(poll, "Bob", 7)])
    commands.open_poll(poll.pk)
    assert shown(poll) == before


def test_deletion_leaves_no_rows() -> None:
    poll, other = made(shards=5), made()
    ballots.record([ballot(each, n, n % 3) for n in range(40) for each in (poll, other)])
    assert all(rows for table, rows in rows_of(poll).items() if table != "polls_onetimecode")
    commands.delete(poll.pk)
    assert set(rows_of(poll).values()) == {0}
    assert sum(counts(other)) == 40
    told = sql("SELECT type FROM outbox_event WHERE stream = 'poll' AND stream_id = %s", poll.pk)
    assert told == [("POLL_DELETED",)]
