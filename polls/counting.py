"""Adds a batch of ballots to tallies and seals."""

import secrets
from collections import Counter, defaultdict
from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from django.db import DEFAULT_DB_ALIAS, connections
from msgspec import Struct

from core.hashing import keyed
from core.identifiers import text_of
from polls.arrays import array

SLOTS = 16
# One slot per process: two processes that count the same choice of the same shard touch different rows.
_SLOT = secrets.randbelow(SLOTS)
MODULUS = 1 << 128


class Proof(Struct, frozen=True):
    """A ballot's keyed proof: `mac` (16 bytes) is stored in its row, `part` (below 2^128) only in the sum of its seal."""

    mac: bytes
    part: int


def proof_of(
    poll_id: UUID,
    voter_key: bytes,
    ballot_id: UUID,
    choices: Sequence[int],
    cast_at: datetime,
    signer: bytes | None = None,
) -> Proof:
    """The proof: two halves of one HMAC-SHA256 over voter, choices and time."""
    picks = ",".join(map(str, sorted(choices)))
    text = f"{text_of(poll_id)}:{voter_key.hex()}:{text_of(ballot_id)}:{picks}:{cast_at.isoformat()}"
    if signer:
        text += f":{signer.hex()}"
    both = keyed("ballot", text)
    return Proof(both[:16], int.from_bytes(both[16:], "big"))


class Added:
    """What a batch adds in one shard of a poll: picks by choice, ballots, changes, and to the sum of the seal."""

    __slots__ = ("ballots", "changes", "picks", "sum")

    def __init__(self) -> None:
        self.picks: Counter[int] = Counter()
        self.ballots = self.changes = self.sum = 0

    def new(self, choices: Sequence[int], proof: Proof) -> None:
        """A new voter's ballot."""
        self.picks.update(choices)
        self.ballots += 1
        self.changes += 1
        self.sum += proof.part

    def changed(self, before: Sequence[int], choices: Sequence[int], was: Proof, proof: Proof) -> None:
        """A ballot in the place of the one `before`."""
        self.picks.subtract(before)
        self.picks.update(choices)
        self.changes += 1
        self.sum += proof.part - was.part


# By poll and shard.
Counts = defaultdict[tuple[UUID, int], Added]


def count(counts: Counts, now: datetime, *, using: str = DEFAULT_DB_ALIAS) -> None:
    """Adds the batch to the tallies and seals of this process's slot, on the node `using`."""
    touched = sorted(counts.items())
    picks = [
        (poll_id.hex, str(shard), str(choice), str(number))
        for (poll_id, shard), added in touched
        for choice, number in sorted(added.picks.items())
        if number
    ]
    with connections[using].cursor() as cursor:
        if picks:
            cursor.execute(
                """
                INSERT INTO polls_tally (poll_id, shard, slot, choice, count)
                SELECT poll_id, shard, %s, choice, count
                  FROM unnest(%s::uuid[], %s::smallint[], %s::smallint[], %s::bigint[])
                       AS more (poll_id, shard, choice, count)
                ON CONFLICT (poll_id, shard, slot, choice) DO UPDATE SET count = polls_tally.count + excluded.count
                """,
                [_SLOT, *map(array, zip(*picks, strict=True))],
            )
        if touched:
            cursor.execute(
                """
                INSERT INTO polls_seal (poll_id, shard, slot, ballots, changes, sum, changed_at)
                SELECT poll_id, shard, %s, ballots, changes, sum, %s
                  FROM unnest(%s::uuid[], %s::smallint[], %s::bigint[], %s::bigint[], %s::numeric[])
                       AS more (poll_id, shard, ballots, changes, sum)
                ON CONFLICT (poll_id, shard, slot) DO UPDATE
                   SET ballots = polls_seal.ballots + excluded.ballots, changes = polls_seal.changes + excluded.changes,
                       sum = mod(polls_seal.sum + excluded.sum, %s), changed_at = excluded.changed_at
                """,
                [
                    _SLOT,
                    now,
                    array(poll_id.hex for (poll_id, _), _ in touched),
                    array(str(shard) for (_, shard), _ in touched),
                    array(str(added.ballots) for _, added in touched),
                    array(str(added.changes) for _, added in touched),
                    array(str(added.sum % MODULUS) for _, added in touched),
                    MODULUS,
                ],
            )
