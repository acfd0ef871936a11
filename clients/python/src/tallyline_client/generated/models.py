"""Made by `make client` from the OpenAPI document; do not edit. What is sent and answered."""

from __future__ import annotations

from typing import Any, Literal, NotRequired, TypeAlias, TypedDict


class ActionBody(TypedDict):
    """An action of a host. `id` is made by the device, `version` is that of the list that the host saw. `after`:
    the device's own action before this one on the same party, if that list did not show it yet.
    """

    id: str
    action: str
    party: NotRequired[str | None]
    saw: NotRequired[str]
    version: NotRequired[int | None]
    pressedAt: NotRequired[int | None]
    after: NotRequired[str | None]
    fields: NotRequired[dict[str, str]]


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


class ActionsBody(TypedDict):
    """POST .../actions: what a host's device sends, in the order in which it was pressed."""

    actions: list[ActionBody]


class AdvanceBody(TypedDict):
    """POST .../advance."""

    servedParty: NotRequired[str | None]
    nextParty: NotRequired[str | None]


class AnswerFigures(TypedDict):
    """What guests answered after their visits, by how right their quotes were."""

    group: Literal["all", "held", "earlier", "later"]
    # Seated parties that were asked.
    asked: int
    answered: int
    # 1 (bad) to 5 (very good); null where none answered.
    mean: float | None
    # How many answered 1, 2, 3, 4, 5.
    counts: list[int]


class Answered(TypedDict):
    """What the receiver answered."""

    taken: bool
    detail: str


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


class BallotBody(TypedDict):
    """POST .../ballots: `choices` are the picked numbers; `ballotId` is made by the client and sent again on a
    retry.
    """

    ballotId: str
    choices: list[int]
    partyId: NotRequired[str | None]
    code: NotRequired[str | None]
    token: NotRequired[str | None]
    # Public key of P-256: 65 bytes, uncompressed, base64url.
    key: NotRequired[str | None]
    # ECDSA, SHA-256, 64 bytes, base64url; of `tallyline-ballot|poll id|ballotId|0,2`, with `epoch` also `|epoch`.
    signature: NotRequired[str | None]
    # A number with which SHA-256 of poll id, ballotId (16 bytes each) and it (8 bytes, big-endian) begins with the
    # poll's `workBits` zero bits.
    work: NotRequired[int | None]
    # The round it is for, as the results say it. A ballot of another round is refused.
    epoch: NotRequired[int | None]


class BallotCount(TypedDict):
    """How many ballots are in."""

    ballots: int


class BallotCounted(TypedDict):
    """The ballot is in the count."""

    status: str
    receipt: Receipt


class CallBody(TypedDict):
    """POST .../call: without a party the head of the line is called."""

    partyId: NotRequired[str | None]


class CallOfParty(TypedDict):
    """The party is called."""

    type: Literal["called"]
    # ms since 1970
    deadline: int | None


class ChangePartyBody(TypedDict):
    """POST .../change-party: what is not sent stays."""

    partyId: str
    size: NotRequired[int]
    note: NotRequired[str]


class ChoiceBody(TypedDict):
    """One choice of a new session."""

    text: str


class ChooseWaysBody(TypedDict):
    """POST .../choose-ways: what is not sent stays; an empty number or address is forgotten, no ways are the
    venue's.
    """

    partyId: str
    number: NotRequired[str]
    email: NotRequired[str]
    ways: NotRequired[list[str]]


class CodesBody(TypedDict):
    """POST .../codes."""

    count: int


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


class CountedChoice(TypedDict):
    """A choice and how often it was picked; null where that is hidden from this viewer."""

    number: int
    text: str
    count: int | None
    # Of the ballots, to one decimal.
    percentage: float | None


