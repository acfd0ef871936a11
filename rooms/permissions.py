"""Finding a room, and proof of its hosts."""

from rest_framework.request import Request

from core.actors import Actor
from core.errors import existing
from rooms import selectors
from rooms.change import NO_SUCH_ROOM
from rooms.models import Room
from venues import access
from venues.proofs import Subject


def room_or_404(wanted: str) -> Room:
    """The room with this id, or this code in any case. Raises NotFound."""
    return existing(selectors.room_by(wanted), NO_SUCH_ROOM)


def host_cookie(code: str) -> str:
    """The name of the cookie that proves a host of the room with this code."""
    return access.host_cookie("room", code)


def host_of(request: Request, room: Room) -> Actor:
    """Who asks, as a host of the room. Raises Unproven, Forbidden."""
    return access.host_of(request, Subject.of(room), cookie_names=(host_cookie(room.code),))
