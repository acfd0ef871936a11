"""The answer that is given most: 304 to somebody who shows nothing of themselves and has the newest state already. From
memory, without a coroutine or a thread in between; everything else takes the way through the views, which answer the same.
"""

from django.conf import settings

from core.allowed_hosts import is_allowed
from core.asgi_requests import is_secure
from core.asgi_types import Headers, Scope
from core.etags import knows
from polls.edge.results import results_for
from polls.rules import Viewer
from realtime.conditional import Answer
from realtime.loaders import Reader

SNAPSHOT, RESULTS = "/api/queue/{code}/snapshot", "/api/polls/{poll}/results"
# Whoever sends one of these may be shown something else.
WHO = frozenset({b"cookie", b"origin", b"x-host-auth", b"api-key"})


class Unchanged:
    """One per process."""

    def __init__(self, reader: Reader) -> None:
        self._lines, self._polls = reader.lines, reader.polls

    def answer(self, scope: Scope) -> tuple[str, Headers] | None:
        """The route and the headers of the 304, where this request is such a one."""
        if scope["method"] != "GET":
            return None
        query: bytes = scope["query_string"]
        path: str = scope["path"]
        shown: Answer | None
        if path.startswith("/api/queue/") and path.endswith("/snapshot"):
            line = self._lines.at_hand(path[11:-9])
            # `since` is all that a client that shows nothing of itself asks with.
            name = f"since:{query[6:].decode('latin-1')}" if query[:6] == b"since=" else "public" if not query else ""
            route, shown = SNAPSHOT, line.made(name) if line is not None else None
        elif query:
            return None
        elif path.startswith("/api/polls/") and path.endswith("/results"):
            poll = self._polls.at_hand(path[11:-8])
            route, shown = RESULTS, results_for(poll, Viewer()) if poll is not None else None
        else:
            return None
        if shown is None or not shown.shared:
            return None
        known = host = b""
        for name, value in scope["headers"]:
            if name == b"if-none-match":
                if known:
                    return None
                known = value
            elif name == b"host":
                if host or not is_allowed(value):
                    return None
                host = value
            elif name in WHO:
                return None
        # What is odd about a Host is for the door.
        if not host or settings.HTTPS and not is_secure(scope):
            return None
        # Most send the tag as it was sent to them; the others pay for what a proxy did to it.
        if known != shown.etag and not (known and knows(known.decode("latin-1"), shown.etag.decode())):
            return None
        return route, shown.unchanged
