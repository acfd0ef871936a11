"""`record(batch)`: the only way a ballot enters (law 7). Acknowledged means committed.

One short transaction for 1 to 500 ballots of any polls: shared lock of each poll, one clock, the claims of the ballots' ids, one
insert that ignores known voters, one upsert of the tallies. Keys are sorted throughout, so that batches wait for each other
in one order and never in a circle.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from uuid import UUID

from django.db import connection, transaction

from core import clock
from core.locks import lock_shared
from core.refusals import Reason
from outbox.dispatcher import follow
from polls import ballot_rows, claims, refusals, rules, signatures
from polls.ballot_rows import Row
from polls.claims import Claimed, Key
from polls.counting import Counts, count, proof_of
from polls.outcomes import Cast, Outcome, Status
from polls.receipts import Receipt, receipt_of

# Followers of the counts are told once a batch is committed (outbox/effects.py: FOLLOWERS).
STREAM = "ballots"
MOST = 500


@dataclass(frozen=True, slots=True)
class _Poll:
    phase: str
    epoch: int
    shards: int
    min_picks: int
    max_picks: int
    may_change: bool
    choices: int


def record(batch: Sequence[Cast], *, wait: bool = True) -> list[Outcome]:
    """Records the batch in one durable transaction and says, in the batch's order, what became of each ballot.

    Without `wait`, ballots of polls that a command has locked (a close may take seconds) are HELD: nothing is done with them.
    Raises ValueError for more than MOST ballots. A database error means that nothing of the batch was counted.
    """
    if len(batch) > MOST:
        raise ValueError(f"at most {MOST} ballots at once")
    forged = {index: problem for index, cast in enumerate(batch) if (problem := _signature_problem(cast))}
    with transaction.atomic(durable=True):
        poll_ids = sorted({cast.poll_id for cast in batch})
        free = lock_shared(poll_ids, wait=wait)
        now = clock.now()
        polls = _polls(poll_ids, now)
        outcomes: list[Outcome | None] = [
            Outcome(Status.HELD)
            if cast.poll_id not in free
            else Outcome(Status.UNSIGNED, problem=forged[index])
            if index in forged
            else _refusal(cast, polls.get(cast.poll_id))
            for index, cast in enumerate(batch)
        ]
        left = {index: cast for index, cast in enumerate(batch) if outcomes[index] is None}
        taken = _claim(left, outcomes, polls)
        counts = Counts(Counter(), Counter(), Counter(), Counter())
        # By voter, as the claims have it now.
        order = sorted(left, key=lambda index: (left[index].poll_id, left[index].voter_key))
        fresh = _insert([left[index] for index in order], polls, now, counts)
        for index, new in zip(order, fresh, strict=True):
            cast = left[index]
            outcomes[index] = (
                Outcome(Status.COUNTED, _receipt(cast, polls[cast.poll_id], now), own=True)
                if new
                else _again(cast, polls[cast.poll_id], now, counts, same_voter=cast.voter_key == batch[index].voter_key)
            )
        _give_back(taken, outcomes)
        count(counts, now)
        for poll_id in {poll_id for poll_id, _ in counts.changes}:
            transaction.on_commit(partial(follow, STREAM, poll_id), robust=True)
    return [outcome for outcome in outcomes if outcome is not None]


def _signature_problem(cast: Cast) -> Reason | None:
    """Why its signature is invalid, or None. Called before the transaction, because it takes longer than all the rest."""
    if cast.signed is None:
        return None
    text = signatures.text_of(cast.poll_id, cast.ballot_id, cast.choices, epoch=cast.epoch)
    return signatures.problem(cast.signed, text)


def _polls(poll_ids: Sequence[UUID], now: datetime) -> dict[UUID, _Poll]:
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT id, status, starts_at, ends_at, epoch, shards, min_picks, max_picks, may_change,
                   (SELECT count(*) FROM polls_choice c WHERE c.poll_id = p.id)
              FROM polls_poll p WHERE id = ANY(%s)
            """,
            [list(poll_ids)],
        )
        return {
            poll_id: _Poll(rules.phase(status=status, starts_at=starts_at, ends_at=ends_at, now=now), *rules_of_it)
            for poll_id, status, starts_at, ends_at, *rules_of_it in cursor
        }


def _refusal(cast: Cast, poll: _Poll | None) -> Outcome | None:
    if poll is None:
        return Outcome(Status.UNKNOWN, problem=refusals.NO_SUCH_POLL)
    if cast.epoch is not None and cast.epoch != poll.epoch:
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


