"""The list of a venue's rooms, for its programs."""

from rest_framework.request import Request

from core import rate_limits
from core.scopes import Scope
from rooms import selectors
from rooms.api.answers import ListedRooms, RoomState
from venues.authentication import venue_of_key
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
    venue = venue_of_key(request)
    rate_limits.check(request, rate_limits.LOOK, "list", str(venue.pk))
    open_only = paging.open_only(request)
    page = paging.asked(request, f"rooms:{venue.pk}:{open_only}")
    found = page.newest_first(selectors.rooms_of(venue.pk, open_only=open_only), "opened_at")
    return {"rooms": RoomState(found.rows, many=True).data, "next": found.next}
