"""Claims: the voter of a ballot id, kept for ever; in polls for a line also the voter of a browser (decision 0021).

Claims are sharded separately from ballots, so that they can be spread over several Postgres nodes too.
"""

from collections.abc import Iterable, Mapping
from typing import NamedTuple
from uuid import UUID

from django.db import connection

from core.hashing import keyed
from polls import rules
from polls.arrays import array


class Key(NamedTuple):
    """What is claimed in a poll: a ballot's id, or `browser()`. `shard` is rules.claim_shard() of it."""

    poll_id: UUID
    shard: int
    claim: UUID


class Claimed(NamedTuple):
    """The voter of a claim, and its round."""

    voter_key: bytes
    epoch: int


def browser(poll_id: UUID, epoch: int, token_key: bytes) -> UUID:
    """What a browser claims in one round of a poll for a line; `token_key` is voters.voter_key() of its token."""
    return UUID(bytes=keyed("browser", f"{poll_id}:{epoch}:{token_key.hex()}")[:16])


def take(wanted: Mapping[Key, Claimed]) -> dict[Key, Claimed]:
    """Writes new claims; returns the claims that existed already for these keys.

    Call it inside a transaction. It waits for other transactions that claim the same key. Keys are written in one order, so
    that two transactions cannot deadlock.
    """
    if not wanted:
        return {}
    keys = _in_order(wanted)
    with connection.cursor() as cursor:
        cursor.execute(
            """
            INSERT INTO polls_claim (poll_id, shard, claim, voter_key, epoch)
            SELECT poll_id, shard, claim, decode(voter_key, 'hex'), epoch
              FROM unnest(%s::uuid[], %s::smallint[], %s::uuid[], %s::text[], %s::int[])
                   AS wanted (poll_id, shard, claim, voter_key, epoch)
            ON CONFLICT (poll_id, shard, claim) DO NOTHING
            RETURNING poll_id, claim
            """,
            [
                *_columns(keys),
                array(wanted[key].voter_key.hex() for key in keys),
                array(str(wanted[key].epoch) for key in keys),
            ],
        )
        if cursor.rowcount == len(keys):  # nearly always, without a read
            return {}
        fresh = set(cursor.fetchall())
    return find(key for key in keys if (key.poll_id, key.claim) not in fresh)


def find(wanted: Iterable[Key]) -> dict[Key, Claimed]:
    """Existing claims among these keys."""
    keys = _in_order(wanted)
    if not keys:
        return {}
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT c.poll_id, c.shard, c.claim, c.voter_key, c.epoch
              FROM unnest(%s::uuid[], %s::smallint[], %s::uuid[]) AS wanted (poll_id, shard, claim)
              JOIN polls_claim c USING (poll_id, shard, claim)
            """,
            _columns(keys),
        )
        return {
            Key(poll_id, shard, claim): Claimed(bytes(voter_key), epoch)
            for poll_id, shard, claim, voter_key, epoch in cursor.fetchall()
        }


def give_back(keys: Iterable[Key]) -> None:
    """Deletes claims that this transaction took for ballots that were then refused."""
    taken = _in_order(keys)
    if not taken:
        return
    with connection.cursor() as cursor:
        cursor.execute(
            """
            DELETE FROM polls_claim c USING unnest(%s::uuid[], %s::smallint[], %s::uuid[]) AS gone (poll_id, shard, claim)
             WHERE (c.poll_id, c.shard, c.claim) = (gone.poll_id, gone.shard, gone.claim)
            """,
            _columns(taken),
        )


def key_of(poll_id: UUID, claim: UUID, *, shards: int) -> Key:
    """The key of a claim in a poll of `shards` shards."""
    return Key(poll_id, rules.claim_shard(claim, shards), claim)


def voter_of(poll_id: UUID, claim: UUID, *, shards: int, epoch: int) -> bytes | None:
    """The voter key that claimed it in this round, or None."""
    key = key_of(poll_id, claim, shards=shards)
    found = find([key]).get(key)
    return found.voter_key if found is not None and found.epoch == epoch else None


def _in_order(keys: Iterable[Key]) -> list[Key]:
    return sorted(keys, key=lambda key: (key.claim.int, key.poll_id.int))


def _columns(keys: list[Key]) -> list[str]:
    return [
        array(key.poll_id.hex for key in keys),
        array(str(key.shard) for key in keys),
        array(key.claim.hex for key in keys),
    ]
