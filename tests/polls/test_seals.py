"""The close of a poll by seals (decision 0068): the digest, deaths in the middle, two sealers at once, resets."""

import threading
from collections.abc import Callable, Iterator
from functools import partial
from itertools import count
from typing import Any

import pytest
from django.db import connection
from django.test import Client

from core import sweep
from outbox.models import Event
from polls import ballots, commands, digest, receipts, seals, selectors, timers
from polls.models import Ballot, NodeSeal, Poll, Subtree
from polls.nodes import Node, Placement
from polls.outcomes import Cast, Status
from tests.page_client import page
from tests.polls.database_polls import at_once, ballot, cast, counts, made, proved, shown, sound, sql
from tests.polls.page_client import poll_by_form, press

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def small_subtrees(monkeypatch: pytest.MonkeyPatch) -> None:
    """Four ballots are a subtree, two subtrees a turn: what is large takes few ballots."""
    monkeypatch.setattr(seals, "SUBTREE", 4)
    monkeypatch.setattr(seals, "TURN", 2)


def voted(size: int, **fields: Any) -> tuple[Poll, list[Cast]]:
    """An open poll with this many ballots."""
    poll = made(**fields)
    sent = [ballot(poll, n, n % 3) for n in range(size)]
    ballots.record(sent)
    return poll, sent


def root_of(poll: Poll) -> str:
    """Of the one tree over all ballots in their order, without subtrees."""
    rows = Ballot.objects.filter(poll_id=poll.pk).order_by("shard", "voter_key")
    return digest.root([digest.leaf(row.ballot_id, row.choices, row.cast_at) for row in rows]).hex()


def published(poll: Poll) -> Poll:
    """As it is once it is sealed, found right: each ballot is proven, and each seal counts its own."""
    timers.seal_closed()
    poll = Poll.objects.get(pk=poll.pk)
    assert sound(poll)
    for row in Ballot.objects.filter(poll_id=poll.pk):
        found = receipts.find(poll, row.ballot_id)
        assert found is not None
        assert proved(poll, receipts.proof_view(poll, found)["proof"])
    return poll


def events_of(poll: Poll) -> list[str]:
    return list(Event.objects.filter(stream_id=poll.pk).order_by("version").values_list("type", flat=True))


# ------------------------------------------------------------------------------------------------------------- the digest
@pytest.mark.parametrize("part", [1, 2, 8])
def test_the_tree_over_subtrees_is_the_tree_over_all_leaves(part: int) -> None:
    leaves = [bytes([size]) * 32 for size in range(70)]
    for size in range(len(leaves) + 1):
        whole = leaves[:size]
        parts = [whole[start : start + part] for start in range(0, size, part)]
        assert digest.root([digest.root(each) for each in parts]) == digest.root(whole)


