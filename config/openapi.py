"""The operations that are answered before Django only (config/edge.py and the sockets), as the OpenAPI page describes them.

The views here are never asked. Where Django has a view of the same path (poll results, edge-poll), that is described there.
"""

from typing import Any

from django.urls import path
from drf_spectacular.utils import OpenApiParameter
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from queues.api import answers
from rooms.api.answers import RoomHistory
from web.openapi import EVENTS, HOST_ONLY, MAY_BE_HOST, MAY_HAVE_KEY, MAY_SEE_LESS, SOCKET, operation

_GUEST = OpenApiParameter(
    "partyId", {"type": "string", "format": "uuid"}, OpenApiParameter.QUERY, description="The party asking."
)
_TOKEN = OpenApiParameter("hostToken", str, OpenApiParameter.QUERY, description="The host token.")
_SINCE = OpenApiParameter(
    "since",
    {"type": "integer", "minimum": 0},
    OpenApiParameter.QUERY,
    description="A version that is known: everybody's view may then be only what changed.",
)
_AFTER = OpenApiParameter(
    "since",
    {"type": "integer", "minimum": 0, "maximum": 999_999_999_999},
    OpenApiParameter.QUERY,
    description="Only the ticks after this second.",
)
_POINTS = OpenApiParameter(
    "points",
    {"type": "integer", "minimum": 100, "maximum": 10_000},
    OpenApiParameter.QUERY,
    description="The older ticks thinned to about as many for a graph: the first, highest, lowest and last of several.",
)
_AGAIN = OpenApiParameter(
    "Last-Event-ID", str, OpenApiParameter.HEADER, description="The id of the last message received."
)


def _described(name: str, what: str, **declared: Any) -> type[APIView]:
    """A view that only says what the edge answers to GET."""

    class View(APIView):
        @operation(name, **declared)
        def get(self, request: Request, **found: str) -> Response:
            raise NotImplementedError("config/edge.py answers this path")

    View.__doc__ = View.get.__doc__ = what
    return View


_LINE, _POLL, _ROOM = "api/queue/<str:code>", "api/polls/<str:poll>", "api/rooms/<str:room>"
_PATHS: dict[str, type[APIView]] = {
    f"{_LINE}/snapshot": _described(
        "get_snapshot",
        "The line as its host, one guest (partyId) or, with neither, everybody may see it.",
        answers={200: answers.SNAPSHOT},
        refuses=(404,),
        parameters=[MAY_BE_HOST, _GUEST, _SINCE],
        etag=True,
    ),
    f"{_LINE}/console": _described(
        "get_console",
        "All that our own host console shows.",
        answers={200: answers.Console},
        proof=HOST_ONLY,
        refuses=(404,),
        etag=True,
    ),
    f"{_LINE}/connect": _described(
        "connect_to_line",
        "WebSocket of the line, for its host or one guest.",
        answers=SOCKET,
        refuses=(401, 404),
        parameters=[MAY_BE_HOST, _GUEST, _TOKEN],
    ),
    f"{_LINE}/versions": _described(
        "stream_line_versions",
        "The line's version whenever it changes, and every few seconds; also as a WebSocket. Then fetch what you may see.",
        answers=EVENTS,
        refuses=(404,),
    ),
    f"{_POLL}/stream": _described(
        "stream_results",
        "The results whenever they change, until the poll is closed. A message's id is its version.",
        answers=EVENTS | {204: None},
        refuses=(401, 404),
        parameters=[MAY_BE_HOST, MAY_HAVE_KEY, MAY_SEE_LESS, _AGAIN],
    ),
    f"{_POLL}/connect": _described(
        "connect_to_results",
        "WebSocket: the results whenever they change; closed with 1000 at the end.",
        answers=SOCKET,
        refuses=(401, 404),
        parameters=[MAY_BE_HOST, MAY_HAVE_KEY, MAY_SEE_LESS],
    ),
    "api/vote/<str:session_id>/stream": _described(
        "stream_session",
        "Events init, update, ..., closed. Messages are in the language asked for.",
        answers=EVENTS | {204: None},
        refuses=(401, 404),
        parameters=[MAY_BE_HOST, MAY_SEE_LESS, _AGAIN],
    ),
    f"{_ROOM}/history": _described(
        "get_room_history",
        "All ticks of the room, oldest first, also after it is closed.",
        answers={200: RoomHistory},
        refuses=(404,),
        parameters=[_AFTER, _POINTS],
        etag=True,
    ),
    "api/vote_ws/": _described(
        "connect_to_room",
        'WebSocket of a room. Say {"auth": {"user_id", "token", "room"}} first, with "since" for only the ticks after that '
        'second; then {"vote": {"value", "ts"}}.',
        answers=SOCKET,
    ),
}

urlpatterns = [path(route, view.as_view()) for route, view in _PATHS.items()]
