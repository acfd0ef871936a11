"""Receipts of ballots, and the proof that a ballot is in the count (B1)."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from msgspec import Struct

from core.clock import milliseconds
from core.hashing import keyed
from core.identifiers import text_of
from core.json_types import View
from polls import claims, digest, selectors
from polls.models import Poll


class Receipt(Struct, frozen=True):
    """A voter's receipt; by `seal` we recognise it as ours."""

    poll_id: UUID
    ballot_id: UUID
    cast_at: datetime
    epoch: int
    seal: str


def receipt_of(poll_id: UUID, ballot_id: UUID, cast_at: datetime, *, epoch: int) -> Receipt:
    """The same receipt each time for the same ballot."""
    text = f"{text_of(poll_id)}:{text_of(ballot_id)}:{cast_at.isoformat()}"
    # Receipts of the first round are as they were before rounds had numbers.
    seal = keyed("receipt", f"{text}:{epoch}" if epoch else text).hex()[:32]
    return Receipt(poll_id=poll_id, ballot_id=ballot_id, cast_at=cast_at, epoch=epoch, seal=seal)


def receipt_view(receipt: Receipt) -> View:
    """A receipt as the API writes it; `time` in ms since 1970."""
    return {
        "ballotId": text_of(receipt.ballot_id),
        "pollId": text_of(receipt.poll_id),
        "epoch": receipt.epoch,
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
    voter_key = claims.voter_of(poll.placement, ballot_id, epoch=poll.epoch)
    row = selectors.ballots_of(poll, voter_key).first() if voter_key is not None else None
    if row is not None and row.ballot_id == ballot_id:
        return Found(row.ballot_id, row.choices, row.cast_at, None)
    return Found(ballot_id, [], row.cast_at, row.ballot_id) if row is not None and ballot_id in row.replaced else None


def of_voter(poll: Poll, voter_key: bytes) -> Found | None:
    """The ballot that this voter has in the count."""
    row = selectors.ballots_of(poll, voter_key).first()
    return Found(row.ballot_id, row.choices, row.cast_at, None) if row is not None else None


def proof_view(poll: Poll, found: Found) -> View:
    """The receipt again and, once the poll is closed, the way from the ballot's leaf to the published root (RFC 6962).

    It reveals nothing about other ballots: they are hashes over ids that only their voters know.
    """
    view: View = {
        "receipt": receipt_view(
            receipt_of(poll.pk, found.replaced_by or found.ballot_id, found.cast_at, epoch=poll.epoch)
        ),
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
