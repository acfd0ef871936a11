"""Made by `make client` from the OpenAPI document; do not edit. Models: voting sessions."""

from __future__ import annotations

from typing import Literal, NotRequired, TypedDict

from .shared import Receipt


class ChoiceBody(TypedDict):
    """One choice of a new session."""

    text: str


class CreatedSession(TypedDict):
    """A session just made."""

    sessionId: str
    voteUrl: str
    createdAt: str
    hostToken: str


class ExportedChoice(TypedDict):
    """A choice with its figures; null where they are hidden."""

    text: str
    voteCount: int | None
    percentage: float | None


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