@pytest.mark.parametrize("shards", [1, 3])
@pytest.mark.parametrize("size", [0, 1, 3, 4, 5, 7, 8, 9, 15, 16, 17, 31, 33])
def test_a_sealed_poll_has_the_root_of_the_simple_tree(size: int, shards: int) -> None:
    poll, _ = voted(size, shards=shards)
    commands.close(poll.pk)
    poll = published(poll)
    assert poll.root == root_of(poll)
    assert [seal.ballots for seal in NodeSeal.objects.filter(poll=poll)] == [size]
    assert Subtree.objects.filter(poll=poll).count() == -(-size // 4)


def test_a_poll_of_few_ballots_has_its_digest_in_the_change_that_closes_it() -> None:
    poll, _ = voted(4)
    closed = commands.close(poll.pk)
    assert closed.root == root_of(poll) == shown(poll)["root"]
    assert events_of(poll)[-1] == "POLL_CLOSED" and not timers.seal_closed()


@pytest.mark.thorough
def test_while_it_is_sealed_a_poll_is_closed_and_its_digest_is_still_to_come(voter: Client) -> None:
    poll, sent = voted(20)
    commands.close(poll.pk)
    assert [cast(ballot(poll, "late", 0)).status, cast(sent[3]).status] == [Status.CLOSED, Status.ALREADY]
    row = shown(poll)
    assert (row["status"], row["root"], row["ballots"]) == ("closed", "", 20)
    assert events_of(poll)[-1] == "POLL_CLOSED"
    poll = Poll.objects.get(pk=poll.pk)
    found = receipts.find(poll, sent[3].ballot_id)
    assert found is not None
    view = receipts.proof_view(poll, found)
    assert (view["counted"], view["root"], view["proof"]) == (True, None, None)
    typed = voter.post(f"/vote/{poll.code}/receipt", {"ballot": sent[3].ballot_id}).content.decode()
    assert "The digest of all ballots is being made" in typed
    assert "No more votes are counted" in page(voter, f"/vote/{poll.code}/own")
    assert sound(poll)
    assert published(poll).root == shown(poll)["root"]
    assert events_of(poll)[-1] == "POLL_SEALED" and shown(poll)["version"] > row["version"]
    assert (
        "Proven after the close"
        in voter.post(f"/vote/{poll.code}/receipt", {"ballot": sent[3].ballot_id}).content.decode()
    )


def test_the_hosts_page_says_that_the_digest_is_being_made(host: Client) -> None:
    poll = poll_by_form(host)
    ballots.record([ballot(poll, n, n % 2) for n in range(9)])
    assert "The digest of all ballots is being made" in press(host, poll, "close")
    timers.seal_closed()
    assert Poll.objects.get(pk=poll.pk).root in page(host, f"/polls/{poll.code}/host")


@pytest.mark.thorough
def test_a_path_goes_through_the_roots_of_the_nodes_in_their_order(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two nodes on one database: each has its own shards, seal and tree."""
    nodes = [Node("default", range(0, 3, 2)), Node("default", range(1, 2))]
    monkeypatch.setattr(Placement, "all", lambda self: nodes)
    poll, _ = voted(30, shards=3)
    commands.close(poll.pk)
    poll = published(poll)
    roots = [seal.root for seal in NodeSeal.objects.filter(poll=poll).order_by("shard")]
    assert poll.root == digest.node(*map(bytes.fromhex, roots)).hex()


@pytest.mark.thorough
def test_a_turn_is_a_few_subtrees_and_polls_take_turns() -> None:
    large, small = voted(60)[0], voted(9)[0]
    commands.close(large.pk)
    commands.close(small.pk)
    assert sweep.each(selectors.polls_unsealed(), seals.advance) == 2
    assert [Subtree.objects.filter(poll=poll).count() for poll in (large, small)] == [2, 2]
    assert sweep.each(selectors.polls_unsealed(), seals.advance) == 2
    assert selectors.polls_unsealed() == [large.pk]
    published(large)


@pytest.mark.thorough
def test_seals_changed_by_hand_are_found() -> None:
    for change in (
        "UPDATE polls_nodeseal SET ballots = ballots + 1 WHERE poll_id = %s",
        "UPDATE polls_nodeseal SET root = repeat('0', 64) WHERE poll_id = %s",
        "UPDATE polls_subtree SET hash = sha256(hash) WHERE poll_id = %s AND number = 1",
        "DELETE FROM polls_subtree WHERE poll_id = %s AND number = 2",
        "DELETE FROM polls_nodeseal WHERE poll_id = %s",
    ):
        poll, _ = voted(11)
        commands.close(poll.pk)
        published(poll)
        sql(change, poll.pk)
        with pytest.raises(AssertionError, match=r"seal|digest"):
            sound(poll)


# ------------------------------------------------------------------------------------------------------ deaths and company
class Died(Exception):
    pass


def dying_at(number: int) -> Callable[..., Any]:
    """Ends the work at its n-th statement, as a death does: what is not committed is gone."""
    said = count(1)

    def execute(run: Callable[..., Any], *statement: Any) -> Any:
        if next(said) == number:
            raise Died
        return run(*statement)

    return execute


def sealed_until_it_dies(poll: Poll, number: int) -> bool:
    """Whether the sealing ended before its n-th statement."""
    try:
        with connection.execute_wrapper(dying_at(number)):
            while seals.advance(poll.pk):
                pass
    except Died:
        return False
    return True


def rows_of(poll: Poll) -> list[dict[str, Any]]:
    """Its seals that stand, and its subtrees."""
    seals_of = NodeSeal.objects.filter(poll=poll).exclude(root="")
    return [dict(row) for row in seals_of.values()] + [dict(row) for row in Subtree.objects.filter(poll=poll).values()]


def unsealed(poll: Poll) -> None:
    """Takes it back to its close, past the program."""
    sql("DELETE FROM polls_nodeseal WHERE poll_id = %s", poll.pk)
    sql("DELETE FROM polls_subtree WHERE poll_id = %s", poll.pk)
    sql("DELETE FROM outbox_event WHERE stream_id = %s AND type = 'POLL_SEALED'", poll.pk)
    sql("UPDATE polls_poll SET root = '', version = version - 1 WHERE id = %s", poll.pk)


@pytest.mark.thorough
def test_sealing_goes_on_wherever_it_died() -> None:
    poll, _ = voted(9, shards=2)
    commands.close(poll.pk)
    root = root_of(poll)
    for number in count(1):
        through = sealed_until_it_dies(poll, number)
        before = rows_of(poll)
        timers.seal_closed()
        assert Poll.objects.get(pk=poll.pk).root == root
        after = rows_of(poll)
        assert all(row in after for row in before), "what stood was changed"
        assert events_of(poll).count("POLL_SEALED") == 1
        if through:
            break
        unsealed(poll)
    assert number > 30
    published(poll)


def test_a_reset_in_the_middle_of_sealing_leaves_nothing_of_the_round() -> None:
    poll, _ = voted(30)
    commands.close(poll.pk)
    seals.advance(poll.pk)
    assert Subtree.objects.filter(poll=poll).exists()
    commands.reset(poll.pk)
    assert not Subtree.objects.filter(poll=poll).exists() and not NodeSeal.objects.filter(poll=poll).exists()
    assert not seals.advance(poll.pk)
    ballots.record([ballot(poll, n, 1) for n in range(9)])
    commands.close(poll.pk)
    poll = published(poll)
    assert (poll.root, counts(poll)) == (root_of(poll), [0, 9, 0])
    commands.delete(poll.pk)
    assert not Subtree.objects.filter(poll_id=poll.pk).exists()
    assert not NodeSeal.objects.filter(poll_id=poll.pk).exists()


@pytest.fixture
def no_ballots_left(transactional_db: None) -> Iterator[None]:
    """Django empties the tables it manages after such a test; this one it does not."""
    yield
    sql("TRUNCATE polls_ballot")


@pytest.mark.thorough
@pytest.mark.django_db(transaction=True)
def test_two_sealers_at_once_do_each_thing_once(no_ballots_left: None) -> None:
    polls = [voted(60)[0] for _ in range(2)]
    for poll in polls:
        commands.close(poll.pk)
    at_once([timers.seal_closed] * 3, threads=3)
    for poll in polls:
        assert Poll.objects.get(pk=poll.pk).root == root_of(poll) and sound(poll)
        assert Subtree.objects.filter(poll=poll).count() == 15
        assert events_of(poll).count("POLL_SEALED") == 1


@pytest.mark.thorough
@pytest.mark.django_db(transaction=True)
def test_no_ballot_comes_in_after_its_seal(no_ballots_left: None) -> None:
    poll = made(shards=3)
    sent = [ballot(poll, n, n % 3) for n in range(120)]
    halfway = threading.Semaphore(0)

    def vote(one: Cast) -> Status:
        status = cast(one).status
        halfway.release()
        return status

    def close() -> Status:
        for _ in range(60):
            halfway.acquire(timeout=20)
        commands.close(poll.pk)
        timers.seal_closed()
        return Status.CLOSED

    jobs: list[Callable[[], Status]] = [partial(vote, one) for one in sent]
    statuses = at_once([close, *jobs], threads=8)[1:]
    assert set(statuses) <= {Status.COUNTED, Status.CLOSED}
    assert NodeSeal.objects.get(poll=poll).ballots == statuses.count(Status.COUNTED) == shown(poll)["ballots"]
    assert Poll.objects.get(pk=poll.pk).root == root_of(poll) and sound(poll)