class CreateBody(TypedDict):
    """POST /api/queue/create."""

    eventName: str
    maxGuests: int | str
    location: NotRequired[str | None]
    contactInfo: NotRequired[str | None]
    contact: NotRequired[str | None]
    openTime: NotRequired[str | None]
    closeTime: NotRequired[str | None]
    turnstileToken: NotRequired[str | None]
    callWindowSeconds: NotRequired[int]
    autoAdvance: NotRequired[bool]
    autoNoShow: NotRequired[bool]
    onMyWaySeconds: NotRequired[int]
    timezone: NotRequired[str | None]
    venue: NotRequired[str | None]


class CreatedEdgePoll(TypedDict):
    """The id of a poll just made."""

    id: str


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


class CreatedPoll(TypedDict):
    """A poll just made, with the links to it."""

    id: str
    code: str
    status: Literal["draft", "early", "open", "closed"]
    hostToken: str
    voteUrl: str
    resultsUrl: str


class CreatedRoom(TypedDict):
    """A room just opened."""

    room: str
    code: str
    title: str
    status: Literal["open", "closed"]
    # ms since 1970
    openedAt: int
    # ms since 1970
    closesAt: int
    # ms since 1970
    closedAt: int | None
    hostToken: str
    joinUrl: str


class CreatedSession(TypedDict):
    """A session just made."""

    sessionId: str
    voteUrl: str
    createdAt: str
    hostToken: str


class DayFigures(TypedDict):
    """One business day."""

    day: str
    figures: FigureFields


class Deliveries(TypedDict):
    """The newest first; `next` asks for older ones, null at the end."""

    deliveries: list[Delivery]
    next: int | None


class Delivery(TypedDict):
    """One message that was sent, and what came of it. `id` is its `webhook-id`, null for a test."""

    id: str | None
    type: str
    # ms since 1970
    at: int
    tookMs: int
    result: Literal["taken", "failed", "given up"]
    detail: str
    byHand: bool


class Done(TypedDict):
    """Success."""

    ok: bool


class EdgePoll(TypedDict):
    """The configuration; choices by their ids."""

    title: str
    description: str
    created: int
    start: int | None
    end: int | None
    shards: int
    choices: dict[str, EdgePollChoice]


class EdgePollChoice(TypedDict):
    """A choice; its count is null where counts are hidden."""

    id: str
    title: str
    count: int | None


class EdgePollResults(TypedDict):
    """The configuration with current counts, and the counts by shard."""

    title: str
    description: str
    created: int
    start: int | None
    end: int | None
    shards: int
    choices: dict[str, EdgePollChoice]
    shardStates: dict[str, EdgePollShard]


class EdgePollShard(TypedDict):
    """The counts of one shard."""

    choices: dict[str, EdgePollChoice]


class EditBody(TypedDict):
    """POST .../edit: what is not sent stays. A quote counts from the join and has both ends."""

    partyId: str
    name: NotRequired[str]
    size: NotRequired[int]
    note: NotRequired[str]
    section: NotRequired[str]
    quoteLowMs: NotRequired[int]
    quoteHighMs: NotRequired[int]


class EndOfLine(TypedDict):
    """The line is closed."""

    type: Literal["closed"]


class EndOfParty(TypedDict):
    """The party's place has ended."""

    type: Literal["removed"]
    reason: Literal["served", "left", "kicked", "no_show"]


class ErasePartyBody(TypedDict):
    """POST .../erase-party. `sameNumber`: also the venue's other parties with the same number, in any of its lines;
    for a key of the venue and people who work there.
    """

    partyId: str
    reason: Literal["asked", "mistake", "duty"]
    sameNumber: NotRequired[bool]


class ErasedParty(TypedDict):
    """What else was erased."""

    ok: bool
    # Parties with the same number that were erased with it.
    others: list[str]


class ExportedChoice(TypedDict):
    """A choice with its figures; null where they are hidden."""

    text: str
    voteCount: int | None
    percentage: float | None


