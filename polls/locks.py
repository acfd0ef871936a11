"""The lock of a poll (law 2): shared by ballots, exclusive for commands.

Postgres's advisory locks, not locks of the row: a row locked FOR SHARE by one batch after another never lets an exclusive
locker in, and each such lock writes to the row. Advisory locks queue fairly and write nothing.
"""

from collections.abc import Sequence
from uuid import UUID

from django.db import connection


def _number(poll_id: UUID) -> int:
    """A poll's lock number: 64 signed bits of its random id. Two polls with one number only wait for each other."""
    return int.from_bytes(poll_id.bytes[:8], "big", signed=True)


def lock_shared(poll_ids: Sequence[UUID], *, wait: bool = True) -> set[UUID]:
    """Keeps commands out of these polls until the transaction ends. Returns the polls that are locked: all, once no command
    works on any of them, or without `wait` those on which none works or waits to.
    """
    numbers = [_number(poll_id) for poll_id in poll_ids]
    with connection.cursor() as cursor:
        if wait:
            for number in sorted(set(numbers)):
                cursor.execute("SELECT pg_advisory_xact_lock_shared(%s)", [number])
            return set(poll_ids)
        cursor.execute("SELECT n FROM unnest(%s::bigint[]) AS n WHERE pg_try_advisory_xact_lock_shared(n)", [numbers])
        locked = {number for (number,) in cursor.fetchall()}
    return {poll_id for poll_id, number in zip(poll_ids, numbers, strict=True) if number in locked}


def lock_exclusive(poll_id: UUID) -> None:
    """Waits until nobody else works on this poll, and keeps all others out until the transaction ends."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_number(poll_id)])
