"""Made by `make client` from the OpenAPI document; do not edit. Models: shared."""

from __future__ import annotations

from typing import TypedDict


class Done(TypedDict):
    """Success."""

    ok: bool


class Receipt(TypedDict):
    """What the voter keeps as proof."""

    ballotId: str
    pollId: str
    # ms since 1970
    time: int
    # The round it is of.
    epoch: int
    seal: str


class RenewedToken(TypedDict):
    """The new host token; all that were given before have ended."""

    hostToken: str
