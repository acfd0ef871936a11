"""Bodies of the API of retention."""

from typing import Any, ClassVar

from msgspec import field

from queues.bodies import PartyBody
from retention.rules import REASONS
from web.bodies import EXAMPLE_ID
from web.body_types import OneOf


class Reason(OneOf, words=list(REASONS)):
    """Why a guest is erased. There is no free text: it would be one more place for names."""


class ErasePartyBody(PartyBody):
    """POST .../erase-party. `sameNumber`: also the venue's other parties with the same number, in any of its lines; for a key of
    the venue and people who work there."""

    example: ClassVar[dict[str, Any]] = {"partyId": EXAMPLE_ID, "reason": "asked"}

    reason: Reason
    same_number: bool = field(name="sameNumber", default=False)
