"""`record(batch)`: the only way a ballot enters (law 7). Acknowledged means committed.

One short transaction for 1 to 500 ballots of any polls on one node: shared lock of each poll, one clock, the claims of the
ballots' ids, one insert that ignores known voters, one upsert of the tallies. Keys are sorted throughout, so that batches wait
for each other in one order and never in a circle. A ballot whose id is claimed on one node and whose voter is on another takes
two such transactions (decision 0069).
"""

from collections.abc import Sequence
from datetime import datetime
from functools import partial
from uuid import UUID

from django.db import DEFAULT_DB_ALIAS, transaction
from msgspec.structs import replace

from core import clock
from core.locks import lock_shared
from core.refusals import Reason
from outbox.dispatcher import follow
from polls import ballot_rows, claiming, nodes, on_nodes, poll_states, refusals, rules, signatures
from polls.ballot_rows import Row
from polls.counting import Added, Counts, count, proof_of
from polls.models import Poll
from polls.nodes import Node, Placement
from polls.outcomes import Cast, Outcome, Status
from polls.poll_states import PollState
from polls.receipts import Receipt, receipt_of

# Followers of the counts are told once a batch is committed (outbox/effects.py: FOLLOWERS).
STREAM = "ballots"
MOST = 500


def record(batch: Sequence[Cast], *, wait: bool = True) -> list[Outcome]:
    """Records ballots of any nodes, node by node, and says in the batch's order what became of each.

    For who casts a ballot in a thread; the batcher sorts by node and calls `record_on_node`. Raises as that.
    """
    outcomes: dict[int, Outcome] = {}
    left = dict(enumerate(_placed(batch)))
    while left:
        node = min(cast.node for cast in left.values())
        here = {index: cast for index, cast in left.items() if cast.node == node}
        for index, outcome in zip(here, record_on_node([*here.values()], wait=wait), strict=True):
            if outcome.moved is not None:
                left[index] = outcome.moved
            else:
                outcomes[index] = outcome
                del left[index]
    return [outcomes[index] for index in range(len(batch))]


def _placed(batch: Sequence[Cast]) -> list[Cast]:
    """The ballots, each with its poll's placement."""
    if not nodes.count():
        return [*batch]
    unknown = {cast.poll_id for cast in batch if cast.placement is None}
    found = {poll.pk: poll.placement for poll in Poll.objects.filter(pk__in=unknown)}
    return [replace(cast, placement=cast.placement or found.get(cast.poll_id)) for cast in batch]


def record_on_node(batch: Sequence[Cast], *, wait: bool) -> list[Outcome]:
    """Records a batch of one node's ballots in one durable transaction and says, in its order, what became of each. A ballot
    that goes on to another node is MOVED: record `Outcome.moved` there.

    Without `wait`, ballots of polls that a command has locked (a close may take seconds) are HELD: nothing is done with them.
    Raises ValueError for more than MOST ballots. A database error means that nothing of the batch was counted.
    """
    if len(batch) > MOST:
        raise ValueError(f"at most {MOST} ballots at once")
    outcomes = _record(batch, wait=wait)
    if behind := {
        index: cast
        for index, (cast, outcome) in enumerate(zip(batch, outcomes, strict=True))
        if cast.node != DEFAULT_DB_ALIAS and outcome.status in {Status.UNKNOWN, Status.OTHER_ROUND}
    }:
        again = _record_after_bringing_up([*behind.values()], wait=wait)
        for index, outcome in zip(behind, again, strict=True):
            outcomes[index] = outcome
    return outcomes


def _record_after_bringing_up(batch: Sequence[Cast], *, wait: bool) -> list[Outcome]:
    """For ballots of polls that are opened or reset since the node heard of them."""
    statuses = {placement: on_nodes.bring_up(placement, node) for placement, node in {_home(cast) for cast in batch}}
    return [
        Outcome(Status.EARLY, problem=refusals.NOT_OPEN_YET) if statuses[_home(cast)[0]] == rules.DRAFT else outcome
        for cast, outcome in zip(batch, _record(batch, wait=wait), strict=True)
    ]


def _record(batch: Sequence[Cast], *, wait: bool) -> list[Outcome]:
    node = batch[0].node
    forged = {index: problem for index, cast in enumerate(batch) if (problem := _signature_problem(cast))}
    with transaction.atomic(using=node, durable=True):
        placements = {cast.poll_id: cast.placement or Placement(cast.poll_id) for cast in batch}
        poll_ids = sorted(placements)
        free = lock_shared(poll_ids, wait=wait, using=node)
        now = clock.now(using=node)
        polls = poll_states.read(node, placements, now)
        outcomes: list[Outcome | None] = [
            Outcome(Status.HELD)
            if cast.poll_id not in free
            else Outcome(Status.UNSIGNED, problem=forged[index])
            if index in forged
            else _refusal(cast, polls.get(cast.poll_id))
            for index, cast in enumerate(batch)
        ]
        left = {index: cast for index, cast in enumerate(batch) if outcomes[index] is None}
        taken = claiming.claim(node, left, outcomes, polls)
        claiming.move(node, batch, left, outcomes, polls)
        counts = Counts(Added)
        # By voter, as the claims have it now.
        order = sorted(left, key=lambda index: (left[index].poll_id, left[index].voter_key))
        fresh = _insert(node, [left[index] for index in order], polls, now, counts)
        for index, new in zip(order, fresh, strict=True):
            cast = left[index]
            outcomes[index] = (
                Outcome(Status.COUNTED, _receipt(cast, polls[cast.poll_id], now), own=True)
                if new
                else _again(
                    node, cast, polls[cast.poll_id], now, counts, same_voter=cast.voter_key == batch[index].shown_key
                )
            )
        claiming.give_back(node, taken, outcomes)
        count(counts, now, using=node)
        for poll_id in {poll_id for poll_id, _ in counts}:
            transaction.on_commit(partial(follow, STREAM, poll_id), using=node, robust=True)
    return [outcome for outcome in outcomes if outcome is not None]


