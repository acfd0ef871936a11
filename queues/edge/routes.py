"""The hot paths of lines."""

from drf_spectacular.utils import OpenApiParameter

from core import rate_limits
from queues.api import answers
from queues.api.serializers import JoinBody
from queues.edge.joins import JoinViews
from queues.edge.snapshots import LineViews
from queues.edge.versions import LineVersions
from realtime.routes import Limit, Route
from web.openapi import EVENTS, HOST_ONLY, KEY_HEADER, MAY_BE_HOST, operation

GUEST = OpenApiParameter(
    "partyId", {"type": "string", "format": "uuid"}, OpenApiParameter.QUERY, description="The party asking."
)
_SINCE = OpenApiParameter(
    "since",
    {"type": "integer", "minimum": 0},
    OpenApiParameter.QUERY,
    description="A version that is known: everybody's view may then be only what changed.",
)
_LINE = "/api/queue/{code}"

ROUTES = (
    Route(
        method="POST",
        path=f"{_LINE}/join",
        view=JoinViews.join,
        limit=Limit(rate_limits.JOIN, "join", by_view=True),
        operation=operation(
            "join_line",
            body=JoinBody,
            answers={200: answers.JoinedParty},
            refuses=(404, 409),
            parameters=[KEY_HEADER],
        ),
    ),
    Route(
        method="GET",
        path=f"{_LINE}/snapshot",
        view=LineViews.snapshot,
        limit="answered from memory, nearly always 304",
        operation=operation(
            "get_snapshot",
            answers={200: answers.SNAPSHOT},
            refuses=(404,),
            parameters=[MAY_BE_HOST, GUEST, _SINCE],
            etag=True,
        ),
    ),
    Route(
        method="GET",
        path=f"{_LINE}/console",
        view=LineViews.console,
        limit="only for hosts; answered from memory",
        operation=operation("get_console", answers={200: answers.Console}, proof=HOST_ONLY, refuses=(404,), etag=True),
    ),
    Route(
        method="GET",
        path=f"{_LINE}/versions",
        view=LineVersions.stream,
        limit=Limit(rate_limits.FOLLOW, "stream"),
        operation=operation("stream_line_versions", answers=EVENTS, refuses=(404,)),
    ),
)
