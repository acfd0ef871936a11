"""Made by `make client` from the OpenAPI document; do not edit. Models: polls."""

from __future__ import annotations

from typing import Literal, TypedDict


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