class ExportedResults(TypedDict):
    """The results, and the time of export."""

    id: str
    code: str
    title: str
    description: str
    minPicks: int
    maxPicks: int
    mayChange: bool
    dedupe: Literal["token", "code", "address", "ticket"]
    workBits: int
    # ms since 1970
    start: int | None
    # ms since 1970
    end: int | None
    status: Literal["draft", "early", "open", "closed"]
    # Counts resets, from 0.
    epoch: int
    choices: list[CountedChoice]
    type: Literal["results"]
    version: int | None
    hidden: bool
    ballots: int | None
    # The published digest of all ballots, once closed.
    root: str | None
    percentageOf: str
    exportedAt: str


class ExportedRoom(TypedDict):
    """The room and all of its ticks."""

    room: str
    code: str
    title: str
    status: Literal["open", "closed"]
    # ms since 1970
    openedAt: int
    # ms since 1970
    closesAt: int
    # ms since 1970
    closedAt: int | None
    data: list[RoomTick]


class ExportedSession(TypedDict):
    """The session's results. `totalVotes` counts choices picked, `totalBallots` voters."""

    sessionId: str
    question: str
    voteType: Literal["single", "multiple"]
    totalVotes: int | None
    totalBallots: int | None
    percentageOf: str
    choices: list[ExportedChoice]
    exportedAt: str


class FigureFields(TypedDict):
    """Figures of a group of parties. Waits in ms, null where no party was seated."""

    parties: int
    guests: int
    served: int
    servedGuests: int
    noShows: int
    left: int
    kicked: int
    closedOut: int
    waiting: int
    inQuote: int
    inOlder: int
    withOlder: int
    medianWaitMs: int | None
    p90WaitMs: int | None
    medianQuoteLowMs: int | None
    medianQuoteHighMs: int | None
    meanErrorMs: int | None
    olderErrorMs: int | None


class ForTable(TypedDict):
    """A party for a table. `due`: it was passed over as often as the venue allows."""

    partyId: str
    tableIds: list[int]
    due: bool


class HostMessage(TypedDict):
    """The host's message to all guests in line."""

    text: str
    # ms since 1970
    at: int


class HostSnapshot(TypedDict):
    """The line as its host sees it."""

    type: Literal["queue_update"]
    queue: list[Party]
    nowServing: Party | None
    maxGuests: int
    # ms since 1970
    callDeadline: int | None
    closed: bool


class HostWalkInBody(TypedDict):
    """POST .../walk-in: with `overCapacity` also into a full line."""

    name: NotRequired[str]
    size: NotRequired[int]
    note: NotRequired[str]
    section: NotRequired[str]
    overCapacity: NotRequired[bool]


class HourFigures(TypedDict):
    """The parties that joined in one hour of all days, by the venue's clock."""

    hour: int
    figures: FigureFields


class Hours(TypedDict):
    """When a service's line ends."""

    # No guest can join from then on.
    lastEntry: int
    # It ends once no party is in line.
    closing: int
    # It ends.
    end: int


class InclusionProof(TypedDict):
    """The way from the ballot's leaf to the published root."""

    leaf: str
    choices: list[int]
    time: str
    path: list[ProofStep]


class JoinBody(TypedDict):
    """POST .../join."""

    name: NotRequired[str]
    size: NotRequired[int]
    note: NotRequired[str]
    section: NotRequired[str]
    hereCode: NotRequired[str]
    turnstileToken: NotRequired[str | None]
    number: NotRequired[str]
    email: NotRequired[str]


class JoinedParty(TypedDict):
    """A party's place at the moment it joined."""

    partyId: str
    sessionId: str
    position: int
    queueLength: int
    estimatedWaitMs: int
    eventName: str
    ticket: int


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


class KeysBody(TypedDict):
    """The keys of a PushSubscription."""

    p256dh: str
    auth: str


class LetPassBody(TypedDict):
    """POST .../let-pass: how many parties behind go first; more than there are means all of them."""

    partyId: str
    parties: NotRequired[int]


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


class LineFigures(TypedDict):
    """One line."""

    code: str
    eventName: str
    # ms since 1970
    openedAt: int
    figures: FigureFields


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


