"""What the API of rooms answers (for the OpenAPI page)."""

from typing import Any

from rest_framework import serializers

from web.paging import NEXT
from web.serializers import Moment, kind


class RoomState(serializers.Serializer[Any]):
    """The public fields of a room."""

    room = serializers.UUIDField(source="pk")
    code = serializers.CharField()
    title = serializers.CharField()
    status = kind("open", "closed")
    openedAt = Moment(source="opened_at")
    closesAt = Moment(source="closes_at")
    closedAt = Moment(source="closed_at", allow_null=True)


class ListedRooms(serializers.Serializer[Any]):
    """Rooms, the newest first."""

    rooms = RoomState(many=True)
    next = serializers.CharField(allow_null=True, help_text=NEXT)


class CreatedRoom(RoomState):
    """A room just opened."""

    hostToken = serializers.CharField()
    joinUrl = serializers.CharField()


class NewParticipant(serializers.Serializer[Any]):
    """Who may vote in the room: the triple that its WebSocket asks for."""

    user_id = serializers.CharField()
    token = serializers.CharField()


class RoomVotes(serializers.Serializer[Any]):
    """The votes at one second."""

    yes = serializers.IntegerField()
    no = serializers.IntegerField()


class RoomTick(serializers.Serializer[Any]):
    """One second of a room."""

    ts = serializers.IntegerField(help_text="Unix time in seconds.")
    votes = RoomVotes()


class RoomHistory(serializers.Serializer[Any]):
    """The ticks, oldest first."""

    data = RoomTick(many=True)  # type: ignore[assignment]


class ExportedRoom(RoomState):
    """The room and all of its ticks."""

    data = RoomTick(many=True)  # type: ignore[assignment]
