"""A ballot to be recorded, and what became of it."""

from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

from core.refusals import BUSY, Reason
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


@dataclass(frozen=True, slots=True, kw_only=True)
class Cast:
    """One submission. `voter_key` is voters.voter_key(): 16 bytes, or none (b"") of a sender who has to show more before anything
    new is counted; `ballot_id` was made by the client. `epoch`: the round it is
    for, where the client said so. `browser`: the voter key of the browser's token in a poll for a line, where the voter is a
    ticket.
    """

    poll_id: UUID
    voter_key: bytes
    ballot_id: UUID
    choices: tuple[int, ...]
    epoch: int | None = None
    browser: bytes | None = None
    signed: Signed | None = None

    @property
    def signer(self) -> bytes | None:
        """Whose signature it carries (Ballot.signer)."""
        return self.signed.signer if self.signed else None


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a ballot: `receipt` when it is in the count, else `problem` says why not. `own`: the sender has shown more
    than the ballot's id, which receipts show, and may get a proof that the ballot is theirs.
    """

    status: Status
    receipt: Receipt | None = None
    problem: Reason = BUSY
    own: bool = False
