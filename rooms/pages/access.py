"""Access to a room's pages: public, or for its hosts."""

from rooms import selectors
from rooms.models import Room
from venues.host_pages import HostPages


class RoomPages(HostPages[Room]):
    """The pages of live rooms."""

    kind = "room"
    model = Room
    find = staticmethod(selectors.room_by)
    host_url = "room-host"
    create_limit = "room"
    not_done = {"close": "The room was not closed.", "delete": "The room was not deleted."}


ROOMS = RoomPages()
of_room, visitor_page, host_only = ROOMS.page, ROOMS.guest_page, ROOMS.host_only
