"""The statements that write ballots. polls/ballots.py alone calls them, inside its transaction on the node `using`."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from django.db import DEFAULT_DB_ALIAS, connections
from msgspec import Struct

from polls.arrays import array


class Row(Struct, frozen=True, kw_only=True):
    """A ballot as it is stored, but for the ballots it replaced."""

    poll_id: UUID
    shard: int
    voter_key: bytes
    ballot_id: UUID
    choices: Sequence[int]
    cast_at: datetime
    mac: bytes
    signer: bytes | None


def insert(rows: Sequence[Row], now: datetime, *, using: str = DEFAULT_DB_ALIAS) -> set[bytes]:
    """Inserts each ballot whose voter has none; the macs of those that went in. Of one voter's two the first goes in."""
    if not rows:
        return set()
    with connections[using].cursor() as cursor:
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
                array(row.poll_id.hex for row in rows),
                array(str(row.shard) for row in rows),
                array(row.voter_key.hex() for row in rows),
                array(row.ballot_id.hex for row in rows),
                array(f'"{array(map(str, sorted(row.choices)))}"' for row in rows),
                array(row.mac.hex() for row in rows),
                array(row.signer.hex() if row.signer else "NULL" for row in rows),
            ],
        )
        return {bytes(mac) for (mac,) in cursor.fetchall()}


def locked(
    poll_id: UUID, shard: int, voter_key: bytes, *, using: str = DEFAULT_DB_ALIAS
) -> tuple[Row, list[UUID]] | None:
    """The voter's ballot, locked until the transaction ends, and the ids of those it replaced; None when there is none."""
    with connections[using].cursor() as cursor:
        cursor.execute(
            "SELECT ballot_id, choices, cast_at, replaced, mac, signer FROM polls_ballot"
            " WHERE poll_id = %s AND shard = %s AND voter_key = %s FOR UPDATE",
            [poll_id, shard, voter_key],
        )
        found = cursor.fetchone()
    if found is None:
        return None
    ballot_id, choices, cast_at, replaced, mac, signer = found
    row = Row(
        poll_id=poll_id,
        shard=shard,
        voter_key=voter_key,
        ballot_id=ballot_id,
        choices=choices,
        cast_at=cast_at,
        mac=bytes(mac),
        signer=bytes(signer) if signer is not None else None,
    )
    return row, replaced


def replace(row: Row, *, using: str = DEFAULT_DB_ALIAS) -> None:
    """Puts this ballot in the place of the one that its voter has, whose id is remembered."""
    with connections[using].cursor() as cursor:
        cursor.execute(
            "UPDATE polls_ballot SET ballot_id = %s, choices = %s::smallint[], cast_at = %s, mac = %s,"
            " signer = %s, replaced = replaced || ballot_id WHERE poll_id = %s AND shard = %s AND voter_key = %s",
            [
                row.ballot_id, sorted(row.choices), row.cast_at, row.mac,
                row.signer, row.poll_id, row.shard, row.voter_key,
            ],
        )  # fmt: skip
