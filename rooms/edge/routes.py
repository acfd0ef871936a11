"""The hot paths of rooms."""

from drf_spectacular.utils import OpenApiParameter

from core import rate_limits
from realtime.routes import Limit, Route
from rooms.api import answers
from rooms.edge.exports import RoomExports
from rooms.edge.views import LEAST_POINTS, MOST_POINTS, RoomViews
from web.exports import FORMAT, files
from web.openapi import operation

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

ROUTES = (
    Route(
        method="GET",
        path="/api/rooms/{room}/history",
        view=RoomViews.history,
        limit=Limit(rate_limits.FOLLOW, "graph", by_view=True),
        operation=operation(
            "get_room_history",
            answers={200: answers.RoomHistory},
            refuses=(404,),
            parameters=[_AFTER, _POINTS],
            etag=True,
        ),
    ),
    Route(
        method="GET",
        path="/api/rooms/{room}/export",
        view=RoomExports.room,
        limit=Limit(rate_limits.FILE, "file", by_view=True),
        operation=operation("export_room", answers=files(answers.ExportedRoom), refuses=(404,), parameters=[FORMAT]),
    ),
)