class ListedPoll(TypedDict):
    """A poll of the venue, without its choices and counts."""

    id: str
    code: str
    title: str
    # The code of the line whose parties vote.
    line: str | None
    status: Literal["draft", "early", "open", "closed"]
    visibility: Literal["always", "after_voting", "after_close", "host_only"]
    dedupe: Literal["token", "code", "address", "ticket"]
    # ms since 1970
    createdAt: int
    # ms since 1970
    openedAt: int | None
    # ms since 1970
    start: int | None
    # ms since 1970
    end: int | None
    # ms since 1970
    closedAt: int | None
    # Counts resets, from 0.
    epoch: int


class ListedPolls(TypedDict):
    """Polls, the newest first."""

    polls: list[ListedPoll]
    # The cursor of the next page; null at the end.
    next: str | None


class ListedRooms(TypedDict):
    """Rooms, the newest first."""

    rooms: list[RoomState]
    # The cursor of the next page; null at the end.
    next: str | None


class LoggedEvent(TypedDict):
    """An event as a webhook would be told it. `id`: its `webhook-id`."""

    id: str
    type: str
    timestamp: str
    data: dict[str, Any]


class LoggedEvents(TypedDict):
    """Events, the oldest first."""

    events: list[LoggedEvent]
    # The cursor of the next page; null when there is none yet.
    next: str | None
    # Always a cursor: what comes behind the last event of this page, also if it has not happened yet.
    resume: str


class MessageBody(TypedDict):
    """POST .../message: a message to all guests in line; an empty text clears it."""

    text: str


class MessagePartyBody(TypedDict):
    """POST .../message-party: an empty text takes it back."""

    partyId: str
    text: str


class MoreTimeBody(TypedDict):
    """POST .../more-time: without `minutes` by the line's call window once more."""

    partyId: str
    minutes: NotRequired[int | None]


class MoveBehindBody(TypedDict):
    """POST .../move-behind."""

    partyId: str
    otherId: str


class NewCodes(TypedDict):
    """Fresh one-time codes, shown once."""

    codes: list[str]


class NewParticipant(TypedDict):
    """Who may vote in the room: the triple that its WebSocket asks for."""

    user_id: str
    token: str


class NewPollBody(TypedDict):
    """POST /api/polls/: a draft unless `open`."""

    title: str
    choices: list[str]
    description: NotRequired[str]
    minPicks: NotRequired[int]
    maxPicks: NotRequired[int]
    start: NotRequired[int | None]
    end: NotRequired[int | None]
    visibility: NotRequired[Literal["always", "after_voting", "after_close", "host_only"]]
    mayChange: NotRequired[bool]
    dedupe: NotRequired[Literal["token", "code", "address", "ticket"]]
    shards: NotRequired[int]
    # Zero bits that each ballot's proof of work needs; 0: none.
    workBits: NotRequired[int]
    venue: NotRequired[str | None]
    # Code of the line it is for.
    line: NotRequired[str | None]
    open: NotRequired[bool]


class NowServing(TypedDict):
    """The party called last that is still called."""

    nowServing: Party | None


class OldPollBody(TypedDict):
    """POST /poll."""

    title: str
    description: str
    start: int | str
    end: int | str
    shards: int | str
    choices: list[str]


class OldVoteBody(TypedDict):
    """POST and PUT /poll/{id} (contract edge-poll.md)."""

    id: str


class ParticipantBody(TypedDict):
    """POST /api/rooms/{room}/participants."""

    name: NotRequired[str | None]


class PartiesPassed(TypedDict):
    """How many parties went first."""

    ok: bool
    passed: int


class Party(TypedDict):
    """A party as hosts see it; made of a row (the snapshots of it by queues/shapes.py)."""

    id: str
    name: str
    size: int
    status: Literal["waiting", "called"]
    nearby: bool
    # ms since 1970
    joinedAt: int


class PartyBody(TypedDict):
    """The body of every action on one party."""

    partyId: str


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


class PauseBody(TypedDict):
    """POST .../pause: without a `reason` that of a paused line stays."""

    reason: NotRequired[str | None]


