"""Receipts of ballots, and the proof that a ballot is in the count (B1)."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from msgspec import Struct

from core.clock import milliseconds
from core.hashing import keyed
from core.identifiers import text_of
from core.json_types import View
from polls import claims, digest, seals, selectors, whole_digest
from polls.leaves import Place
from polls.models import Ballot, Poll


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
    """A ballot in the count: how it was cast, by which ballot of the same voter it was replaced, if it was; its row's place."""

    ballot_id: UUID
    choices: list[int]
    cast_at: datetime
    replaced_by: UUID | None
    place: Place


def find(poll: Poll, ballot_id: UUID) -> Found | None:
    """The ballot with this id, also when its voter has replaced it since; None when it is not in the count."""
    voter_key = claims.voter_of(poll.placement, ballot_id, epoch=poll.epoch)
    row = selectors.ballots_of(poll, voter_key).first() if voter_key is not None else None
    if row is None or row.ballot_id == ballot_id:
        return _found(row)
    place = row.shard, bytes(row.voter_key)
    return Found(ballot_id, [], row.cast_at, row.ballot_id, place) if ballot_id in row.replaced else None


def of_voter(poll: Poll, voter_key: bytes) -> Found | None:
    """The ballot that this voter has in the count."""
    return _found(selectors.ballots_of(poll, voter_key).first())


def _found(row: Ballot | None) -> Found | None:
    """The ballot of this row."""
    if row is None:
        return None
    return Found(row.ballot_id, row.choices, row.cast_at, None, (row.shard, bytes(row.voter_key)))


def proof_view(poll: Poll, found: Found) -> View:
    """The receipt again and, once the poll's root is published, the way from the ballot's leaf to it (RFC 6962).

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
        steps = (
            seals.path_of(poll, found.place, leaf)
            if poll.digest_version == seals.VERSION
            else whole_digest.path_of(poll.pk, poll.root, leaf)
        )
        view["proof"] = {
            "leaf": leaf.hex(),
            "choices": sorted(found.choices),
            "time": found.cast_at.isoformat(timespec="microseconds"),
            "path": [{"side": side, "hash": sibling.hex()} for side, sibling in steps],
        }
    return view
