"""The commonest answer: 304 to an anonymous request that has the newest state. It is given from memory, without a coroutine or
thread; every other request goes through the views, which answer the same.
"""

from collections.abc import Callable, Sequence
from typing import NamedTuple

from django.conf import settings

from core.allowed_hosts import is_allowed
from core.asgi_requests import is_secure
from core.asgi_types import Headers, Scope
from core.etags import knows
from realtime.conditional import Answer

# Requests with one of these may be shown something else.
WHO = frozenset({b"cookie", b"origin", b"x-host-auth", b"api-key"})


class Shared(NamedTuple):
    """A route whose anonymous answers are kept: its paths begin and end so, with a name between. `find(name, query)` gives the
    answer that is in memory and newest for certain, or None."""

    route: str
    begin: str
    end: str
    find: Callable[[str, bytes], Answer | None]


class NotModified:
    """One per process."""

    def __init__(self, routes: Sequence[Shared]) -> None:
        self._routes = tuple(routes)

    def answer(self, scope: Scope) -> tuple[str, Headers] | None:
        """The route and the headers of the 304, where this request gets one."""
        if scope["method"] != "GET":
            return None
        path: str = scope["path"]
        for shared in self._routes:
            if path.startswith(shared.begin) and path.endswith(shared.end):
                shown = shared.find(path[len(shared.begin) : -len(shared.end)], scope["query_string"])
                break
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
        # An unusual Host is the door's to answer.
        if not host or settings.HTTPS and not is_secure(scope):
            return None
        # Most clients send the tag as they got it; only the others pay for what a proxy did to it.
        if known != shown.etag and not (known and knows(known.decode("latin-1"), shown.etag.decode())):
            return None
        return shared.route, shown.not_modified
