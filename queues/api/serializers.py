"""Bodies of the queue API: what a client may send. What it gets: queues/api/answers.py."""

from typing import Any, ClassVar

from rest_framework import serializers

from core.zones import zone_names
from queues.bodies import LONGEST_TOKEN, NAME_LENGTH, NOTE_LENGTH
from queues.commands.messages import LONGEST_MESSAGE
from queues.commands.more_time import MOST_MINUTES
from queues.commands.settings import LONGEST_WINDOW_S, SHORTEST_WINDOW_S
from web.serializers import EXAMPLE_ID, CutText, Flag, OptionalText, Text, TimeOfDay, Whole

# Of an id however it is written.
LONGEST_ID = 100
MOST_PER_PARTY = 2_000_000_000


class CreateBody(serializers.Serializer[Any]):
    """POST /api/queue/create. The upper end of `maxGuests` depends on who asks; the command knows it."""

    example: ClassVar[dict[str, Any]] = {"eventName": "Friday dinner", "maxGuests": 60}

    eventName = Text(min_length=1, max_length=120)
    maxGuests = Whole(numeric_strings=True, min_value=1, max_value=MOST_PER_PARTY)
    location = CutText(cut_to=240, required=False, allow_blank=True, allow_null=True)
    contactInfo = CutText(cut_to=500, required=False, allow_blank=True, allow_null=True)
    contact = CutText(cut_to=500, required=False, allow_blank=True, allow_null=True)
    openTime = TimeOfDay(required=False, allow_null=True)
    closeTime = TimeOfDay(required=False, allow_null=True)
    turnstileToken = OptionalText(max_length=LONGEST_TOKEN)
    callWindowSeconds = Whole(required=False, min_value=10, max_value=86_400, default=120)
    autoAdvance = Flag(required=False, default=True)
    timezone = OptionalText(max_length=64)
    venue = serializers.UUIDField(required=False, allow_null=True)

    def validate_timezone(self, value: str | None) -> str:
        """An IANA name."""
        if value and value not in zone_names():
            raise serializers.ValidationError("must be a time zone such as Europe/Madrid.")
        return value or ""


class Nothing(serializers.Serializer[Any]):
    """A command that needs no words."""


class PartyBody(serializers.Serializer[Any]):
    """The body of every action on one party."""

    example: ClassVar[dict[str, Any]] = {"partyId": EXAMPLE_ID}

    partyId = CutText(source="party_id", cut_to=LONGEST_ID)


class CallBody(serializers.Serializer[Any]):
    """POST .../call: without a party the head of the line is called."""

    example: ClassVar[dict[str, Any]] = {"partyId": EXAMPLE_ID}

    partyId = CutText(source="party_id", required=False, allow_null=True, default=None, cut_to=LONGEST_ID)


class AdvanceBody(serializers.Serializer[Any]):
    """POST .../advance."""

    example: ClassVar[dict[str, Any]] = {"servedParty": None, "nextParty": None}

    servedParty = CutText(source="served_party", required=False, allow_null=True, default=None, cut_to=LONGEST_ID)
    nextParty = CutText(source="next_party", required=False, allow_null=True, default=None, cut_to=LONGEST_ID)


class ReorderBody(PartyBody):
    """POST .../reorder: position 1 is the head of those waiting."""

    example: ClassVar[dict[str, Any]] = {**PartyBody.example, "position": 1}

    position = Whole(min_value=1, max_value=MOST_PER_PARTY)


class LetPassBody(serializers.Serializer[Any]):
    """POST .../let-pass: how many parties behind go first; more than there are means all of them."""

    example: ClassVar[dict[str, Any]] = {**PartyBody.example, "parties": 1}

    partyId = CutText(cut_to=LONGEST_ID)
    parties = Whole(required=False, min_value=1, max_value=MOST_PER_PARTY, default=1)


class MoreTimeBody(PartyBody):
    """POST .../more-time: without `minutes` by the line's call window once more."""

    example: ClassVar[dict[str, Any]] = {**PartyBody.example, "minutes": 5}

    minutes = Whole(required=False, allow_null=True, min_value=1, max_value=MOST_MINUTES, default=None)


class EditBody(PartyBody):
    """POST .../edit: what is not sent stays. A quote counts from the join and has both ends."""

    example: ClassVar[dict[str, Any]] = {**PartyBody.example, "size": 3, "note": "High chair"}

    name = Text(required=False, allow_blank=True, max_length=NAME_LENGTH)
    size = Whole(required=False, min_value=1, max_value=MOST_PER_PARTY)
    note = Text(required=False, allow_blank=True, max_length=NOTE_LENGTH)
    quoteLowMs = Whole(required=False, min_value=0, max_value=MOST_PER_PARTY)
    quoteHighMs = Whole(required=False, min_value=0, max_value=MOST_PER_PARTY)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """One end alone is no quote."""
        ends = [attrs.pop(name, None) for name in ("quoteLowMs", "quoteHighMs")]
        if ends != [None, None]:
            if None in ends:
                raise serializers.ValidationError({"quoteHighMs": "must be sent together with quoteLowMs."})
            attrs["quote_ms"] = (ends[0], ends[1])
        return attrs


class MessageBody(serializers.Serializer[Any]):
    """POST .../message: a message to all guests in line; an empty text clears it."""

    example: ClassVar[dict[str, Any]] = {"text": "The kitchen closes at 22:00."}

    text = Text(allow_blank=True, max_length=LONGEST_MESSAGE)


class SettingsBody(serializers.Serializer[Any]):
    """POST .../settings: what is not sent stays; null takes an hour away."""

    example: ClassVar[dict[str, Any]] = {"callWindowSeconds": 180}

    openTime = TimeOfDay(source="open_time", required=False, allow_null=True)
    closeTime = TimeOfDay(source="close_time", required=False, allow_null=True)
    callWindowSeconds = Whole(
        source="call_window_s", required=False, min_value=SHORTEST_WINDOW_S, max_value=LONGEST_WINDOW_S
    )
    maxGuests = Whole(source="max_guests", required=False, min_value=1, max_value=MOST_PER_PARTY)
    autoAdvance = Flag(source="auto_advance", required=False)


class UndoBody(serializers.Serializer[Any]):
    """POST .../undo: `version` is the action that the host saw and means (from `lastAction`)."""

    example: ClassVar[dict[str, Any]] = {"version": None}

    version = Whole(source="expected_version", required=False, allow_null=True, default=None)
