"""Made by `make client` from the OpenAPI document; do not edit. Models: rooms."""

from __future__ import annotations

from typing import Literal, NotRequired, TypedDict


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


class ListedRooms(TypedDict):
    """Rooms, the newest first."""

    rooms: list[RoomState]
    # The cursor of the next page; null at the end.
    next: str | None


class NewParticipant(TypedDict):
    """Who may vote in the room: the triple that its WebSocket asks for."""

    user_id: str
    token: str


class ParticipantBody(TypedDict):
    """POST /api/rooms/{room}/participants."""

    name: NotRequired[str | None]


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
