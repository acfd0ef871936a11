"""The list of a venue's rooms, for its programs."""

from rest_framework.request import Request

from core.scopes import Scope
from rooms import selectors
from rooms.api.answers import ListedRooms, RoomState
from venues.lists import newest_first
from web import paging
from web.endpoints import Answer, endpoint
from web.openapi import KEY


@endpoint(
    "get",
    "list_rooms",
    answers=ListedRooms,
    proof=KEY,
    scopes=[Scope.READ, Scope.POLLS],
    parameters=[*paging.PAGED, paging.OPEN],
)
def list_rooms(request: Request) -> Answer:
    """The venue's rooms, the newest first, open or closed."""
    found = newest_first(request, "rooms", selectors.rooms_of, "opened_at")
    return {"rooms": RoomState(found.rows, many=True).data, "next": found.next}
