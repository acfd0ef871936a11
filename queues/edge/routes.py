"""The hot paths of lines."""

from core import rate_limits
from queues.edge.joins import JoinViews
from queues.edge.snapshots import LineViews
from queues.edge.versions import LineVersions
from realtime.routes import Limit, Route

_LINE = "/api/queue/{code}"

ROUTES = (
    Route("POST", f"{_LINE}/join", JoinViews.join, Limit(rate_limits.JOIN, "join", by_view=True)),
    Route("GET", f"{_LINE}/snapshot", LineViews.snapshot, "answered from memory, nearly always 304"),
    Route("GET", f"{_LINE}/console", LineViews.console, "only for hosts; answered from memory"),
    Route("GET", f"{_LINE}/versions", LineVersions.stream, Limit(rate_limits.FOLLOW, "stream")),
)
