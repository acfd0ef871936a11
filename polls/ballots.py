"""`record(batch)`: the only way a ballot enters (law 7). Acknowledged means committed.

One short transaction for 1 to 500 ballots of any polls: shared lock of each poll, one clock, one insert that ignores whom it
knows, one upsert of the tallies. Keys are sorted throughout, so that batches wait for each other in one order and never in
a circle.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from functools import partial
from typing import Any
from uuid import UUID

from django.db import connection, transaction

from config.hashing import keyed
from outbox import clock
from outbox.relay import follow
from polls import rules, signatures
from polls.counting import Counts, count, proof_of
from polls.locks import lock_shared
from polls.signatures import Signed

# Whoever follows the counts is told once a batch is committed (outbox/effects.py: FOLLOWERS).
STREAM = "ballots"
MOST = 500


class Status(StrEnum):
    """What became of a ballot."""

    COUNTED = "counted"
    CHANGED = "changed"
    ALREADY = "already_counted"
    REFUSED = "refused"
    EARLY = "early"
    CLOSED = "closed"
    INVALID = "invalid"
    UNSIGNED = "wrong_signature"
    UNKNOWN = "unknown_poll"
    HELD = "held"


@dataclass(frozen=True, slots=True, kw_only=True)
class Cast:
    """One submission. `voter_key` is voters.voter_key(): 16 bytes; `ballot_id` was made by the client. `again`: it may have
    been counted before under another voter's key, for the client's address or cookie may have changed since.
    """

    poll_id: UUID
    voter_key: bytes
    ballot_id: UUID
    choices: tuple[int, ...]
    signed: Signed | None = None
    again: bool = False

    @property
    def signer(self) -> bytes | None:
        """Whose signature it carries (Ballot.signer)."""
        return self.signed.signer if self.signed else None


@dataclass(frozen=True, slots=True)
class Receipt:
    """What the voter gets back as proof; `seal` is ours to recognise it by."""

    poll_id: UUID
    ballot_id: UUID
    cast_at: datetime
    seal: str


@dataclass(frozen=True, slots=True)
class Outcome:
    """A ballot's fate. `receipt` only when it is in the count; `problem` is a sentence when it is not."""

    status: Status
    receipt: Receipt | None = None
    problem: str = ""


@dataclass(frozen=True, slots=True)
class _Poll:
    shards: int
    min_picks: int
    max_picks: int
    may_change: bool
    phase: str
    choices: int


def receipt_of(poll_id: UUID, ballot_id: UUID, cast_at: datetime) -> Receipt:
    """The same receipt each time for the same ballot."""
    seal = keyed("receipt", f"{poll_id}:{ballot_id}:{cast_at.isoformat()}").hex()[:32]
    return Receipt(poll_id=poll_id, ballot_id=ballot_id, cast_at=cast_at, seal=seal)


