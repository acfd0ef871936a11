"""Bodies of the queue API: what a client may send. What it gets: queues/api/answers.py."""

from typing import Annotated, Any, ClassVar, Self

from msgspec import UNSET, Meta, UnsetType, field

from core.errors import Invalid
from core.zones import zone_names
from queues import rules, seating
from queues.contacts import LONGEST_EMAIL, LONGEST_NUMBER
from venues.models import LONGEST_WINDOW_S, SHORTEST_WINDOW_S
from venues.tables import LONGEST_SECTION
from web.bodies import EXAMPLE_ID, Body, default
from web.body_types import Identifier, Text, TimeOfDay, Whole


class LineName(Text, longest=rules.LONGEST_LINE_NAME):
    """What a line is called."""


class Location(Text, longest=rules.LONGEST_LOCATION, blank=True, cut=True):
    """Where the line is."""


class Contact(Text, longest=rules.LONGEST_CONTACT, blank=True, cut=True):
    """How guests reach the host."""


class ZoneName(Text, longest=64, blank=True):
    """An IANA name, such as Europe/Madrid."""

    @classmethod
    def parse(cls, sent: Any) -> Self:
        zone = super().parse(sent)
        if zone and zone not in zone_names():
            raise ValueError("must be a time zone such as Europe/Madrid.")
        return zone


class MostGuests(Whole, least=1, most=rules.MOST_NUMBER):
    """How many guests a line holds; the most there may be depends on who asks, and the command knows it."""


class MostGuestsOfNew(MostGuests, numeric_strings=True):
    """The same; old clients also send a string of digits."""


class CallWindow(Whole, least=SHORTEST_WINDOW_S, most=LONGEST_WINDOW_S):
    """How long a called party has, in seconds."""


class OnMyWay(Whole, most=LONGEST_WINDOW_S):
    """How much more time "On my way" gives, in seconds; 0: none."""


class Message(Text, longest=rules.LONGEST_MESSAGE, blank=True):
    """A message to all guests in line."""


class PartyId(Text, longest=100, cut=True):
    """A party's id, however it is written."""


class Name(Text, longest=rules.LONGEST_NAME, blank=True):
    """A party's name; may be left out."""


class Note(Text, longest=rules.LONGEST_NOTE, blank=True):
    """What the host should know of a party."""


class Section(Text, longest=LONGEST_SECTION, blank=True):
    """Where a party wishes to sit: a section of the venue's tables, or empty."""


class TableId(Whole, least=1, most=2**53):
    """The number of a table."""


class Size(Whole, least=1):
    """How many guests a party is; the most there may be depends on the line."""


class Count(Whole, least=1, most=rules.MOST_NUMBER):
    """A number of parties, or of a place."""


class Minutes(Whole, least=1, most=rules.MOST_MINUTES):
    """More time for a called party."""


class WaitMs(Whole, most=rules.MOST_NUMBER):
    """A wait, in ms."""


class TurnstileToken(Text, longest=2048, blank=True):
    """The answer to a challenge (web/turnstile.py), as long as Cloudflare lets it be."""


class HereCode(Text, longest=100, blank=True):
    """The code on the wall, however it is written."""


class MobileNumber(Text, longest=LONGEST_NUMBER, blank=True):
    """A mobile number for news of the place, with + and the country code or as the venue's country writes it."""


class EmailAddress(Text, longest=LONGEST_EMAIL, blank=True):
    """An e-mail address for news of the place."""


class CreateBody(Body):
    """POST /api/queue/create."""

    example: ClassVar[dict[str, Any]] = {"eventName": "Friday dinner", "maxGuests": 60}

    eventName: LineName
    maxGuests: MostGuestsOfNew
    location: Location | None = None
    contactInfo: Contact | None = None
    contact: Contact | None = None
    openTime: TimeOfDay | None = None
    closeTime: TimeOfDay | None = None
    turnstileToken: TurnstileToken | None = None
    callWindowSeconds: CallWindow = default(CallWindow(120))
    autoAdvance: bool = True
    autoNoShow: bool | UnsetType = UNSET
    onMyWaySeconds: OnMyWay | UnsetType = UNSET
    timezone: ZoneName | None = None
    venue: Identifier | None = None

    def values(self) -> dict[str, Any]:
        """Without null, as fingerprints of this body have always been made (web/idempotency.py)."""
        return {name: value for name, value in super().values().items() if value is not None}


class WalkInBody(Body):
    """POST .../walk-in."""

    example: ClassVar[dict[str, Any]] = {"name": "Ben", "size": 4}

    name: Name = default(Name())
    size: Size = default(Size(1))
    note: Note = default(Note())
    section: Section | UnsetType = UNSET


class JoinBody(WalkInBody):
    """POST .../join."""

    example: ClassVar[dict[str, Any]] = {"name": "Ana", "size": 2}

    hereCode: HereCode = default(HereCode())
    turnstileToken: TurnstileToken | None = None
    number: MobileNumber | UnsetType = UNSET
    email: EmailAddress | UnsetType = UNSET


