"""Ballots on two databases beside `default` (decision 0069)."""

import random
from collections import Counter
from collections.abc import Iterator
from functools import partial
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.db import DatabaseError, OperationalError, connections
from django.test import override_settings
from msgspec.structs import replace

from core.start import CannotStart
from outbox.effects import Retry
from outbox.models import Event
from polls import ballots, commands, digest, on_nodes, receipts, rules, seals, selectors, timers, voters
from polls.models import Ballot, Claim, NodeSeal, Poll, PollOnNode, Tally
from polls.nodes import ON_NODES, Placement
from polls.outcomes import Cast, Status
from tests.installation import wait_until
from tests.polls.database_polls import at_once, ballot, cast, counts, crowd, made, proved, shown, sound
from tests.polls.nodes import DATABASES, NODES, away, line_to, two_nodes

pytestmark = [pytest.mark.django_db(transaction=True, databases=DATABASES), pytest.mark.thorough]


@pytest.fixture(scope="module", autouse=True)
def nodes(django_db_setup: None, django_db_blocker: Any) -> Iterator[None]:
    with django_db_blocker.unblock(), two_nodes():
        yield


def on(node: str, poll: Poll) -> int:
    """How many of the poll's ballots the node holds."""
    return Ballot.objects.using(node).filter(poll_id=poll.pk).count()


def sent_from(poll: Poll, claimed_on: str, voter_on: str) -> Cast:
    """A ballot whose id belongs on one node and whose voter on another."""
    while True:
        one = ballot(poll, uuid4(), 1)
        placement = poll.placement
        if (placement.node_of_claim(one.ballot_id), placement.node_of_voter(one.voter_key)) == (claimed_on, voter_on):
            return one


def status_on_its_node(poll: Poll, one: Cast) -> Status:
    """Of a ballot on the first of its nodes, from a process that knows the poll."""
    return ballots.record_on_node([replace(one, placement=poll.placement)], wait=True)[0].status


def done(poll: Poll) -> None:
    """Does what the poll's last event asks of its nodes. Raises Retry."""
    on_nodes.follow(Event.objects.filter(stream="poll", stream_id=poll.pk).exclude(type="POLL_CREATED").latest("pk"))


def test_a_node_has_the_tables_of_ballots_and_no_others() -> None:
    with connections[NODES[0]].cursor() as cursor:
        tables = set(connections[NODES[0]].introspection.table_names(cursor))
    assert tables == {f"polls_{model}" for model in ON_NODES} | {"django_migrations"}


def test_each_shard_is_on_its_node_and_results_are_added_up() -> None:
    poll = made(shards=5)
    outcomes = ballots.record([ballot(poll, n, n % 3) for n in range(60)])
    assert {each.status for each in outcomes} == {Status.COUNTED}
    for node in poll.placement.all():
        for model in (Ballot, Claim, Tally):
            there = set(model.objects.using(node.alias).filter(poll_id=poll.pk).values_list("shard", flat=True))
            assert there == set(node.shards)
    assert on("default", poll) == 0 and on(NODES[0], poll) + on(NODES[1], poll) == 60
    assert selectors.versions_on_default([poll.pk]) == {}, "its ballots are not there"
    assert (counts(poll), shown(poll)["ballots"]) == ([20, 20, 20], 60)
    assert sound(poll)


def test_polls_of_one_shard_are_spread_over_the_nodes_and_older_ones_stay() -> None:
    polls = [made() for _ in range(16)]
    assert {each.alias for poll in polls for each in poll.placement.all()} == set(NODES)
    older = made()
    Poll.objects.filter(pk=older.pk).update(nodes=0)
    older.refresh_from_db()
    assert cast(ballot(older, "Ann", 1)).status == Status.COUNTED
    assert on("default", older) == 1 and sound(older)


def test_a_ballot_whose_id_and_voter_are_on_two_nodes_is_one_of_its_first_voter() -> None:
    poll = made(shards=4)
    first, other = sent_from(poll, *NODES), sent_from(poll, NODES[0], NODES[0])
    counted = cast(first)
    again = cast(first)
    assert (counted.status, again.status, again.receipt) == (Status.COUNTED, Status.ALREADY, counted.receipt)
    stolen = cast(replace(first, voter_key=other.voter_key))
    assert (stolen.status, stolen.receipt, stolen.own) == (Status.ALREADY, counted.receipt, False)
    second = cast(replace(other, voter_key=first.voter_key))
    assert second.status == Status.REFUSED
    found = receipts.find(poll, first.ballot_id)
    assert found is not None and found.choices == [1]
    assert counts(poll) == [0, 1, 0] and sound(poll)


