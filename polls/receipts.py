"""What a voter gets for a ballot, and the proof that it is in the count (B1)."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from polls import digest
from polls.ballots import Receipt, receipt_of
from polls.models import Ballot, Poll
from queues.shapes import View, milliseconds


def receipt_view(receipt: Receipt) -> View:
    """A receipt as the API writes it; `time` in ms since 1970."""
    return {
        "ballotId": str(receipt.ballot_id),
        "pollId": str(receipt.poll_id),
        "time": milliseconds(receipt.cast_at),
        "seal": receipt.seal,
    }


@dataclass(frozen=True, slots=True)
class Found:
    """A ballot in the count: how it was cast, and by which ballot of the same voter it was replaced, if it was."""

    ballot_id: UUID
    choices: list[int]
    cast_at: datetime
    replaced_by: UUID | None


def find(poll: Poll, ballot_id: UUID) -> Found | None:
    """The ballot with this id, also when its voter has replaced it since; None when it is not in the count."""
    rows = Ballot.objects.filter(poll_id=poll.pk)
    row = rows.filter(ballot_id=ballot_id).first()
    if row is not None:
        return Found(row.ballot_id, row.choices, row.cast_at, None)
    if not poll.may_change:
        return None  # and no search through all ballots, which no index would help
    row = rows.filter(replaced__contains=[ballot_id]).first()
    return Found(ballot_id, [], row.cast_at, row.ballot_id) if row is not None else None


def proof_view(poll: Poll, found: Found) -> View:
    """The receipt again and, once the poll is closed, the way from the ballot's leaf to the published root (RFC 6962).

    Nothing of it tells whose the other ballots are or what is in them: they are hashes over ids that only their voters know.
    """
    view: View = {
        "receipt": receipt_view(receipt_of(poll.pk, found.replaced_by or found.ballot_id, found.cast_at)),
        "counted": found.replaced_by is None,
        "replaced": found.replaced_by is not None,
        "root": poll.root or None,
        "proof": None,
    }
    if poll.root and found.replaced_by is None:
        leaf = digest.leaf(found.ballot_id, found.choices, found.cast_at)
        steps = digest.path_of(poll.pk, poll.root, leaf)
        view["proof"] = {
            "leaf": leaf.hex(),
            "choices": sorted(found.choices),
            "time": found.cast_at.isoformat(timespec="microseconds"),
            "path": [{"side": side, "hash": sibling.hex()} for side, sibling in steps],
        }
    return view
