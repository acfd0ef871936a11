"""Made by `make client` from the OpenAPI document; do not edit. Models: polls hosts."""

from __future__ import annotations

from typing import Literal, NotRequired, TypedDict


class BallotCount(TypedDict):
    """How many ballots are in."""

    ballots: int


class CodesBody(TypedDict):
    """POST .../codes."""

    count: int


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


class NewCodes(TypedDict):
    """Fresh one-time codes, shown once."""

    codes: list[str]


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


class ResetBody(TypedDict):
    """POST .../reset: a poll whose end is past needs a new `end`, or null for none."""

    end: NotRequired[int | None]