def test_after_a_death_between_the_two_nodes_the_retry_is_counted() -> None:
    poll = made(shards=4)
    one = sent_from(poll, *NODES)
    assert status_on_its_node(poll, one) == Status.MOVED and counts(poll) == [0, 0, 0]
    assert cast(one).status == Status.COUNTED
    assert counts(poll) == [0, 1, 0] and sound(poll)


def test_a_crowd_over_two_nodes_is_counted_exactly() -> None:
    poll = made(shards=7, max_picks=2, may_change=True)
    batches = []
    for thread in range(4):
        mixed = crowd(thread % 2, poll, 120)
        random.Random(thread).shuffle(mixed)
        batches += [mixed[start : start + 30] for start in range(0, len(mixed), 30)]
    outcomes = at_once([partial(ballots.record, batch) for batch in batches], threads=4)
    told = [
        (one, each)
        for batch, answers in zip(batches, outcomes, strict=True)
        for one, each in zip(batch, answers, strict=True)
    ]
    assert {each.status for _, each in told} >= {Status.COUNTED, Status.ALREADY, Status.CHANGED, Status.INVALID}
    voters = {one.voter_key for one, each in told if each.receipt}
    assert on(NODES[0], poll) + on(NODES[1], poll) == shown(poll)["ballots"] == len(voters)
    assert sound(poll)


def test_a_node_that_is_away_stops_its_own_ballots_only() -> None:
    poll = made(shards=4)
    here, there = sent_from(poll, NODES[0], NODES[0]), sent_from(poll, NODES[1], NODES[1])
    cast(there)
    with away(NODES[1]):
        assert cast(here).status == Status.COUNTED
        with pytest.raises(DatabaseError):
            cast(sent_from(poll, NODES[1], NODES[1]))
        with pytest.raises(DatabaseError):  # a count without a node's would be a lie
            shown(poll)
        assert poll.pk in selectors.polls_changed_since(poll.created_at)
    assert counts(poll) == [0, 2, 0] and sound(poll)


def test_a_frozen_node_is_away_and_holds_up_no_other() -> None:
    poll = made(shards=4)
    here, there = sent_from(poll, NODES[0], NODES[0]), sent_from(poll, NODES[1], NODES[1])
    with line_to(NODES[1]) as line:
        cast(sent_from(poll, NODES[1], NODES[1]))
        with line.frozen():
            for _ in range(2):  # the second is told at once
                with pytest.raises(OperationalError, match="does not answer"):
                    cast(there)
            assert cast(here).status == Status.COUNTED
        wait_until(lambda: answers(there), what="the node to answer again")
        assert cast(there).status in {Status.COUNTED, Status.ALREADY}
    assert counts(poll) == [0, 3, 0] and sound(poll)


def answers(one: Cast) -> bool:
    """Whether its node takes the ballot."""
    try:
        return cast(one).receipt is not None
    except OperationalError:
        return False


def test_the_error_of_a_node_that_is_being_restarted_means_away() -> None:
    with connections[NODES[0]].cursor() as cursor, pytest.raises(OperationalError):
        cursor.execute("DO $$ BEGIN RAISE EXCEPTION 'worker is shutting down' USING ERRCODE = 'XX000'; END $$")


def test_a_slow_statement_on_a_node_that_works_is_waited_for() -> None:
    with connections[NODES[0]].cursor() as cursor:
        cursor.execute("SELECT pg_sleep(1.3)")


def test_a_reset_that_a_node_does_not_hear_of_shows_nothing_of_the_round_before() -> None:
    poll = made(shards=4)
    for node in NODES:
        cast(sent_from(poll, node, node))
    with away(NODES[1]):
        commands.reset(poll.pk)
        with pytest.raises(Retry):
            done(poll)
    poll.refresh_from_db()
    assert on(NODES[1], poll) == 1 and (counts(poll), shown(poll)["ballots"]) == ([0, 0, 0], 0)
    late = sent_from(poll, NODES[1], NODES[1])
    assert cast(replace(late, choices=(2,), epoch=1)).status == Status.COUNTED
    assert counts(poll) == [0, 0, 1] and sound(poll)
    done(poll)
    assert counts(poll) == [0, 0, 1]


def test_a_deleted_poll_leaves_a_mark_on_its_nodes_and_takes_no_late_ballot() -> None:
    poll = made(shards=4)
    for node in NODES:
        cast(sent_from(poll, node, node))
    late = sent_from(poll, *NODES)
    with away(NODES[1]):
        commands.delete(poll.pk)
        with pytest.raises(Retry):
            done(poll)
    done(poll)
    for node in NODES:
        assert [on(node, poll), Claim.objects.using(node).filter(poll_id=poll.pk).count()] == [0, 0]
        assert [row.status for row in PollOnNode.objects.using(node).filter(poll_id=poll.pk)] == ["deleted"]
    assert cast(late).status == Status.UNKNOWN
    assert status_on_its_node(poll, late) == Status.UNKNOWN


