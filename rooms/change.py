"""One change of one room (outbox/change.py)."""

from outbox.change import Change
from rooms.models import Room

STREAM = "room"
NO_SUCH_ROOM = "There is no such room."
ROOM_CLOSED = "This room is closed."


class RoomChange(Change[Room]):
    """A room under its lock, at one instant, and what a command does to it."""

    stream, id_name, model, missing = STREAM, "roomId", Room, NO_SUCH_ROOM
