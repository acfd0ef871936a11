"""Adds a batch of ballots to tallies and seals."""

import secrets
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import DEFAULT_DB_ALIAS, connections
from msgspec import Struct

from core.hashing import keyed

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
    text = f"{poll_id}:{voter_key.hex()}:{ballot_id}:{','.join(map(str, sorted(choices)))}:{cast_at.isoformat()}"
    if signer:
        text += f":{signer.hex()}"
    both = keyed("ballot", text)
    return Proof(both[:16], int.from_bytes(both[16:], "big"))


@dataclass(slots=True)
class Counts:
    """What a batch adds: picks by (poll, shard, choice), and per (poll, shard): ballots, changes, sum of seals."""

    picks: Counter[tuple[UUID, int, int]]
    ballots: Counter[tuple[UUID, int]]
    changes: Counter[tuple[UUID, int]]
    sums: Counter[tuple[UUID, int]]

    def add(self, poll_id: UUID, shard: int, choices: Sequence[int], proof: Proof, sign: int) -> None:
        """Adds (+1) or removes (-1) a ballot."""
        for choice in choices:
            self.picks[poll_id, shard, choice] += sign
        self.ballots[poll_id, shard] += sign
        self.sums[poll_id, shard] += sign * proof.part


def count(counts: Counts, now: datetime, *, using: str = DEFAULT_DB_ALIAS) -> None:
    """Adds the batch to the tallies and seals of this process's slot, on the node `using`."""
    picks = sorted((key, count) for key, count in counts.picks.items() if count)
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
                [
                    _SLOT,
                    [k[0] for k, _ in picks],
                    [k[1] for k, _ in picks],
                    [k[2] for k, _ in picks],
                    [n for _, n in picks],
                ],
            )
        touched = sorted(counts.changes)
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
                    [key[0] for key in touched],
                    [key[1] for key in touched],
                    [counts.ballots[key] for key in touched],
                    [counts.changes[key] for key in touched],
                    [counts.sums[key] % MODULUS for key in touched],
                    MODULUS,
                ],
            )
