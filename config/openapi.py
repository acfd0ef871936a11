"""The operations that are answered before Django, for the OpenAPI page: the hot paths and the sockets by their tables.

The views here are never asked.
"""

from collections.abc import Callable
from typing import Any

from django.urls import path
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from config.edge import ROUTES
from config.sockets import SOCKETS
from web.endpoints import parted


def _described(method: str, view: Callable[..., Any]) -> type[APIView]:
    """A view that only says what `view` answers to a method."""

    def answer(self: APIView, request: Request, **found: str) -> Response:
        raise NotImplementedError("config/edge.py and config/sockets.py answer")

    answer.summary, answer.__doc__ = parted(view.__doc__ or "")  # type: ignore[attr-defined]
    answer.kwargs, answer.scopes = view.kwargs, view.scopes  # type: ignore[attr-defined]
    return type("View", (APIView,), {method.lower(): answer})


_OPERATIONS: list[tuple[str, str, Callable[..., Any]]] = [
    *((route.path, route.method, route.view) for route in ROUTES),
    *((socket.path, "GET", socket.consumer.connect) for socket in SOCKETS),
]
urlpatterns = [
    path(template.removeprefix("/").replace("{", "<str:").replace("}", ">"), _described(method, view).as_view())
    for template, method, view in _OPERATIONS
    if hasattr(view, "kwargs")
]