def record(batch: Sequence[Cast], *, wait: bool = True) -> list[Outcome]:
    """Records the batch in one durable transaction and says, in the batch's order, what became of each ballot.

    Unless it is to `wait`, ballots of polls on which a command works (a close may take seconds) are HELD: not looked at.
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
        _recognise(batch, outcomes)
        counts = Counts(Counter(), Counter(), Counter(), Counter())
        left = [(index, cast) for index, cast in enumerate(batch) if outcomes[index] is None]
        left.sort(key=lambda pair: (pair[1].poll_id, pair[1].voter_key))
        inserted = _insert([cast for _, cast in left], polls, now, counts)
        for (index, cast), fresh in zip(left, inserted, strict=True):
            outcomes[index] = (
                Outcome(Status.COUNTED, receipt_of(cast.poll_id, cast.ballot_id, now))
                if fresh
                else _again(cast, polls[cast.poll_id], now, counts)
            )
        count(counts, now)
        for poll_id in {poll_id for poll_id, _ in counts.changes}:
            transaction.on_commit(partial(follow, STREAM, poll_id), robust=True)
    return [outcome for outcome in outcomes if outcome is not None]


def _signature_problem(cast: Cast) -> str:
    """Looked at before the transaction: it takes longer than all the rest."""
    if cast.signed is None:
        return ""
    return signatures.problem(cast.signed, signatures.text_of(cast.poll_id, cast.ballot_id, cast.choices))


def _recognise(batch: Sequence[Cast], outcomes: list[Outcome | None]) -> None:
    """Ballots sent again that are in the count, whoever their voter seemed to be then: not without the same key."""
    again: dict[tuple[UUID, UUID], list[int]] = {}
    for index, cast in enumerate(batch):
        if cast.again:
            again.setdefault((cast.poll_id, cast.ballot_id), []).append(index)
    if not again:
        return
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT b.poll_id, b.ballot_id, b.cast_at, b.signer
              FROM unnest(%s::uuid[], %s::uuid[]) AS sent (poll_id, ballot_id) JOIN polls_ballot b USING (poll_id, ballot_id)
            """,
            [[poll_id for poll_id, _ in again], [ballot_id for _, ballot_id in again]],
        )
        for poll_id, ballot_id, cast_at, signer in cursor.fetchall():
            for index in again[poll_id, ballot_id]:
                if outcomes[index] is None and batch[index].signer == _stored(signer):
                    outcomes[index] = Outcome(Status.ALREADY, receipt_of(poll_id, ballot_id, cast_at))


def _stored(signer: Any) -> bytes | None:
    """As psycopg may give it as another kind of bytes."""
    return bytes(signer) if signer is not None else None


def _polls(poll_ids: Sequence[UUID], now: datetime) -> dict[UUID, _Poll]:
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT id, shards, min_picks, max_picks, may_change, status, starts_at, ends_at,
                   (SELECT count(*) FROM polls_choice c WHERE c.poll_id = p.id)
              FROM polls_poll p WHERE id = ANY(%s)
            """,
            [list(poll_ids)],
        )
        return {
            row[0]: _Poll(
                shards=row[1],
                min_picks=row[2],
                max_picks=row[3],
                may_change=row[4],
                phase=rules.phase(status=row[5], starts_at=row[6], ends_at=row[7], now=now),
                choices=row[8],
            )
            for row in cursor.fetchall()
        }


def _refusal(cast: Cast, poll: _Poll | None) -> Outcome | None:
    if poll is None:
        return Outcome(Status.UNKNOWN, problem="There is no such poll.")
    problem = rules.picks_problem(
        cast.choices, choices=poll.choices, min_picks=poll.min_picks, max_picks=poll.max_picks
    )
    if problem:
        return Outcome(Status.INVALID, problem=problem)
    if poll.phase == rules.OPEN:
        return None
    if poll.phase == rules.CLOSED:
        return None  # a ballot counted before the close is still acknowledged when it is sent again
    return Outcome(Status.EARLY, problem="This poll is not open yet.")


def _insert(casts: Sequence[Cast], polls: dict[UUID, _Poll], now: datetime, counts: Counts) -> list[bool]:
    """Inserts and counts who is new; says of each ballot whether it was. Of the same voter's two the first goes in."""
    fresh = [False] * len(casts)
    rows = []
    for place, cast in enumerate(casts):
        poll = polls[cast.poll_id]
        if poll.phase == rules.OPEN:
            proof = proof_of(cast.poll_id, cast.voter_key, cast.ballot_id, cast.choices, now, cast.signer)
            rows.append((place, cast, rules.shard_of(cast.voter_key, poll.shards), proof))
    if not rows:
        return fresh
    with connection.cursor() as cursor:
        cursor.execute(
            """
            INSERT INTO polls_ballot (poll_id, shard, voter_key, ballot_id, choices, cast_at, replaced, mac, signer)
            SELECT poll_id, shard, decode(voter_key, 'hex'), ballot_id, choices::smallint[], %s, '{}', decode(mac, 'hex'),
                   decode(signer, 'hex')
              FROM unnest(%s::uuid[], %s::smallint[], %s::text[], %s::uuid[], %s::text[], %s::text[], %s::text[])
                   AS fresh (poll_id, shard, voter_key, ballot_id, choices, mac, signer)
            ON CONFLICT (poll_id, shard, voter_key) DO NOTHING
            RETURNING mac
            """,
            [
                now,
                _array(cast.poll_id.hex for _, cast, _, _ in rows),
                _array(str(shard) for _, _, shard, _ in rows),
                _array(cast.voter_key.hex() for _, cast, _, _ in rows),
                _array(cast.ballot_id.hex for _, cast, _, _ in rows),
                _array(f'"{_array(map(str, sorted(cast.choices)))}"' for _, cast, _, _ in rows),
                _array(proof.mac.hex() for _, _, _, proof in rows),
                _array(cast.signer.hex() if cast.signer else "NULL" for _, cast, _, _ in rows),
            ],
        )
        macs = {bytes(mac) for (mac,) in cursor.fetchall()}
    for place, cast, shard, proof in rows:
        if proof.mac in macs:
            macs.remove(proof.mac)  # the very same ballot twice in one batch is in there once
            counts.add(cast.poll_id, shard, cast.choices, proof, +1)
            counts.changes[cast.poll_id, shard] += 1
            fresh[place] = True
    return fresh


