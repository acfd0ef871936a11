"""One change of one room (outbox/change.py)."""

from outbox.change import Change
from rooms.models import Room
from rooms.refusals import NO_SUCH_ROOM

STREAM = "room"


class RoomChange(Change[Room]):
    """A room under its lock, at one instant, and what a command does to it."""

    stream, id_name, model, missing = STREAM, "roomId", Room, NO_SUCH_ROOM
