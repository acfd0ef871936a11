"""Made by `make client` from the OpenAPI document; do not edit. Models: lines guests answered."""

from __future__ import annotations

from typing import Literal, NotRequired, TypeAlias, TypedDict

from .lines import HostMessage, Party


class CallOfParty(TypedDict):
    """The party is called."""

    type: Literal["called"]
    # ms since 1970
    deadline: int | None


class ContactOfParty(TypedDict):
    """A party's number, address and ways, for its guest alone."""

    # E.164; empty: none is kept.
    number: str
    email: str
    # Those that the guest chose, in order; empty: the venue's order.
    ways: list[str]
    # The venue's ways, in its order.
    offered: list[str]
    # By which it is told now, in order.
    reachedBy: list[str]
    proof: Literal["none", "wanted", "proven"]
    # Until when the code that was sent is good; null: none is.
    codeExpiresAt: int | None
    # How often the code may still be typed.
    triesLeft: int
    # How many codes can still be sent.
    codesLeft: int


class CreatedLine(TypedDict):
    """A new line; null for a field that was not sent."""

    code: str
    sessionId: str
    joinUrl: str
    wsUrl: str
    hostAuthToken: str
    eventName: str
    maxGuests: int
    location: str | None
    contactInfo: str | None
    # HH:mm
    openTime: str | None
    # HH:mm
    closeTime: str | None


class EndOfLine(TypedDict):
    """The line is closed."""

    type: Literal["closed"]


class EndOfParty(TypedDict):
    """The party's place has ended."""

    type: Literal["removed"]
    reason: Literal["served", "left", "kicked", "no_show"]


class HostSnapshot(TypedDict):
    """The line as its host sees it."""

    type: Literal["queue_update"]
    queue: list[Party]
    nowServing: Party | None
    maxGuests: int
    # ms since 1970
    callDeadline: int | None
    closed: bool


class Hours(TypedDict):
    """When a service's line ends."""

    # No guest can join from then on.
    lastEntry: int
    # It ends once no party is in line.
    closing: int
    # It ends.
    end: int


class LineChanges(TypedDict):
    """What changed since a version that is known: the answer to `since`, for long lines."""

    nowServing: PartyCalled | None
    called: list[PartyCalled]
    maxGuests: int
    # ms since 1970
    callDeadline: int | None
    # The wait of a party that joins now, at least.
    joinLowMs: int
    # The same, at most. Both of a party of two.
    joinHighMs: int
    # Where large parties wait differently.
    joinBySize: NotRequired[list[list[int | None]]]
    # True while there is too little to tell it by: pages say so instead.
    joinUnknown: NotRequired[bool]
    # The same of all waiting parties but the first, where no host promised a wait.
    waitsUnknown: NotRequired[bool]
    closed: bool
    paused: bool
    message: HostMessage | None
    version: int
    eventName: str
    # By ticket: how often its name or size changed.
    edited: NotRequired[dict[str, int]]
    # By ticket: until when the wait lasts that a host promised, at least and at most (ms since 1970).
    promised: NotRequired[dict[str, list[int]]]
    asked: NotRequired[list[Question]]
    # Of a line that a venue's service opened.
    hours: NotRequired[Hours]
    # True when last entry is over.
    entryOver: NotRequired[bool]
    # True when a join needs the code on the wall.
    hereOnly: NotRequired[bool]
    # Why the line is paused, where the host says so.
    pauseReason: NotRequired[str]
    type: Literal["queue_changes"]
    since: int
    changed: list[PartyChanged]
    # How many parties wait.
    waiting: int
    # The wait at each place, as the snapshot has it.
    waits: list[WaitsOfPlaces]
    # How long a party ahead took lately. Kept for old clients: ask `waits`.
    paceMs: int
    quotePercent: list[int]


class PartiesPassed(TypedDict):
    """How many parties went first."""

    ok: bool
    passed: int


class PartyCalled(TypedDict):
    """A called party in the public snapshot."""

    ticket: int
    size: int
    status: Literal["called"]
    nearby: bool
    # ms since 1970
    deadline: int | None
    # True when its deadline is over and a host has to decide.
    late: NotRequired[bool]


# `from` and `to`: its index among those waiting, before and now; null: not waiting. With `to` also its size, status
# and nearby.
PartyChanged = TypedDict(
    "PartyChanged",
    {
        "ticket": "int",
        "to": "int | None",
        "size": "NotRequired[int]",
        "status": "NotRequired[str]",
        "nearby": "NotRequired[bool]",
        "from": "int | None",
    },
)


class PartyWaiting(TypedDict):
    """A waiting party in the public snapshot."""

    ticket: int
    size: int
    status: Literal["waiting"]
    nearby: bool
    waitLowMs: int
    waitHighMs: int


class PositionOfParty(TypedDict):
    """A waiting party's place."""

    type: Literal["position"]
    position: int
    aheadCount: int
    queueLength: int
    estimatedWaitMs: int
    eventName: str


class PublicSnapshot(TypedDict):
    """The public snapshot of the line."""

    nowServing: PartyCalled | None
    called: list[PartyCalled]
    maxGuests: int
    # ms since 1970
    callDeadline: int | None
    # The wait of a party that joins now, at least.
    joinLowMs: int
    # The same, at most. Both of a party of two.
    joinHighMs: int
    # Where large parties wait differently.
    joinBySize: NotRequired[list[list[int | None]]]
    # True while there is too little to tell it by: pages say so instead.
    joinUnknown: NotRequired[bool]
    # The same of all waiting parties but the first, where no host promised a wait.
    waitsUnknown: NotRequired[bool]
    closed: bool
    paused: bool
    message: HostMessage | None
    version: int
    eventName: str
    # By ticket: how often its name or size changed.
    edited: NotRequired[dict[str, int]]
    # By ticket: until when the wait lasts that a host promised, at least and at most (ms since 1970).
    promised: NotRequired[dict[str, list[int]]]
    asked: NotRequired[list[Question]]
    # Of a line that a venue's service opened.
    hours: NotRequired[Hours]
    # True when last entry is over.
    entryOver: NotRequired[bool]
    # True when a join needs the code on the wall.
    hereOnly: NotRequired[bool]
    # Why the line is paused, where the host says so.
    pauseReason: NotRequired[str]
    type: Literal["queue_update"]
    queue: list[PartyWaiting]


# An open poll for the people in line. A ticket shows the first that has begun and is not over.
Question = TypedDict(
    "Question",
    {
        "code": "str",
        "title": "str",
        "until": "int | None",
        "from": "int | None",
    },
)


Snapshot: TypeAlias = (
    "PositionOfParty | CallOfParty | EndOfParty | EndOfLine | LineChanges | PublicSnapshot | HostSnapshot"
)


class WaitsOfPlaces(TypedDict):
    """The waits of parties of one class of size, at each place."""

    # Parties of up to so many; null: of any more.
    guests: int | None
    # [places, low, high]: so many places from the first, or from the run before, wait so long, in ms.
    runs: list[list[int]]
