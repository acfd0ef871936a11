"""What a client sends with a ballot: our own API's and pages' body, and those of the two older contracts."""

import binascii
import re
from base64 import urlsafe_b64decode
from typing import Annotated, Any, ClassVar, Self
from uuid import UUID, uuid4

from msgspec import Meta, Struct

from core.errors import Invalid
from polls import rules, voters
from polls.signatures import KEY_BYTES, SIGNATURE_BYTES, Signed
from web.bodies import Body
from web.body_types import Field, Identifier, Text, Whole

MOST_NUMBER = 32_767
MOST_WORK = 2**53 - 1
MOST_EPOCH = 2**31 - 1
# As contracts write choices' ids: digits without zeros before them.
_CHOICE_ID = re.compile("0|[1-9][0-9]{0,7}")


class Submission(Struct, frozen=True, kw_only=True):
    """A ballot as its client sent it. The poll's `dedupe` decides which of the proofs counts."""

    ballot_id: UUID
    choices: tuple[int, ...]
    token: str = ""
    party_id: str = ""
    code: str = ""
    signed: Signed | None = None
    work: int | None = None
    epoch: int | None = None


class Choice(Whole, most=MOST_NUMBER):
    """A choice by its number, from 0."""


class Work(Whole, most=MOST_WORK):
    """A proof of work; below 2^53, as scripts count."""


class Epoch(Whole, most=MOST_EPOCH):
    """A round of a poll."""


class PartyId(Text, longest=64):
    """A party of the poll's line."""


class Code(Text, longest=40):
    """A one-time code, in any case, with or without its hyphen."""


class Token(Text, longest=128):
    """A browser's token."""


class Base64(Field, bytes):
    """`length` bytes as base64url, with padding or without."""

    length: ClassVar[int]

    @classmethod
    def parse(cls, sent: Any) -> Self:
        """Raises ValueError with the sentence."""
        try:
            found = urlsafe_b64decode(f"{sent.rstrip('=')}==") if isinstance(sent, str) else b""
        except (ValueError, binascii.Error):
            found = b""
        if len(found) != cls.length:
            raise ValueError(f"must be {cls.length} bytes in base64url.")
        return cls(found)

    @classmethod
    def schema(cls) -> dict[str, Any]:
        """A string."""
        return {"type": "string", "minLength": 1, "maxLength": -(-cls.length // 3) * 4}


class Key(Base64, length=KEY_BYTES):
    """A public key of P-256."""


class Signature(Base64, length=SIGNATURE_BYTES):
    """ECDSA with SHA-256."""


class ChoiceId(int):
    """A choice by its id, a string of digits. An id too large for any poll becomes one that no poll has."""

    __slots__ = ()

    @classmethod
    def parse(cls, sent: Any) -> Self:
        """Raises ValueError with the sentence."""
        if not isinstance(sent, str) or not _CHOICE_ID.fullmatch(sent):
            raise ValueError("there is no such choice.")
        return cls(min(int(sent), MOST_NUMBER))

    @classmethod
    def schema(cls) -> dict[str, Any]:
        """A string."""
        return {"type": "string", "pattern": f"^(?:{_CHOICE_ID.pattern})$", "maxLength": 8}


class OldChoiceId(ChoiceId):
    """The same; old clients of edge-poll.md also send a number."""

    __slots__ = ()

    @classmethod
    def parse(cls, sent: Any) -> Self:
        """Raises ValueError with the sentence."""
        return super().parse(str(sent) if isinstance(sent, int) and not isinstance(sent, bool) else sent)


class VoteBody(Body):
    """A body that holds a ballot."""

    def submission(self) -> Submission:
        """The ballot. Raises Invalid."""
        raise NotImplementedError


class BallotBody(VoteBody):
    """POST .../ballots: `choices` are the picked numbers; `ballotId` is made by the client and sent again on a retry."""

    example: ClassVar[dict[str, Any]] = {"ballotId": "3f0e1c9a-6d5b-4c2e-9a7f-1b2c3d4e5f60", "choices": [0]}

    ballotId: Identifier
    choices: Annotated[list[Choice], Meta(min_length=1, max_length=rules.MOST_CHOICES)]
    partyId: PartyId | None = None
    code: Code | None = None
    token: Token | None = None
    key: Annotated[Key | None, Meta(description="Public key of P-256: 65 bytes, uncompressed, base64url.")] = None
    signature: Annotated[
        Signature | None,
        Meta(
            description="ECDSA, SHA-256, 64 bytes, base64url; of `tallyline-ballot|poll id|ballotId|0,2`, with `epoch`"
            " also `|epoch`."
        ),
    ] = None
    work: Annotated[
        Work | None,
        Meta(
            description="A number with which SHA-256 of poll id, ballotId (16 bytes each) and it (8 bytes, big-endian) begins"
            " with the poll's `workBits` zero bits."
        ),
    ] = None
    epoch: Annotated[
        Epoch | None,
        Meta(description="The round it is for, as the results say it. A ballot of another round is refused."),
    ] = None

    def submission(self) -> Submission:
        """Raises Invalid for half a signature."""
        signed = None
        if self.key or self.signature:
            for name, sent in (("key", self.key), ("signature", self.signature)):
                if not sent:
                    raise Invalid(f"{name}: a signed ballot has a key and a signature.", field=name)
            signed = Signed(bytes(self.key or b""), bytes(self.signature or b""))
        return Submission(
            ballot_id=UUID(self.ballotId),
            choices=tuple(self.choices),
            token=self.token or "",
            party_id=(self.partyId or "").lower(),
            code=voters.written_code(self.code) if self.code else "",
            signed=signed,
            work=self.work,
            epoch=self.epoch,
        )


class OldVoteBody(VoteBody):
    """POST and PUT /poll/{id} (contract edge-poll.md)."""

    example: ClassVar[dict[str, Any]] = {"id": "0"}

    id: OldChoiceId

    def submission(self) -> Submission:
        """The client sends no ballot id: each vote is a new ballot."""
        return Submission(ballot_id=uuid4(), choices=(int(self.id),))


class SessionVoteBody(VoteBody):
    """POST /api/vote/{sessionId} (contract voting-session.md): ids count from "1"."""

    example: ClassVar[dict[str, Any]] = {"choiceIds": ["1"]}

    choiceIds: Annotated[list[ChoiceId], Meta(min_length=1, max_length=rules.MOST_CHOICES)]
    ballotId: Identifier | None = None
    epoch: Epoch | None = None

    def submission(self) -> Submission:
        """Choices by their numbers from 0."""
        return Submission(
            ballot_id=UUID(self.ballotId) if self.ballotId else uuid4(),
            choices=tuple(each - 1 for each in self.choiceIds),
            epoch=self.epoch,
        )
