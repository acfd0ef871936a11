"""Made by `make client` from the OpenAPI document; do not edit. Models: lines hosts answered."""

from __future__ import annotations

from typing import Any, Literal, NotRequired, TypedDict

from .lines import HostMessage, Party


class ActionOutcome(TypedDict):
    """What became of one action."""

    # As it was sent.
    id: str
    outcome: Literal["done", "refused"]
    # It was sent before: this is its first outcome.
    already: bool
    # What it made of the line; null: nothing changed.
    version: int | None
    # The party it was about, or that it has added.
    partyId: str | None
    # Of a refused one what is so now; of others what to tell the host, if anything.
    text: str
    # The reason of a refusal by its name; else empty.
    code: str


class ActionOutcomes(TypedDict):
    """One outcome for each action, in their order."""

    outcomes: list[ActionOutcome]


class ActionUndone(TypedDict):
    """What was taken back."""

    ok: bool
    action: str


class AtTable(TypedDict):
    """A party at a table. Of another line of the venue, the name and id are null."""

    partyId: str | None
    ticket: int
    name: str | None
    size: int
    # The code of its line.
    line: str
    # ms since 1970
    since: int
    tableIds: list[int]
    satMs: int
    # How long a party of this size is expected to sit, by the venue’s past turns.
    expectedMs: int


class Console(TypedDict):
    """All that our own host console shows."""

    type: Literal["console"]
    version: int
    code: str
    eventName: str
    maxGuests: int
    paused: bool
    closed: bool
    served: int
    message: HostMessage | None
    pauseReason: str
    wait: WaitByHand | None
    full: bool
    waiting: list[ConsoleParty]
    called: list[ConsoleParty]
    # As in the public snapshot.
    waitsUnknown: NotRequired[bool]
    # As in the public snapshot.
    joinUnknown: NotRequired[bool]


class ConsoleParty(TypedDict):
    """A party as our own console shows it."""

    id: str
    name: str
    size: int
    status: Literal["waiting", "called"]
    nearby: bool
    # ms since 1970
    joinedAt: int
    ticket: int
    rank: int
    note: str
    walkIn: bool
    quoteLowMs: int
    quoteHighMs: int
    # ms since 1970
    calledAt: int | None
    # ms since 1970
    deadline: int | None
    wantsMoreTime: bool
    # Since when it is late: still called, and a host decides.
    lateAt: int | None
    # When its guest said “On my way”, in this call.
    onMyWayAt: int | None
    # Whether a phone shows its ticket. No clock ends it without one.
    hasPhone: bool
    # The host's message to this guest, or empty.
    message: str
    # Where the party wishes to sit; empty: anywhere.
    section: str
    # Whether it is told by SMS, WhatsApp or e-mail, too.
    hasContact: bool
    # When its guest last wrote by SMS or WhatsApp.
    wroteAt: int | None
    # Whether its number said STOP.
    textsStopped: bool
    waitLowMs: NotRequired[int]
    waitHighMs: NotRequired[int]


class ErasedParty(TypedDict):
    """What else was erased."""

    ok: bool
    # Parties with the same number that were erased with it.
    others: list[str]


class ForTable(TypedDict):
    """A party for a table. `due`: it was passed over as often as the venue allows."""

    partyId: str
    tableIds: list[int]
    due: bool


class KeptOfParty(TypedDict):
    """All that is kept of a party, by what keeps it."""

    # Its place: name, note, messages, times, and what happened to it.
    queues: dict[str, Any]
    # What the venue knows of the guest by the number; empty: nothing.
    guests: dict[str, Any]
    # Number, address, conversation, and what went out.
    reach: dict[str, Any]
    # Browsers that are notified.
    push: dict[str, Any]
    # What its page reported.
    analytics: dict[str, Any]


class ListedLine(TypedDict):
    """A line of the venue."""

    id: str
    code: str
    eventName: str
    serviceId: str | None
    maxGuests: int
    # ms since 1970
    openedAt: int
    # ms since 1970
    lastEntryAt: int | None
    # ms since 1970
    closedAt: int | None
    # Empty while it is open.
    closeReason: str
    paused: bool
    # Parties.
    waiting: int
    # Parties.
    called: int
    version: int


class ListedLines(TypedDict):
    """Lines, the newest first."""

    lines: list[ListedLine]
    # The cursor of the next page; null at the end.
    next: str | None


class ListedParties(TypedDict):
    """Parties in the order of their tickets."""

    parties: list[ListedParty]
    # The cursor of the next page; null at the end.
    next: str | None


class ListedParty(TypedDict):
    """A party of a line, also one that is in line no more."""

    id: str
    ticket: int
    name: str
    size: int
    note: str
    section: str
    status: Literal["waiting", "called", "served", "left", "kicked", "no_show", "closed"]
    nearby: bool
    walkIn: bool
    hasPhone: bool
    # ms since 1970
    joinedAt: int
    quoteLowMs: int
    quoteHighMs: int
    # ms since 1970
    calledAt: int | None
    # ms since 1970
    deadline: int | None
    # ms since 1970
    lateAt: int | None
    # ms since 1970
    endedAt: int | None
    # Where it was seated.
    tableIds: list[int]


class NowServing(TypedDict):
    """The party called last that is still called."""

    nowServing: Party | None


class RenewedLineToken(TypedDict):
    """The line's new host token; all that were given before have ended."""

    hostAuthToken: str


class TableNow(TypedDict):
    """A table. `taken`: null when it is free. `keptFor`: a large party that is due and needs it together with
    others.
    """

    id: int
    name: str
    seats: int
    section: str
    joins: list[int]
    taken: AtTable | None
    proposals: list[ForTable]
    keptFor: str | None


class Tables(TypedDict):
    """A venue's tables, in their order."""

    tables: list[TableNow]


class WaitByHand(TypedDict):
    """The wait that a host has set for new guests, until a time."""

    lowMs: int
    highMs: int
    # ms since 1970
    until: int
