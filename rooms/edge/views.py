"""The hot paths of rooms: the history by polling (contract vote-websocket.md), with ETag and 304, and as a file."""

from typing import Any
from wsgiref.types import WSGIEnvironment

from drf_spectacular.utils import OpenApiParameter

from core import rate_limits
from core.asgi_requests import query, whole
from core.asgi_types import Receive, Scope, Send
from core.errors import Invalid, NotFound
from realtime.conditional import Answer, conditional
from realtime.exports import Exports
from realtime.rate_limit import RateLimiter
from realtime.refusing import Refusing
from rooms import exports
from rooms.api import answers
from rooms.edge.publish import whole_history
from rooms.edge.room import Rooms
from rooms.refusals import NO_SUCH_ROOM
from rooms.selectors import room_or_404
from rooms.ticks import data
from web.exports import FORMAT, files, json_file
from web.openapi import operation

# What a graph may be drawn with (rooms/ticks.py: for_live_graph).
LEAST_POINTS, MOST_POINTS = 100, 10_000

_AFTER = OpenApiParameter(
    "since",
    {"type": "integer", "minimum": 0, "maximum": 999_999_999_999},
    OpenApiParameter.QUERY,
    description="Only the ticks after this second.",
)
_POINTS = OpenApiParameter(
    "points",
    {"type": "integer", "minimum": LEAST_POINTS, "maximum": MOST_POINTS},
    OpenApiParameter.QUERY,
    description="The older ticks thinned to about as many for a graph: the first, highest, lowest and last of several.",
)


class RoomViews:
    """One per process."""

    def __init__(self, rooms: Rooms, limiter: RateLimiter, exports: Exports) -> None:
        self._rooms = rooms
        self._limiter = limiter
        self._exports = exports

    @operation(
        "get_room_history", answers={200: answers.RoomHistory}, refuses=(404,), parameters=[_AFTER, _POINTS], etag=True
    )
    async def history(self, scope: Scope, receive: Receive, send: Send, wanted: str) -> None:
        """All ticks of the room, oldest first, also after it is closed.

        `{"data": [...]}`; with `?since=` only the ticks after that second, with `?points=` thinned for a graph.
        """
        async with Refusing(scope, receive, send):
            parameters = query(scope)
            since = whole(parameters.get("since", "0"), digits=12)
            if since is None:
                raise Invalid("since: must be a whole number of seconds.", field="since")
            points = whole(parameters.get("points", str(MOST_POINTS)), digits=12)
            if points is None or not LEAST_POINTS <= points <= MOST_POINTS:
                raise Invalid(f"points: must be a number from {LEAST_POINTS} to {MOST_POINTS}.", field="points")
            if "points" in parameters:  # with another number all ticks are thinned anew
                await self._limiter.check(scope, rate_limits.FOLLOW, "graph")
            room_id = await self._rooms.find(wanted)
            history = await self._rooms.history(room_id) if room_id is not None else None
            if history is None:
                raise NotFound(NO_SUCH_ROOM)
            thinned = "points" in parameters
            view = history.thinned_view(after=since, points=points) if thinned else history.view(after=since)
            await conditional(scope, send, Answer(view))

    @operation("export_room", answers=files(answers.ExportedRoom), refuses=(404,), parameters=[FORMAT])
    async def export(self, scope: Scope, receive: Receive, send: Send, wanted: str) -> None:
        """The graph and its figures as a file: `format` json, csv or image."""
        await self._exports.answer(scope, receive, send, room_file, wanted)


def room_file(_: WSGIEnvironment, wanted: str, kind: str) -> Any:
    """A room's file, by its id or code. Raises NotFound."""
    found = room_or_404(wanted)
    ticks = whole_history(found.pk)
    match kind:
        case "csv":
            return exports.room_csv(found.code, ticks, zone=found.zone)
        case "json":
            view = {**answers.RoomState(found).data, **data(ticks)}
            return json_file(view, name=f"room-{found.code}.json")
        case _:
            return exports.worm(found.title, found.code, ticks, zone=found.zone)