class PartyBody(Body):
    """The body of every action on one party."""

    example: ClassVar[dict[str, Any]] = {"partyId": EXAMPLE_ID}

    party_id: PartyId = field(name="partyId")


class SeatBody(PartyBody):
    """POST .../serve: at these tables (GET .../tables), joined where they are several."""

    table_ids: Annotated[list[TableId], Meta(max_length=seating.MOST_JOINED)] = field(
        name="tableIds", default_factory=list
    )


class TablesBody(PartyBody):
    """POST .../change-table."""

    example: ClassVar[dict[str, Any]] = {**PartyBody.example, "tableIds": [1]}

    table_ids: Annotated[list[TableId], Meta(min_length=1, max_length=seating.MOST_JOINED)] = field(name="tableIds")


class CallBody(Body):
    """POST .../call: without a party the head of the line is called."""

    example: ClassVar[dict[str, Any]] = PartyBody.example

    party_id: PartyId | None = field(name="partyId", default=None)


class AdvanceBody(Body):
    """POST .../advance."""

    example: ClassVar[dict[str, Any]] = {"servedParty": None, "nextParty": None}

    served_party: PartyId | None = field(name="servedParty", default=None)
    next_party: PartyId | None = field(name="nextParty", default=None)


class ReorderBody(PartyBody):
    """POST .../reorder: position 1 is the head of those waiting."""

    example: ClassVar[dict[str, Any]] = {**PartyBody.example, "position": 1}

    position: Count


class LetPassBody(Body):
    """POST .../let-pass: how many parties behind go first; more than there are means all of them."""

    example: ClassVar[dict[str, Any]] = {**PartyBody.example, "parties": 1}

    partyId: PartyId
    parties: Count = default(Count(1))


class ChangePartyBody(PartyBody):
    """POST .../change-party: what is not sent stays."""

    example: ClassVar[dict[str, Any]] = {**PartyBody.example, "size": 3, "note": "High chair"}

    size: Size | UnsetType = UNSET
    note: Note | UnsetType = UNSET


class Ahead(Whole, most=rules.MOST_AHEAD):
    """How many parties wait before one that is told; 0: it is not told."""


class TellAheadBody(PartyBody):
    """POST .../tell-ahead."""

    example: ClassVar[dict[str, Any]] = {**PartyBody.example, "parties": 3}

    parties: Ahead


class MoreTimeBody(PartyBody):
    """POST .../more-time: without `minutes` by the line's call window once more."""

    example: ClassVar[dict[str, Any]] = {**PartyBody.example, "minutes": 5}

    minutes: Minutes | None = None


class EditBody(PartyBody):
    """POST .../edit: what is not sent stays. A quote counts from the join and has both ends."""

    example: ClassVar[dict[str, Any]] = {**PartyBody.example, "size": 3, "note": "High chair"}

    name: Name | UnsetType = UNSET
    size: Size | UnsetType = UNSET
    note: Note | UnsetType = UNSET
    section: Section | UnsetType = UNSET
    quoteLowMs: WaitMs | UnsetType = UNSET
    quoteHighMs: WaitMs | UnsetType = UNSET

    def values(self) -> dict[str, Any]:
        """With `quote_ms` for the two ends. Raises Invalid for one end alone."""
        values = super().values()
        ends = tuple(values.pop(name, None) for name in ("quoteLowMs", "quoteHighMs"))
        if ends == (None, None):
            return values
        if None in ends:
            raise Invalid("quoteHighMs: must be sent together with quoteLowMs.", field="quoteHighMs")
        return {**values, "quote_ms": ends}


class MessageBody(Body):
    """POST .../message: a message to all guests in line; an empty text clears it."""

    example: ClassVar[dict[str, Any]] = {"text": "The kitchen closes at 22:00."}

    text: Message


class SettingsBody(Body):
    """POST .../settings: what is not sent stays; null takes an hour away."""

    example: ClassVar[dict[str, Any]] = {"callWindowSeconds": 180}

    event_name: LineName | UnsetType = field(name="eventName", default=UNSET)
    location: Location | UnsetType = UNSET
    open_time: TimeOfDay | None | UnsetType = field(name="openTime", default=UNSET)
    close_time: TimeOfDay | None | UnsetType = field(name="closeTime", default=UNSET)
    call_window_s: CallWindow | UnsetType = field(name="callWindowSeconds", default=UNSET)
    max_guests: MostGuests | UnsetType = field(name="maxGuests", default=UNSET)
    auto_advance: bool | UnsetType = field(name="autoAdvance", default=UNSET)
    auto_no_show: bool | UnsetType = field(name="autoNoShow", default=UNSET)
    on_my_way_s: OnMyWay | UnsetType = field(name="onMyWaySeconds", default=UNSET)
    here_only: bool | UnsetType = field(name="hereOnly", default=UNSET)


class UndoBody(Body):
    """POST .../undo: `version` is the action that the host saw and means (from `lastAction`)."""

    example: ClassVar[dict[str, Any]] = {"version": None}

    expected_version: Whole | None = field(name="version", default=None)
