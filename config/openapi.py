"""The operations that are answered before Django, for the OpenAPI page: the hot paths by their table, and the sockets.

The views here are never asked.
"""

from collections.abc import Callable
from typing import Any

from django.urls import path
from drf_spectacular.utils import OpenApiParameter
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from config.edge import ROUTES
from queues.edge.snapshots import GUEST
from web.endpoints import parted
from web.openapi import MAY_BE_HOST, MAY_HAVE_KEY, MAY_SEE_LESS, SOCKET, operation

_TOKEN = OpenApiParameter("hostToken", str, OpenApiParameter.QUERY, description="The host token.")


def _described(method: str, view: Callable[..., Any]) -> type[APIView]:
    """A view that only says what `view` answers to a method."""

    def answer(self: APIView, request: Request, **found: str) -> Response:
        raise NotImplementedError("config/edge.py answers this path")

    answer.summary, answer.__doc__ = parted(view.__doc__ or "")  # type: ignore[attr-defined]
    answer.kwargs = view.kwargs  # type: ignore[attr-defined]
    return type("View", (APIView,), {method.lower(): answer})


@operation("connect_to_line", answers=SOCKET, refuses=(401, 404), parameters=[MAY_BE_HOST, GUEST, _TOKEN])
def _line_socket() -> None:
    """WebSocket of the line, for its host or one guest."""


@operation(
    "connect_to_results", answers=SOCKET, refuses=(401, 404), parameters=[MAY_BE_HOST, MAY_HAVE_KEY, MAY_SEE_LESS]
)
def _poll_socket() -> None:
    """WebSocket: the results whenever they change; closed with 1000 at the end."""


@operation("connect_to_room", answers=SOCKET)
def _room_socket() -> None:
    """WebSocket of a room: say {"auth": {"user_id", "token", "room", "since"}} first, then {"vote": {"value", "ts"}}."""


_DESCRIBED: list[tuple[str, str, Callable[..., Any]]] = [
    *((route.path, route.method, route.view) for route in ROUTES if hasattr(route.view, "kwargs")),
    ("/api/queue/{code}/connect", "GET", _line_socket),
    ("/api/polls/{poll}/connect", "GET", _poll_socket),
    ("/api/vote_ws/", "GET", _room_socket),
]
urlpatterns = [
    path(template.removeprefix("/").replace("{", "<str:").replace("}", ">"), _described(method, view).as_view())
    for template, method, view in _DESCRIBED
]
