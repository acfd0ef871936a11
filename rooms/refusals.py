"""Why a command on a room is refused, by name (core/refusals.py). Programs read these, so they are in English only."""

from core.refusals import Reason

NO_SUCH_ROOM = Reason("no_such_room", "There is no such room.")
ROOM_CLOSED = Reason("room_closed", "This room is closed.")
