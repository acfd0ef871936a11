"""Made by `make client` from the OpenAPI document; do not edit. Models: polls guests."""

from __future__ import annotations

from typing import Literal, NotRequired, TypedDict

from .shared import Receipt


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


class BallotCounted(TypedDict):
    """The ballot is in the count."""

    status: str
    receipt: Receipt


class CountedChoice(TypedDict):
    """A choice and how often it was picked; null where that is hidden from this viewer."""

    number: int
    text: str
    count: int | None
    # Of the ballots, to one decimal.
    percentage: float | None


class CreatedPoll(TypedDict):
    """A poll just made, with the links to it."""

    id: str
    code: str
    status: Literal["draft", "early", "open", "closed"]
    hostToken: str
    voteUrl: str
    resultsUrl: str


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


class InclusionProof(TypedDict):
    """The way from the ballot's leaf to the published root."""

    leaf: str
    choices: list[int]
    time: str
    path: list[ProofStep]


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


class ProofStep(TypedDict):
    """A sibling on the way to the root (RFC 6962)."""

    side: str
    hash: str


class ReceiptFound(TypedDict):
    """The receipt again and, once the poll is closed, the proof that the ballot is in the digest."""

    receipt: Receipt
    counted: bool
    replaced: bool
    root: str | None
    proof: InclusionProof | None
