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
from queues.edge.routes import GUEST
from web.openapi import MAY_BE_HOST, MAY_HAVE_KEY, MAY_SEE_LESS, SOCKET, operation

_TOKEN = OpenApiParameter("hostToken", str, OpenApiParameter.QUERY, description="The host token.")


def _described(method: str, what: str, declared: Callable[[Any], Any]) -> type[APIView]:
    """A view that only says what is answered to one method; `what` is its summary."""

    def answer(self: APIView, request: Request, **found: str) -> Response:
        raise NotImplementedError("config/edge.py answers this path")

    answer.__doc__ = what
    return type("View", (APIView,), {"__doc__": what, method.lower(): declared(answer)})


_SOCKETS = {
    "/api/queue/{code}/connect": _described(
        "GET",
        "WebSocket of the line, for its host or one guest.",
        operation("connect_to_line", answers=SOCKET, refuses=(401, 404), parameters=[MAY_BE_HOST, GUEST, _TOKEN]),
    ),
    "/api/polls/{poll}/connect": _described(
        "GET",
        "WebSocket: the results whenever they change; closed with 1000 at the end.",
        operation(
            "connect_to_results",
            answers=SOCKET,
            refuses=(401, 404),
            parameters=[MAY_BE_HOST, MAY_HAVE_KEY, MAY_SEE_LESS],
        ),
    ),
    "/api/vote_ws/": _described(
        "GET",
        'WebSocket of a room. Say {"auth": {"user_id", "token", "room"}} first, with "since" for only the ticks after that '
        'second; then {"vote": {"value", "ts"}}.',
        operation("connect_to_room", answers=SOCKET),
    ),
}
_HOT = [
    (route.path, _described(route.method, (route.view.__doc__ or "").partition("\n")[0], route.operation))
    for route in ROUTES
    if route.operation is not None
]


def _django_path(template: str) -> str:
    return template.removeprefix("/").replace("{", "<str:").replace("}", ">")


urlpatterns = [path(_django_path(template), view.as_view()) for template, view in [*_HOT, *_SOCKETS.items()]]