class PollBody(TypedDict):
    """A poll as its host describes it."""

    title: str
    choices: list[str]
    description: NotRequired[str]
    minPicks: NotRequired[int]
    maxPicks: NotRequired[int]
    start: NotRequired[int | None]
    end: NotRequired[int | None]
    visibility: NotRequired[Literal["always", "after_voting", "after_close", "host_only"]]
    mayChange: NotRequired[bool]
    dedupe: NotRequired[Literal["token", "code", "address", "ticket"]]
    shards: NotRequired[int]
    # Zero bits that each ballot's proof of work needs; 0: none.
    workBits: NotRequired[int]


class PollChanged(TypedDict):
    """What a command has made of the poll."""

    ok: bool
    status: Literal["draft", "early", "open", "closed"]
    # Counts resets, from 0.
    epoch: int
    # ms since 1970
    closedAt: int | None


class PollChoice(TypedDict):
    """What can be picked, by its number."""

    number: int
    text: str


class PollQuestion(TypedDict):
    """The question, without counts."""

    id: str
    code: str
    title: str
    description: str
    minPicks: int
    maxPicks: int
    mayChange: bool
    dedupe: Literal["token", "code", "address", "ticket"]
    workBits: int
    # ms since 1970
    start: int | None
    # ms since 1970
    end: int | None
    status: Literal["draft", "early", "open", "closed"]
    # Counts resets, from 0.
    epoch: int
    choices: list[PollChoice]


class PollResults(TypedDict):
    """How the poll stands. `hidden`: this viewer may not see the counts, which are null then."""

    id: str
    code: str
    title: str
    description: str
    minPicks: int
    maxPicks: int
    mayChange: bool
    dedupe: Literal["token", "code", "address", "ticket"]
    workBits: int
    # ms since 1970
    start: int | None
    # ms since 1970
    end: int | None
    status: Literal["draft", "early", "open", "closed"]
    # Counts resets, from 0.
    epoch: int
    choices: list[CountedChoice]
    type: Literal["results"]
    version: int | None
    hidden: bool
    ballots: int | None
    # The published digest of all ballots, once closed.
    root: str | None


class PositionOfParty(TypedDict):
    """A waiting party's place."""

    type: Literal["position"]
    position: int
    aheadCount: int
    queueLength: int
    estimatedWaitMs: int
    eventName: str


class ProofStep(TypedDict):
    """A sibling on the way to the root (RFC 6962)."""

    side: str
    hash: str


class ProveNumberBody(TypedDict):
    """POST .../prove-number."""

    partyId: str
    code: str


class PublicKey(TypedDict):
    """The key that browsers subscribe with, base64url."""

    publicKey: str


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


class Receipt(TypedDict):
    """What the voter keeps as proof."""

    ballotId: str
    pollId: str
    # ms since 1970
    time: int
    # The round it is of.
    epoch: int
    seal: str


class ReceiptFound(TypedDict):
    """The receipt again and, once the poll is closed, the proof that the ballot is in the digest."""

    receipt: Receipt
    counted: bool
    replaced: bool
    root: str | None
    proof: InclusionProof | None


class ReceivedBody(TypedDict):
    """POST /api/push/received: the receipt that the message carried."""

    receipt: str


class RenewBody(TypedDict):
    """POST /api/push/renew: the old endpoint and the new subscription."""

    endpoint: str
    subscription: SubscriptionBody


class RenewedLineToken(TypedDict):
    """The line's new host token; all that were given before have ended."""

    hostAuthToken: str


class RenewedToken(TypedDict):
    """The new host token; all that were given before have ended."""

    hostToken: str


class ReorderBody(TypedDict):
    """POST .../reorder: position 1 is the head of those waiting."""

    partyId: str
    position: int


# POST .../replay: everything that happened from this time on is sent again, in order.
ReplayBody = TypedDict(
    "ReplayBody",
    {
        "from": "int",
    },
)