def _home(cast: Cast) -> tuple[Placement, Node]:
    """Its poll's placement, and the poll's node on which it is recorded next."""
    placement = cast.placement or Placement(cast.poll_id)
    return placement, next(node for node in placement.all() if node.alias == cast.node)


def _signature_problem(cast: Cast) -> Reason | None:
    """Why its signature is invalid, or None. Called before the transaction, because it takes longer than all the rest."""
    if cast.signed is None or cast.settled is not None:  # the node before has looked
        return None
    text = signatures.text_of(cast.poll_id, cast.ballot_id, cast.choices, epoch=cast.epoch)
    return signatures.problem(cast.signed, text)


def _refusal(cast: Cast, poll: PollState | None) -> Outcome | None:
    if poll is None:
        return Outcome(Status.UNKNOWN, problem=refusals.NO_SUCH_POLL)
    if cast.epoch is not None and cast.epoch != poll.epoch or cast.settled and cast.settled.epoch != poll.epoch:
        return Outcome(Status.OTHER_ROUND, problem=refusals.EARLIER_ROUND)
    problem = rules.picks_problem(
        cast.choices, choices=poll.choices, min_picks=poll.min_picks, max_picks=poll.max_picks
    )
    if problem:
        return Outcome(Status.INVALID, problem=problem)
    if poll.phase == rules.OPEN:
        return None
    if poll.phase == rules.CLOSED:
        return None  # a ballot counted before the close is still acknowledged when it is sent again
    return Outcome(Status.EARLY, problem=refusals.NOT_OPEN_YET)


def _insert(
    node: str, casts: Sequence[Cast], polls: dict[UUID, PollState], now: datetime, counts: Counts
) -> list[bool]:
    """Inserts and counts new voters' ballots; says of each ballot whether it went in."""
    fresh = [False] * len(casts)
    rows = []
    for place, cast in enumerate(casts):
        poll = polls[cast.poll_id]
        if poll.phase == rules.OPEN and (cast.settled is None or cast.settled.claimed):
            proof = proof_of(cast.poll_id, cast.voter_key, cast.ballot_id, cast.choices, now, cast.signer)
            rows.append((place, cast, proof, _row(cast, poll, now, proof.mac)))
    macs = ballot_rows.insert([row for _, _, _, row in rows], now, using=node)
    for place, cast, proof, row in rows:
        if proof.mac in macs:
            macs.remove(proof.mac)  # the very same ballot twice in one batch is in there once
            counts[cast.poll_id, row.shard].new(cast.choices, proof)
            fresh[place] = True
    return fresh


def _again(node: str, cast: Cast, poll: PollState, now: datetime, counts: Counts, *, same_voter: bool) -> Outcome:
    """A known voter: the same ballot again, a change, or a second ballot. `same_voter`: known by more than the ballot's id."""
    shard = rules.shard_of(cast.voter_key, poll.shards)
    found = ballot_rows.locked(cast.poll_id, shard, cast.voter_key, using=node)
    if found is None:
        return Outcome(Status.CLOSED, problem=refusals.POLL_CLOSED)
    row, replaced = found
    if row.ballot_id == cast.ballot_id:
        if row.signer != cast.signer:
            return Outcome(Status.UNSIGNED, problem=refusals.OTHER_KEY)
        if list(row.choices) != sorted(cast.choices):
            return Outcome(Status.ID_USED, problem=refusals.BALLOT_ID_USED)
        return Outcome(Status.ALREADY, _receipt(cast, poll, row.cast_at), own=same_voter or cast.signed is not None)
    if cast.ballot_id in replaced:
        receipt = receipt_of(cast.poll_id, row.ballot_id, row.cast_at, epoch=poll.epoch)
        return Outcome(Status.ALREADY, receipt, own=same_voter)
    if poll.phase != rules.OPEN or cast.settled is not None and not cast.settled.claimed:
        return Outcome(Status.CLOSED, problem=refusals.POLL_CLOSED)
    if not poll.may_change or len(replaced) >= rules.MOST_REPLACED:
        return Outcome(Status.REFUSED, problem=refusals.VOTED_ALREADY)
    before = proof_of(cast.poll_id, cast.voter_key, row.ballot_id, row.choices, row.cast_at, row.signer)
    fresh = proof_of(cast.poll_id, cast.voter_key, cast.ballot_id, cast.choices, now, cast.signer)
    ballot_rows.replace(_row(cast, poll, now, fresh.mac), using=node)
    counts[cast.poll_id, shard].changed(row.choices, cast.choices, before, fresh)
    return Outcome(Status.CHANGED, _receipt(cast, poll, now), own=True)


def _row(cast: Cast, poll: PollState, now: datetime, mac: bytes) -> Row:
    return Row(
        poll_id=cast.poll_id,
        shard=rules.shard_of(cast.voter_key, poll.shards),
        voter_key=cast.voter_key,
        ballot_id=cast.ballot_id,
        choices=cast.choices,
        cast_at=now,
        mac=mac,
        signer=cast.signer,
    )


def _receipt(cast: Cast, poll: PollState, cast_at: datetime) -> Receipt:
    return receipt_of(cast.poll_id, cast.ballot_id, cast_at, epoch=poll.epoch)
