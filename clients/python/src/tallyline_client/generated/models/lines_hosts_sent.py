"""Made by `make client` from the OpenAPI document; do not edit. Models: lines hosts sent."""

from __future__ import annotations

from typing import Literal, NotRequired, TypedDict


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


class ActionsBody(TypedDict):
    """POST .../actions: what a host's device sends, in the order in which it was pressed."""

    actions: list[ActionBody]


class AdvanceBody(TypedDict):
    """POST .../advance."""

    servedParty: NotRequired[str | None]
    nextParty: NotRequired[str | None]


class CallBody(TypedDict):
    """POST .../call: without a party the head of the line is called."""

    partyId: NotRequired[str | None]


class EditBody(TypedDict):
    """POST .../edit: what is not sent stays. A quote counts from the join and has both ends."""

    partyId: str
    name: NotRequired[str]
    size: NotRequired[int]
    note: NotRequired[str]
    section: NotRequired[str]
    quoteLowMs: NotRequired[int]
    quoteHighMs: NotRequired[int]


class ErasePartyBody(TypedDict):
    """POST .../erase-party. `sameNumber`: also the venue's other parties with the same number, in any of its lines;
    for a key of the venue and people who work there.
    """

    partyId: str
    reason: Literal["asked", "mistake", "duty"]
    sameNumber: NotRequired[bool]


class HostWalkInBody(TypedDict):
    """POST .../walk-in: with `overCapacity` also into a full line."""

    name: NotRequired[str]
    size: NotRequired[int]
    note: NotRequired[str]
    section: NotRequired[str]
    overCapacity: NotRequired[bool]


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


class PauseBody(TypedDict):
    """POST .../pause: without a `reason` that of a paused line stays."""

    reason: NotRequired[str | None]


class ReorderBody(TypedDict):
    """POST .../reorder: position 1 is the head of those waiting."""

    partyId: str
    position: int


class SeatBody(TypedDict):
    """POST .../serve: at these tables (GET .../tables), joined where they are several."""

    partyId: str
    tableIds: NotRequired[list[int]]


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


class TablesBody(TypedDict):
    """POST .../change-table."""

    partyId: str
    tableIds: list[int]


class UndoBody(TypedDict):
    """POST .../undo: `version` is the action that the host saw and means (from `lastAction`)."""

    version: NotRequired[int | None]


class WaitBody(TypedDict):
    """POST .../wait."""

    lowMs: int
    highMs: int
    minutes: NotRequired[int]