def _claim(left: dict[int, Cast], outcomes: list[Outcome | None], polls: dict[UUID, _Poll]) -> dict[int, list[Key]]:
    """Finds out whose each ballot is: in a poll for a line the voter that its browser is, and always the voter that has used
    its id first. Changes the casts in `left` accordingly and takes out those of an older round. Returns what was claimed anew,
    by the cast that did it.
    """
    taken: dict[int, list[Key]] = {}
    browsers = {
        index: claims.browser(cast.poll_id, polls[cast.poll_id].epoch, cast.browser)
        for index, cast in left.items()
        if cast.browser
    }
    for names in (browsers, {index: cast.ballot_id for index, cast in left.items()}):
        wanted: dict[Key, Claimed] = {}
        keys = {index: _key(left[index], name, polls) for index, name in names.items()}
        by: dict[Key, int] = {}
        for index, key in keys.items():
            poll, cast = polls[key.poll_id], left[index]
            if cast.voter_key and poll.phase == rules.OPEN and key not in by:  # of two in one batch the first has it
                by[key], wanted[key] = index, Claimed(cast.voter_key, poll.epoch)
        known = claims.take(wanted) | claims.find({key for key in keys.values() if key not in by})
        for index, key in keys.items():
            if by.get(key) == index and key not in known:
                taken.setdefault(index, []).append(key)
            elif problem := _settle(index, left, known.get(key) or wanted.get(key), polls[key.poll_id]):
                outcomes[index] = problem
    for index in [index for index in left if outcomes[index] is not None]:
        del left[index]
    return taken


def _key(cast: Cast, name: UUID, polls: dict[UUID, _Poll]) -> Key:
    return claims.key_of(cast.poll_id, name, shards=polls[cast.poll_id].shards)


def _settle(index: int, left: dict[int, Cast], claimed: Claimed | None, poll: _Poll) -> Outcome | None:
    """Makes the ballot its first voter's. Returns why it cannot be: an older round, or no known voter."""
    if claimed is None:
        unknown = not left[index].voter_key and poll.phase == rules.OPEN
        return Outcome(Status.NO_VOTER, problem=refusals.NO_COOKIES) if unknown else None
    if claimed.epoch != poll.epoch:
        return Outcome(Status.OTHER_ROUND, problem=refusals.EARLIER_ROUND)
    if claimed.voter_key != left[index].voter_key:
        left[index] = replace(left[index], voter_key=claimed.voter_key)
    return None


def _give_back(taken: dict[int, list[Key]], outcomes: list[Outcome | None]) -> None:
    """Claims stay with ballots that are in the count; refusals must not fill the table."""
    counted = {Status.COUNTED, Status.CHANGED}
    refused = (index for index in taken if (outcome := outcomes[index]) is None or outcome.status not in counted)
    claims.give_back(key for index in refused for key in taken[index])


def _insert(casts: Sequence[Cast], polls: dict[UUID, _Poll], now: datetime, counts: Counts) -> list[bool]:
    """Inserts and counts new voters' ballots; says of each ballot whether it went in."""
    fresh = [False] * len(casts)
    rows = []
    for place, cast in enumerate(casts):
        poll = polls[cast.poll_id]
        if poll.phase == rules.OPEN:
            proof = proof_of(cast.poll_id, cast.voter_key, cast.ballot_id, cast.choices, now, cast.signer)
            rows.append((place, cast, proof, _row(cast, poll, now, proof.mac)))
    macs = ballot_rows.insert([row for _, _, _, row in rows], now)
    for place, cast, proof, row in rows:
        if proof.mac in macs:
            macs.remove(proof.mac)  # the very same ballot twice in one batch is in there once
            counts.add(cast.poll_id, row.shard, cast.choices, proof, +1)
            counts.changes[cast.poll_id, row.shard] += 1
            fresh[place] = True
    return fresh


def _again(cast: Cast, poll: _Poll, now: datetime, counts: Counts, *, same_voter: bool) -> Outcome:
    """A known voter: the same ballot again, a change, or a second ballot. `same_voter`: known by more than the ballot's id."""
    shard = rules.shard_of(cast.voter_key, poll.shards)
    found = ballot_rows.locked(cast.poll_id, shard, cast.voter_key)
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
    if poll.phase != rules.OPEN:
        return Outcome(Status.CLOSED, problem=refusals.POLL_CLOSED)
    if not poll.may_change or len(replaced) >= rules.MOST_REPLACED:
        return Outcome(Status.REFUSED, problem=refusals.VOTED_ALREADY)
    before = proof_of(cast.poll_id, cast.voter_key, row.ballot_id, row.choices, row.cast_at, row.signer)
    fresh = proof_of(cast.poll_id, cast.voter_key, cast.ballot_id, cast.choices, now, cast.signer)
    ballot_rows.replace(_row(cast, poll, now, fresh.mac))
    counts.add(cast.poll_id, shard, row.choices, before, -1)
    counts.add(cast.poll_id, shard, cast.choices, fresh, +1)
    counts.changes[cast.poll_id, shard] += 1
    return Outcome(Status.CHANGED, _receipt(cast, poll, now), own=True)


def _row(cast: Cast, poll: _Poll, now: datetime, mac: bytes) -> Row:
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


def _receipt(cast: Cast, poll: _Poll, cast_at: datetime) -> Receipt:
    return receipt_of(cast.poll_id, cast.ballot_id, cast_at, epoch=poll.epoch)