def test_a_draft_takes_no_ballot_and_is_as_it_is_opened() -> None:
    poll = made(shards=4, open_now=False, choices=("Red", "Green"))
    one = sent_from(poll, NODES[0], NODES[0])
    assert cast(one).status == Status.EARLY
    commands.edit(poll.pk, commands.NewPoll(title="Which?", choices=("A", "B", "C"), shards=4, max_picks=2))
    commands.open_poll(poll.pk)
    assert cast(ballot(poll, "Ann", 1, 2)).status == Status.COUNTED
    assert cast(ballot(poll, "Bob", 3)).status == Status.INVALID


def test_no_process_starts_without_the_nodes_of_its_polls() -> None:
    on_nodes.require_nodes()
    made()
    with override_settings(BALLOT_DATABASE_URLS=[]), pytest.raises(CannotStart, match="on 2"):
        on_nodes.require_nodes()


def test_the_end_is_kept_by_each_node() -> None:
    poll = made(shards=4)
    for node in NODES:
        cast(sent_from(poll, node, node))
        PollOnNode.objects.using(node).filter(poll_id=poll.pk).update(ends_at=poll.created_at)
    assert Counter(cast(ballot(poll, n, 1)).status for n in range(8)) == {Status.CLOSED: 8}


def test_a_close_seals_each_node_and_a_proof_goes_through_its_nodes_root(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(seals, "SUBTREE", 4)
    poll = made(shards=4)
    ballots.record([ballot(poll, n, 1) for n in range(40)])
    with away(NODES[1]):
        commands.close(poll.pk)
        assert cast(sent_from(poll, NODES[0], NODES[0])).status == Status.CLOSED  # it has heard of the close at once
        assert timers.seal_closed() and Poll.objects.get(pk=poll.pk).root == ""
        [seal] = NodeSeal.objects.using(NODES[0]).filter(poll_id=poll.pk)
        assert len(seal.root) == 64, "a node that is away holds up no other"
    # Acknowledged on a node that has not heard of the close, so counted.
    assert cast(sent_from(poll, NODES[1], NODES[1])).status == Status.COUNTED
    timers.seal_closed()
    assert cast(sent_from(poll, NODES[1], NODES[1])).status == Status.CLOSED
    poll.refresh_from_db()
    sealed = [NodeSeal.objects.using(node.alias).get(poll_id=poll.pk) for node in poll.placement.all()]
    assert seal in sealed and sum(each.ballots for each in sealed) == 41
    assert poll.root == digest.node(*(bytes.fromhex(each.root) for each in sealed)).hex() and sound(poll)
    for node in NODES:
        for row in Ballot.objects.using(node).filter(poll_id=poll.pk):
            found = receipts.find(poll, row.ballot_id)
            assert found is not None and proved(poll, receipts.proof_view(poll, found)["proof"])
    commands.reset(poll.pk)
    assert not any(NodeSeal.objects.using(node).filter(poll_id=poll.pk).exists() for node in NODES)


def test_shards_of_a_node_are_every_second_one_or_all() -> None:
    spread = Placement(UUID(int=6), shards=5, nodes=2)
    assert [(node.alias, list(node.shards)) for node in spread.all()] == [("ballots1", [0, 2, 4]), ("ballots2", [1, 3])]
    assert [spread.node_of(shard) for shard in range(3)] == ["ballots1", "ballots2", "ballots1"]
    together = Placement(UUID(int=7), shards=3, nodes=2, together=True)
    assert [(node.alias, list(node.shards)) for node in together.all()] == [("ballots2", [0, 1, 2])]
    assert [node.alias for node in Placement(UUID(int=7), shards=1, nodes=2).all()] == ["ballots2"]
    assert not together.is_spread and spread.is_spread


def test_a_ballot_whose_id_was_chosen_for_its_voters_node_takes_one_transaction() -> None:
    poll = made(shards=4)
    for token in ("ab" * 32, "cd" * 32, "ef" * 32):
        key = voters.token_key(poll.placement, token)
        node = rules.shard_of(key, 4) % 2
        ballot_id = next(each for each in iter(uuid4, None) if rules.claim_shard(each, 4) % 2 == node)
        one = Cast(poll_id=poll.pk, voter_key=key, ballot_id=ballot_id, choices=(0,), placement=poll.placement)
        [outcome] = ballots.record_on_node([one], wait=True)
        assert (outcome.status, outcome.moved) == (Status.COUNTED, None)
