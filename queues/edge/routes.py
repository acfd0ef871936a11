"""The hot paths and sockets of lines."""

from core import rate_limits
from queues.consumers import LineSocket, VersionsSocket
from queues.edge.joins import JoinViews
from queues.edge.lines import Lines
from queues.edge.posters import PosterViews
from queues.edge.snapshots import LineViews
from queues.edge.versions import LineVersions
from realtime.routes import Limit, Route, Socket

_LINE = "/api/queue/{code}"

ROUTES = (
    Route("POST", f"{_LINE}/join", JoinViews.join, Limit(rate_limits.JOIN, "join", by_view=True)),
    Route("GET", f"{_LINE}/snapshot", LineViews.snapshot, "answered from memory, nearly always 304"),
    Route("GET", f"{_LINE}/console", LineViews.console, "only for hosts; answered from memory"),
    Route("GET", f"{_LINE}/versions", LineVersions.stream, Limit(rate_limits.FOLLOW, "stream")),
    Route("GET", "/v/{slug}/poster.pdf", PosterViews.venue, Limit(rate_limits.DRAW, "draw", by_view=True)),
)
SOCKETS = (
    Socket(f"{_LINE}/connect", LineSocket, Lines),
    Socket(f"{_LINE}/versions", VersionsSocket, Lines),
)
