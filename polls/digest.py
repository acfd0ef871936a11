"""The digest of a closed poll: a Merkle tree over its ballots (RFC 6962, 2.1), so that each voter can check that their ballot
is in it without learning about the others. polls/seals.py makes it.

A leaf includes the ballot id, which only its voter knows (122 random bits), so others cannot guess it.
"""

import hashlib
from collections.abc import Iterable, Sequence
from datetime import datetime
from uuid import UUID

# `leaf` in SQL, for speed. A ballot's choices are stored in order.
LEAF = r"""sha256('\x00'::bytea || convert_to(ballot_id || '|' || array_to_string(choices, ',') || '|'
           || to_char(cast_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"+00:00"'), 'UTF8'))"""


def leaf(ballot_id: UUID, choices: Sequence[int], cast_at: datetime) -> bytes:
    """SHA-256 of 0x00 and the ballot: `id|choice,choice|time` (ISO 8601, UTC, microseconds)."""
    text = f"{ballot_id}|{','.join(map(str, sorted(choices)))}|{cast_at.isoformat(timespec='microseconds')}"
    return hashlib.sha256(b"\x00" + text.encode()).digest()


def node(left: bytes, right: bytes) -> bytes:
    """SHA-256 of 0x01 and both children."""
    return hashlib.sha256(b"\x01" + left + right).digest()


def levels(leaves: Sequence[bytes]) -> list[list[bytes]]:
    """The tree's levels from leaves to root; an odd last node is moved up unchanged. Without leaves: the hash of nothing."""
    if not leaves:
        return [[hashlib.sha256(b"").digest()]]
    tree = [list(leaves)]
    while len(tree[-1]) > 1:
        below = tree[-1]
        above = [node(left, right) for left, right in zip(below[::2], below[1::2], strict=False)]
        tree.append([*above, below[-1]] if len(below) % 2 else above)
    return tree


def root(leaves: Sequence[bytes]) -> bytes:
    """The root of the tree over these leaves."""
    return levels(leaves)[-1][0]


def path(tree: Sequence[Sequence[bytes]], index: int) -> list[tuple[str, bytes]]:
    """The siblings on the way from leaf `index` to the root, each with the side ("left" or "right") it stands on."""
    steps = []
    for level in tree[:-1]:
        sibling = index ^ 1
        if sibling < len(level):
            steps.append(("left" if sibling < index else "right", level[sibling]))
        index //= 2
    return steps


def proves(found: bytes, steps: Iterable[tuple[str, bytes]], root: bytes) -> bool:
    """Whether a leaf and its path lead to the root, as a voter's own program computes it."""
    for side, sibling in steps:
        found = node(sibling, found) if side == "left" else node(found, sibling)
    return found == root
