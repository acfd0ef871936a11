"""Made by `make client` from the OpenAPI document; do not edit. Operations of rooms."""

from collections.abc import Iterator
from typing import Literal

from ..connection import Connection, new_key, part
from .models import (
    CreatedRoom,
    Done,
    ExportedRoom,
    ListedRooms,
    NewParticipant,
    ParticipantBody,
    RenewedToken,
    RoomBody,
    RoomHistory,
    RoomState,
)


class RoomsOperations:
    """Operations of rooms."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def list_rooms(
        self, *, cursor: str | None = None, limit: int | None = None, open: bool | None = None
    ) -> ListedRooms:
        """The venue's rooms, the newest first, open or closed. An API key needs the scope `read` or `polls`."""
        answer: ListedRooms = self._connection.ask(
            "GET", "/api/rooms", query={"cursor": cursor, "limit": limit, "open": open}
        )
        return answer

    def all_rooms(self, *, limit: int | None = None, open: bool | None = None) -> Iterator[RoomState]:
        """Every item of `list_rooms`, page after page, each page when it is needed."""
        page = self.list_rooms(limit=limit, open=open)
        yield from page["rooms"]
        while (cursor := page["next"]) is not None:
            page = self.list_rooms(limit=limit, open=open, cursor=cursor)
            yield from page["rooms"]

    def delete_room(self, room: str) -> Done:
        """Deletes a room with its participants and history. An API key needs the scope `polls`."""
        answer: Done = self._connection.ask("DELETE", f"/api/rooms/{part(room)}")
        return answer

    def close_room(self, room: str) -> RoomState:
        """Closes a room. Closing it again is fine. An API key needs the scope `polls`."""
        answer: RoomState = self._connection.ask("POST", f"/api/rooms/{part(room)}/close")
        return answer

    def renew_room_token(self, room: str) -> RenewedToken:
        """Gives a new host token; all that were given before have ended. An API key needs the scope `polls`."""
        answer: RenewedToken = self._connection.ask("POST", f"/api/rooms/{part(room)}/renew-token")
        return answer

    def create_room(self, body: RoomBody, *, idempotency_key: str | None = None) -> CreatedRoom:
        """Opens a room. An API key needs the scope `polls`."""
        answer: CreatedRoom = self._connection.ask("POST", "/api/rooms", body=body, key=idempotency_key or new_key())
        return answer

    def get_room(self, room: str) -> RoomState:
        """The room's title and state."""
        answer: RoomState = self._connection.ask("GET", f"/api/rooms/{part(room)}")
        return answer

    def export_room(self, room: str, *, format_: Literal["csv", "image", "json"]) -> ExportedRoom | str | bytes:
        """The graph and its figures as a file: `format` json, csv or image."""
        answer: ExportedRoom | str | bytes = self._connection.ask(
            "GET", f"/api/rooms/{part(room)}/export", query={"format": format_}
        )
        return answer

    def get_room_history(self, room: str, *, points: int | None = None, since: int | None = None) -> RoomHistory:
        """All ticks of the room, oldest first, also after it is closed. `{"data": [...]}`; with `?since=` only the
        ticks after that second, with `?points=` thinned for a graph.
        """
        answer: RoomHistory = self._connection.ask(
            "GET", f"/api/rooms/{part(room)}/history", query={"points": points, "since": since}, known=True
        )
        return answer

    def add_participant(
        self, room: str, body: ParticipantBody | None = None, *, idempotency_key: str | None = None
    ) -> NewParticipant:
        """Lets a person vote in the room. Answers with a new participant, or with the account of the person who is
        signed in, whose token is good in any room.
        """
        answer: NewParticipant = self._connection.ask(
            "POST", f"/api/rooms/{part(room)}/participants", body=body or {}, key=idempotency_key or new_key()
        )
        return answer
