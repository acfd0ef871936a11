"""The leaves of a node's ballots in the order of their key (shard, then voter key), a stretch after the other (decision 0081)."""

from collections.abc import Mapping
from dataclasses import dataclass
from math import isqrt
from uuid import UUID

from django.db import connections

from polls import digest

# A ballot's place in the order of leaves: its shard and voter key.
Place = tuple[int, bytes]

# Bytes of a voter key (polls/voters.py), of a leaf, and of a shard as Postgres writes it.
_KEY, _LEAF, _SHARD = 16, 32, 2
_ENTRY = _SHARD + _KEY + _LEAF
_KEYS = 1 << 8 * _KEY
# Above every key.
_END = b"\xff" * (_KEY + 1)

# One value for all, for a row each would cost as much as all the rest. Postgres is to sort what a part of the index leads to: in
# the index's order each ballot is on another page of the table. OFFSET 0 keeps the planner from reading in that order.
_NEXT = f"""
SELECT string_agg(int2send(shard) || voter_key || {digest.LEAF}, ''::bytea ORDER BY voter_key)
  FROM (SELECT *
          FROM (SELECT shard, voter_key, ballot_id, choices, cast_at FROM polls_ballot
                 WHERE poll_id = %s AND shard = %s AND voter_key > %s AND voter_key <= %s OFFSET 0) AS stretch
         ORDER BY voter_key LIMIT %s) AS next
"""  # noqa: S608


@dataclass(frozen=True, slots=True)
class Leaves:
    """Leaves in their order. `entries`: shard, voter key and leaf of each, one after the other."""

    entries: bytes

    def __len__(self) -> int:
        return len(self.entries) // _ENTRY

    def part(self, start: int, end: int) -> list[bytes]:
        """The leaves from `start` up to `end`, without it."""
        found = self.entries
        first = start * _ENTRY + _SHARD + _KEY
        return [found[at : at + _LEAF] for at in range(first, end * _ENTRY, _ENTRY)]

    def place(self, index: int) -> Place:
        """The place of one of them."""
        at = index * _ENTRY
        shard, key = self.entries[at : at + _SHARD], self.entries[at + _SHARD : at + _SHARD + _KEY]
        return int.from_bytes(shard), key


def following(poll_id: UUID, alias: str, counted: Mapping[int, int], *, after: Place | None, most: int) -> Leaves:
    """The next `most` leaves after this place on the node; fewer at the end only. `counted`: how many ballots each shard has,
    in order of shards; a wrong number costs time and changes nothing."""
    found = bytearray()
    for shard, ballots in counted.items():
        if after and shard < after[0]:
            continue
        start = after[1] if after and shard == after[0] else b""
        while start != _END and (wanted := most - len(found) // _ENTRY):
            end = _reach(start, wanted, ballots)
            entries = _read(poll_id, alias, shard, start, end, wanted)
            found += entries
            # Where there was more than wanted, the rest of the stretch is read next time.
            start = end if len(entries) < wanted * _ENTRY else bytes(entries[-_LEAF - _KEY : -_LEAF])
    return Leaves(bytes(found))


def _reach(start: bytes, wanted: int, ballots: int) -> bytes:
    """A key up to which there are so many ballots, and rarely fewer: keys are keyed hashes, so they lie evenly."""
    likely = wanted + 4 * isqrt(wanted) + 4
    end = int.from_bytes(start.ljust(_KEY, b"\0")) + likely * _KEYS // max(1, ballots)
    return end.to_bytes(_KEY) if end < _KEYS else _END


def _read(poll_id: UUID, alias: str, shard: int, start: bytes, end: bytes, most: int) -> bytes:
    """The entries of at most so many voters after `start`, up to `end`."""
    with connections[alias].cursor() as cursor:
        cursor.execute(_NEXT, [poll_id, shard, start, end, most])
        return bytes(cursor.fetchone()[0] or b"")
