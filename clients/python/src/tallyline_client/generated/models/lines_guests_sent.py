"""Made by `make client` from the OpenAPI document; do not edit. Models: lines guests sent."""

from __future__ import annotations

from typing import NotRequired, TypedDict


class ChangePartyBody(TypedDict):
    """POST .../change-party: what is not sent stays."""

    partyId: str
    size: NotRequired[int]
    note: NotRequired[str]


class ChooseWaysBody(TypedDict):
    """POST .../choose-ways: what is not sent stays; an empty number or address is forgotten, no ways are the
    venue's.
    """

    partyId: str
    number: NotRequired[str]
    email: NotRequired[str]
    ways: NotRequired[list[str]]


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


class LetPassBody(TypedDict):
    """POST .../let-pass: how many parties behind go first; more than there are means all of them."""

    partyId: str
    parties: NotRequired[int]


class ProveNumberBody(TypedDict):
    """POST .../prove-number."""

    partyId: str
    code: str


class TellAheadBody(TypedDict):
    """POST .../tell-ahead."""

    partyId: str
    parties: int
