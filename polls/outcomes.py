"""A ballot to be recorded, and what became of it."""

from enum import StrEnum
from typing import NamedTuple
from uuid import UUID

from django.db import DEFAULT_DB_ALIAS
from msgspec import Struct

from core.refusals import BUSY, Reason
from polls.nodes import Placement
from polls.receipts import Receipt
from polls.signatures import Signed


class Status(StrEnum):
    """What became of a ballot."""

    COUNTED = "counted"
    CHANGED = "changed"
    ALREADY = "already_counted"
    REFUSED = "refused"
    ID_USED = "id_used"
    OTHER_ROUND = "other_round"
    EARLY = "early"
    CLOSED = "closed"
    INVALID = "invalid"
    UNSIGNED = "wrong_signature"
    UNKNOWN = "unknown_poll"
    NO_VOTER = "no_voter"
    HELD = "held"
    MOVED = "moved"


class Settled(NamedTuple):
    """What one node has settled of a ballot that goes on to its voter's node: the round, whether its id is `claimed` (not by a
    ballot that came after the end), and the voter key that the sender showed."""

    epoch: int
    shown_key: bytes
    claimed: bool


class Cast(Struct, frozen=True, kw_only=True):
    """One submission. `voter_key` is voters.voter_key(): 16 bytes, or none (b"") of a sender who has to show more before anything
    new is counted; `ballot_id` was made by the client. `epoch`: the round it is
    for, where the client said so. `browser`: the voter key of the browser's token in a poll for a line, where the voter is a
    ticket. `placement`: where the poll's ballots are; `default` without. `settled`: by the node before.
    """

    poll_id: UUID
    voter_key: bytes
    ballot_id: UUID
    choices: tuple[int, ...]
    epoch: int | None = None
    browser: bytes | None = None
    signed: Signed | None = None
    placement: Placement | None = None
    settled: Settled | None = None

    @property
    def node(self) -> str:
        """Where it is recorded next: first on the node of its id's claim, then on its voter's."""
        if self.placement is None:
            return DEFAULT_DB_ALIAS
        if self.settled is None:
            return self.placement.node_of_claim(self.ballot_id)
        return self.placement.node_of_voter(self.voter_key)

    @property
    def shown_key(self) -> bytes:
        """The voter key that the sender showed."""
        return self.voter_key if self.settled is None else self.settled.shown_key

    @property
    def signer(self) -> bytes | None:
        """Whose signature it carries (Ballot.signer)."""
        return self.signed.signer if self.signed else None


class Outcome(Struct, frozen=True):
    """What became of a ballot: `receipt` when it is in the count, else `problem` says why not. `own`: the sender has shown more
    than the ballot's id, which receipts show, and may get a proof that the ballot is theirs. `moved`: the ballot, to be
    recorded on its voter's node, where that is another.
    """

    status: Status
    receipt: Receipt | None = None
    problem: Reason = BUSY
    own: bool = False
    moved: Cast | None = None