class Replayed(TypedDict):
    """How many lines, polls and rooms are told again."""

    streams: int


class ResetBody(TypedDict):
    """POST .../reset: a poll whose end is past needs a new `end`, or null for none."""

    end: NotRequired[int | None]


class RoomBody(TypedDict):
    """POST /api/rooms."""

    title: str
    closesAt: NotRequired[int | None]
    venue: NotRequired[str | None]


class RoomHistory(TypedDict):
    """The ticks, oldest first."""

    data: list[RoomTick]


class RoomState(TypedDict):
    """The public fields of a room."""

    room: str
    code: str
    title: str
    status: Literal["open", "closed"]
    # ms since 1970
    openedAt: int
    # ms since 1970
    closesAt: int
    # ms since 1970
    closedAt: int | None


class RoomTick(TypedDict):
    """One second of a room."""

    # Unix time in seconds.
    ts: int
    votes: RoomVotes


class RoomVotes(TypedDict):
    """The votes at one second."""

    yes: int
    no: int


class SeatBody(TypedDict):
    """POST .../serve: at these tables (GET .../tables), joined where they are several."""

    partyId: str
    tableIds: NotRequired[list[int]]


class SendBody(TypedDict):
    """POST .../send: one message again, by its `webhook-id`; without one, a test."""

    id: NotRequired[str | None]


class ServiceFigures(TypedDict):
    """One service; null for lines without one."""

    serviceId: str | None
    name: str
    figures: FigureFields


class SessionBody(TypedDict):
    """POST /api/vote."""

    question: str
    voteType: Literal["single", "multiple"]
    choices: list[ChoiceBody]


class SessionChoice(TypedDict):
    """A choice; with `voteCount` where this person may see results."""

    choiceId: str
    text: str
    voteCount: NotRequired[int]


class SessionClosed(TypedDict):
    """The session is closed."""

    sessionId: str
    status: Literal["closed"]
    closedAt: str | None


class SessionQuestion(TypedDict):
    """The question, and whether this browser may vote."""

    sessionId: str
    question: str
    voteType: Literal["single", "multiple"]
    choices: list[SessionChoice]
    status: Literal["active", "closed"]
    canVote: bool
    # Why not, in the language asked for.
    message: NotRequired[str]


class SessionVoteBody(TypedDict):
    """POST /api/vote/{sessionId} (contract voting-session.md): ids count from "1"."""

    choiceIds: list[str]
    ballotId: NotRequired[str | None]
    epoch: NotRequired[int | None]


class SessionVoteCounted(TypedDict):
    """The vote is in the count."""

    # In the language asked for.
    message: str
    votedAt: str
    receipt: Receipt


class SettingsBody(TypedDict):
    """POST .../settings: what is not sent stays; null takes an hour away."""

    eventName: NotRequired[str]
    location: NotRequired[str]
    openTime: NotRequired[str | None]
    closeTime: NotRequired[str | None]
    callWindowSeconds: NotRequired[int]
    maxGuests: NotRequired[int]
    autoAdvance: NotRequired[bool]
    autoNoShow: NotRequired[bool]
    onMyWaySeconds: NotRequired[int]
    hereOnly: NotRequired[bool]


Snapshot: TypeAlias = (
    "PositionOfParty | CallOfParty | EndOfParty | EndOfLine | LineChanges | PublicSnapshot | HostSnapshot"
)


class StatusAnswer(TypedDict):
    """What the server knows of this browser and the party."""

    publicKey: str
    # The party's messages go to this browser.
    subscribed: bool
    # They go, or went, to any browser: one that has lost them may subscribe again.
    wanted: bool
    # The newest message to it has arrived; null: none was sent, or just now.
    arrived: bool | None


class StatusBody(TypedDict):
    """POST /api/push/status. The endpoint is in the body: it is a secret, and URLs are logged. It may have none."""

    partyId: str
    endpoint: NotRequired[str | None]


