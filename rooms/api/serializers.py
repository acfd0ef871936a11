"""The bodies that clients send to the API of rooms."""

from typing import Any, ClassVar

from rest_framework import serializers

from web.serializers import Identifier, Milliseconds, Text


class RoomBody(serializers.Serializer[Any]):
    """POST /api/rooms."""

    example: ClassVar[dict[str, Any]] = {"title": "Is it good?"}

    title = Text(min_length=1, max_length=255)
    closesAt = Milliseconds(required=False, allow_null=True, default=None)
    venue = Identifier(required=False, allow_null=True, default=None)


class ParticipantBody(serializers.Serializer[Any]):
    """POST /api/rooms/{room}/participants."""

    example: ClassVar[dict[str, Any]] = {"name": "Ana"}

    name = Text(required=False, allow_blank=True, allow_null=True, default="", max_length=80)
