"""The digest of polls that were closed before there were seals (digest version 1): one tree over all ballots in the order of
their ids. Receipts and proofs of these polls stay valid; no poll is closed in this way any more.
"""

from functools import lru_cache
from uuid import UUID

from django.db import connection

from polls import digest


def leaves_of(poll_id: UUID) -> list[bytes]:
    """The leaves of all ballots of a poll in the order of their ids. Clients make the ids: two voters may send the same
    one, so the voter decides where ids are equal."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT {digest.LEAF} FROM polls_ballot WHERE poll_id = %s ORDER BY ballot_id, voter_key",  # noqa: S608
            [poll_id],
        )
        return [bytes(found) for (found,) in cursor.fetchall()]


@lru_cache(maxsize=4)
def _tree_of(poll_id: UUID, root: str) -> tuple[dict[bytes, int], list[list[bytes]]]:
    """A closed poll's leaves by their place, and its tree: read once for the many who look at their receipts.

    `root` is in the key, for a poll may be reset and closed again.
    """
    leaves = leaves_of(poll_id)
    return {leaf: place for place, leaf in enumerate(leaves)}, digest.levels(leaves)


def path_of(poll_id: UUID, root: str, leaf: bytes) -> list[tuple[str, bytes]]:
    """The way from one of a closed poll's leaves to its root. Raises KeyError for a leaf that is none of it."""
    places, tree = _tree_of(poll_id, root)
    return digest.path(tree, places[leaf])


def root_of(poll_id: UUID) -> bytes:
    """The digest of the poll's present ballots."""
    return digest.root(leaves_of(poll_id))
