"""Claims: the voter of a ballot id, kept for ever; in polls for a line also the voter of a browser (decision 0021).

A claim has a shard of its own, which may be on another node than its ballot's (decision 0069); `using` names the node.
"""

from collections.abc import Iterable, Mapping
from typing import NamedTuple
from uuid import UUID

from django.db import DEFAULT_DB_ALIAS, connections

from core.hashing import keyed
from polls import rules
from polls.arrays import array
from polls.nodes import Placement


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


def take(wanted: Mapping[Key, Claimed], *, using: str = DEFAULT_DB_ALIAS) -> dict[Key, Claimed]:
    """Writes new claims; returns the claims that existed already for these keys.

    Call it inside a transaction. It waits for other transactions that claim the same key. Keys are written in one order, so
    that two transactions cannot deadlock.
    """
    if not wanted:
        return {}
    new = sorted(wanted.items(), key=lambda item: _order(item[0]))
    keys = [key for key, _ in new]
    with connections[using].cursor() as cursor:
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
                array(claimed.voter_key.hex() for _, claimed in new),
                array(str(claimed.epoch) for _, claimed in new),
            ],
        )
        if cursor.rowcount == len(keys):  # nearly always, without a read
            return {}
        fresh = set(cursor.fetchall())
    return find((key for key in keys if (key.poll_id, key.claim) not in fresh), using=using)


def find(wanted: Iterable[Key], *, using: str = DEFAULT_DB_ALIAS) -> dict[Key, Claimed]:
    """Existing claims among these keys."""
    keys = _in_order(wanted)
    if not keys:
        return {}
    with connections[using].cursor() as cursor:
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


def give_back(keys: Iterable[Key], *, using: str = DEFAULT_DB_ALIAS) -> None:
    """Deletes claims that this transaction took for ballots that were then refused."""
    taken = _in_order(keys)
    if not taken:
        return
    with connections[using].cursor() as cursor:
        # One by one: Citus deletes by the value of the shard, and not by a join.
        cursor.executemany("DELETE FROM polls_claim WHERE poll_id = %s AND shard = %s AND claim = %s", taken)


def key_of(poll_id: UUID, claim: UUID, *, shards: int) -> Key:
    """The key of a claim in a poll of `shards` shards."""
    return Key(poll_id, rules.claim_shard(claim, shards), claim)


def voter_of(placement: Placement, claim: UUID, *, epoch: int) -> bytes | None:
    """The voter key that claimed it in this round, or None."""
    key = key_of(placement.poll_id, claim, shards=placement.shards)
    with connections[placement.node_of(key.shard)].cursor() as cursor:
        # By the value of the shard, so that Citus asks one node and not all.
        cursor.execute(
            "SELECT voter_key FROM polls_claim WHERE poll_id = %s AND shard = %s AND claim = %s AND epoch = %s",
            [*key, epoch],
        )
        found = cursor.fetchone()
    return bytes(found[0]) if found is not None else None


def _in_order(keys: Iterable[Key]) -> list[Key]:
    return sorted(keys, key=_order)


def _order(key: Key) -> tuple[int, int]:
    return key.claim.int, key.poll_id.int


def _columns(keys: list[Key]) -> list[str]:
    return [
        array(key.poll_id.hex for key in keys),
        array(str(key.shard) for key in keys),
        array(key.claim.hex for key in keys),
    ]
