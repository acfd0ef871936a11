"""Bodies of what hosts do in a full house: a pause with a reason, a wait set by hand, a message to one guest, a new place."""

from typing import Any, ClassVar

from msgspec import UNSET, UnsetType, field

from queues import rules
from queues.bodies import Message, PartyBody, PartyId, WaitMs, WalkInBody
from web.bodies import EXAMPLE_ID, Body, default
from web.body_types import Text, Whole


class Reason(Text, longest=rules.LONGEST_MESSAGE, blank=True):
    """Why a line is paused, as guests read it."""


class HoldsFor(Whole, least=rules.WAIT_HOLDS_AT_LEAST_MIN, most=rules.WAIT_HOLDS_AT_MOST_MIN):
    """For how many minutes a wait is told to new guests."""


class PauseBody(Body):
    """POST .../pause: without a `reason` that of a paused line stays."""

    example: ClassVar[dict[str, Any]] = {"reason": "The kitchen catches up."}

    reason: Reason | None = None


class WaitBody(Body):
    """POST .../wait."""

    example: ClassVar[dict[str, Any]] = {"lowMs": 1_800_000, "highMs": 2_700_000, "minutes": 60}

    low_ms: WaitMs = field(name="lowMs")
    high_ms: WaitMs = field(name="highMs")
    minutes: HoldsFor = default(HoldsFor(rules.WAIT_HOLDS_MIN))


class MessagePartyBody(PartyBody):
    """POST .../message-party: an empty text takes it back."""

    example: ClassVar[dict[str, Any]] = {**PartyBody.example, "text": "Your table is almost ready."}

    text: Message


class MoveBehindBody(PartyBody):
    """POST .../move-behind."""

    example: ClassVar[dict[str, Any]] = {**PartyBody.example, "otherId": EXAMPLE_ID}

    other_id: PartyId = field(name="otherId")


class HostWalkInBody(WalkInBody):
    """POST .../walk-in: with `overCapacity` also into a full line."""

    over_capacity: bool | UnsetType = field(name="overCapacity", default=UNSET)
