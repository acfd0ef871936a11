"""Made by `make client` from the OpenAPI document; do not edit. Models: lines."""

from __future__ import annotations

from typing import Literal, TypedDict


class HostMessage(TypedDict):
    """The host's message to all guests in line."""

    text: str
    # ms since 1970
    at: int


class JoinedParty(TypedDict):
    """A party's place at the moment it joined."""

    partyId: str
    sessionId: str
    position: int
    queueLength: int
    estimatedWaitMs: int
    eventName: str
    ticket: int


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
