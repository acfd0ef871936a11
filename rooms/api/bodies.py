"""Bodies of the API of rooms: what a client may send. What it gets: rooms/api/answers.py."""

from typing import Any, ClassVar

from web.bodies import Body, default
from web.body_types import Identifier, Milliseconds, Text


class Title(Text, longest=255):
    """The question."""


class Name(Text, longest=80, blank=True):
    """A participant's name."""


class RoomBody(Body):
    """POST /api/rooms."""

    example: ClassVar[dict[str, Any]] = {"title": "Is it good?"}

    title: Title
    closesAt: Milliseconds | None = None
    venue: Identifier | None = None


class ParticipantBody(Body):
    """POST /api/rooms/{room}/participants."""

    example: ClassVar[dict[str, Any]] = {"name": "Ana"}

    name: Name | None = default(Name())
