"""Locks of things by their id (law 2), shared or exclusive: a poll's is shared by ballots and exclusive for commands.

They are Postgres's advisory locks, not row locks, and live on one server: `using` names it. A row that one batch after another
locks FOR SHARE never lets an exclusive locker in, and each such lock writes to the row. Advisory locks queue fairly and write
nothing.
"""

from collections.abc import Sequence
from uuid import UUID

from django.db import DEFAULT_DB_ALIAS, connections


def _number(id_: UUID) -> int:
    """The lock's number: 64 signed bits of the random id. Two ids with one number only wait for each other."""
    return int.from_bytes(id_.bytes[:8], "big", signed=True)


def lock_shared(ids: Sequence[UUID], *, wait: bool = True, using: str = DEFAULT_DB_ALIAS) -> set[UUID]:
    """Keeps exclusive lockers out until the transaction ends. Returns the ids that are locked: all of them, as soon as no
    exclusive locker holds one; without `wait` those that no exclusive locker holds or waits for.
    """
    numbers = [_number(id_) for id_ in ids]
    with connections[using].cursor() as cursor:
        if wait:
            for number in sorted(set(numbers)):
                cursor.execute("SELECT pg_advisory_xact_lock_shared(%s)", [number])
            return set(ids)
        cursor.execute("SELECT n FROM unnest(%s::bigint[]) AS n WHERE pg_try_advisory_xact_lock_shared(n)", [numbers])
        locked = {number for (number,) in cursor.fetchall()}
    return {id_ for id_, number in zip(ids, numbers, strict=True) if number in locked}


def lock_exclusive(id_: UUID, *, using: str = DEFAULT_DB_ALIAS) -> None:
    """Waits until no other transaction holds this lock, and keeps all others out until the transaction ends."""
    with connections[using].cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_number(id_)])