def _array(elements: Iterable[str]) -> str:
    """As Postgres reads one: of hex digits, numbers, NULL, quoted arrays. (psycopg's way takes a microsecond an element.)"""
    return "{" + ",".join(elements) + "}"


def _again(cast: Cast, poll: _Poll, now: datetime, counts: Counts) -> Outcome:
    """A voter we know: the same ballot again, a change, or a second ballot."""
    shard = rules.shard_of(cast.voter_key, poll.shards)
    key: list[Any] = [cast.poll_id, shard, cast.voter_key]
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT ballot_id, choices, cast_at, replaced, signer FROM polls_ballot"
            " WHERE poll_id = %s AND shard = %s AND voter_key = %s FOR UPDATE",
            key,
        )
        found = cursor.fetchone()
        if found is None:
            return Outcome(Status.CLOSED, problem="This poll is closed.")
        ballot_id, choices, cast_at, replaced, signer = found
        signer = _stored(signer)
        if ballot_id == cast.ballot_id:
            if signer != cast.signer:
                return Outcome(
                    Status.UNSIGNED, problem="signature: this ballot was cast with another key, or with none."
                )
            return Outcome(Status.ALREADY, receipt_of(cast.poll_id, ballot_id, cast_at))
        if cast.ballot_id in replaced:
            return Outcome(Status.ALREADY, receipt_of(cast.poll_id, ballot_id, cast_at), "You have changed it since.")
        if poll.phase != rules.OPEN:
            return Outcome(Status.CLOSED, problem="This poll is closed.")
        if not poll.may_change or len(replaced) >= rules.MOST_REPLACED:
            return Outcome(Status.REFUSED, problem="You have voted already.")
        before = proof_of(cast.poll_id, cast.voter_key, ballot_id, choices, cast_at, signer)
        fresh = proof_of(cast.poll_id, cast.voter_key, cast.ballot_id, cast.choices, now, cast.signer)
        cursor.execute(
            "UPDATE polls_ballot SET ballot_id = %s, choices = %s::smallint[], cast_at = %s, mac = %s,"
            " signer = %s, replaced = replaced || ballot_id WHERE poll_id = %s AND shard = %s AND voter_key = %s",
            [cast.ballot_id, sorted(cast.choices), now, fresh.mac, cast.signer, *key],
        )
    counts.add(cast.poll_id, shard, choices, before, -1)
    counts.add(cast.poll_id, shard, cast.choices, fresh, +1)
    counts.changes[cast.poll_id, shard] += 1
    return Outcome(Status.CHANGED, receipt_of(cast.poll_id, cast.ballot_id, now))