class SubscribeBody(TypedDict):
    """POST /api/push/subscribe."""

    sessionId: str
    partyId: str
    subscription: SubscriptionBody
    language: NotRequired[Literal["en", "es", "ja", "en-gb"] | None]
    keepOthers: NotRequired[bool]


class SubscriptionBody(TypedDict):
    """A PushSubscription as browsers serialise it (W3C Push API, PushSubscriptionJSON); other fields are ignored."""

    endpoint: str
    keys: KeysBody


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


class TablesBody(TypedDict):
    """POST .../change-table."""

    partyId: str
    tableIds: list[int]


class TellAheadBody(TypedDict):
    """POST .../tell-ahead."""

    partyId: str
    parties: int


class TestBody(TypedDict):
    """POST /api/push/test."""

    sessionId: str
    partyId: str
    title: NotRequired[str | None]
    body: NotRequired[str | None]
    url: NotRequired[str | None]


class TrackBody(TypedDict):
    """A page's report. `meta` is flat and at most 2 KB; values that could identify a person are dropped."""

    type: str
    sessionId: NotRequired[str | None]
    partyId: NotRequired[str | None]
    meta: NotRequired[dict[str, Any] | None]


class UndoBody(TypedDict):
    """POST .../undo: `version` is the action that the host saw and means (from `lastAction`)."""

    version: NotRequired[int | None]


class VenueFigures(TypedDict):
    """A venue's report. Days in order, hours by the business day, lines the newest first."""

    first: str
    last: str
    # Of the venue; empty where none is set.
    zone: str
    total: FigureFields
    days: list[DayFigures]
    hours: list[HourFigures]
    services: list[ServiceFigures]
    lines: list[LineFigures]
    # The first row counts all guests who were asked, each other one a group. Empty where no guest was asked.
    answers: list[AnswerFigures]


class WaitBody(TypedDict):
    """POST .../wait."""

    lowMs: int
    highMs: int
    minutes: NotRequired[int]


class WaitByHand(TypedDict):
    """The wait that a host has set for new guests, until a time."""

    lowMs: int
    highMs: int
    # ms since 1970
    until: int


class WaitsOfPlaces(TypedDict):
    """The waits of parties of one class of size, at each place."""

    # Parties of up to so many; null: of any more.
    guests: int | None
    # [places, low, high]: so many places from the first, or from the run before, wait so long, in ms.
    runs: list[list[int]]


class Webhook(TypedDict):
    """A webhook. `secret` is answered when it is made or rotated, and never again."""

    id: str
    url: str
    name: str
    events: list[str]
    # ms since 1970
    createdAt: int
    # ms since 1970
    failingSince: int | None
    # When what it has not taken is sent again; null when nothing is.
    nextTryAt: int | None
    # ms since 1970
    disabledAt: int | None
    secret: NotRequired[str]


class WebhookBody(TypedDict):
    """POST /api/webhooks and PUT /api/webhooks/{id}: the address, and the types of events that it is told of; none:
    all.
    """

    url: str
    name: NotRequired[str]
    events: NotRequired[
        list[
            Literal[
                "line.opened",
                "line.changed",
                "line.paused",
                "line.resumed",
                "line.entry_over",
                "line.message",
                "line.message_cleared",
                "line.action_undone",
                "line.wait_set",
                "line.wait_cleared",
                "line.wait_over",
                "line.closed",
                "party.joined",
                "party.changed",
                "party.quoted",
                "party.nearby",
                "party.moved",
                "party.let_pass",
                "party.asked_more_time",
                "party.given_more_time",
                "party.called",
                "party.late",
                "party.message",
                "party.message_cleared",
                "party.took_ticket",
                "party.seated",
                "party.table_changed",
                "party.table_freed",
                "party.left",
                "party.removed",
                "party.no_show",
                "party.put_back",
                "poll.opened",
                "poll.closed",
                "poll.sealed",
                "poll.reset",
                "room.opened",
                "room.closed",
            ]
        ]
    ]


class Webhooks(TypedDict):
    """The venue's webhooks, oldest first."""

    webhooks: list[Webhook]
