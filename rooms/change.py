"""One change of one room (outbox/change.py)."""

from contextlib import AbstractContextManager
from uuid import UUID

from core.actors import Actor
from outbox import change
from rooms.models import Room

STREAM = "room"
NO_SUCH_ROOM = "There is no such room."


class RoomChange(change.Change[Room]):
    """A room under its lock, at one instant, and what a command does to it."""

    stream, id_name = STREAM, "roomId"


def locked_room(room_id: UUID, *, actor: Actor, action: str) -> AbstractContextManager[RoomChange]:
    """Locks the room and commits what the block did. Raises NotFound, Busy."""
    return change.locked(RoomChange, Room.objects.all(), room_id, missing=NO_SUCH_ROOM, actor=actor, action=action)
