"""The commonest answer: 304 to a request whose sender has the newest state. It is given from memory, without a coroutine or
thread; every other request goes through the views, which answer the same.
"""

from collections.abc import Callable, Sequence
from typing import NamedTuple

from django.conf import settings

from core import allowed_hosts, cors
from core.asgi_requests import is_secure
from core.asgi_types import Headers, Scope
from core.etags import knows
from realtime.conditional import Answer
from realtime.dates import date_header

# Senders that only the views can tell apart.
LONG_WAY = frozenset({b"cookie", b"api-key"})
_TO_NO_OTHER_ORIGIN = cors.headers_for("")


class InMemory(NamedTuple):
    """A route whose answers are kept: its paths begin and end so, with a name between. `find(name, query, token)` gives the
    answer to the sender of this host token (empty for most), if it is in memory and newest for certain; else None."""

    route: str
    begin: str
    end: str
    find: Callable[[str, str, str], Answer | None]


class NotModified:
    """One per process."""

    def __init__(self, routes: Sequence[InMemory]) -> None:
        self._routes = tuple(routes)

    def answer(self, scope: Scope) -> tuple[str, Headers] | None:
        """The route and the headers of the 304, where this request gets one."""
        if scope["method"] != "GET":
            return None
        path: str = scope["path"]
        for route in self._routes:
            if path.startswith(route.begin) and path.endswith(route.end):
                break
        else:
            return None
        known = host = origin = token = b""
        forwarded = False
        for name, value in scope["headers"]:
            if name == b"if-none-match":
                if known:
                    return None
                known = value
            elif name == b"host":
                if host or not allowed_hosts.is_allowed(value):
                    return None
                host = value
            elif name == b"origin":
                origin = origin or value
            elif name == b"x-host-auth":
                token = token or value
            elif name == b"x-forwarded-host":
                forwarded = True
            elif name in LONG_WAY:
                return None
        # An unusual Host is the door's to answer.
        if not host or settings.HTTPS and not is_secure(scope):
            return None
        if origin and (forwarded or not cors.is_allowed(origin.decode("latin-1"), host.decode("latin-1"))):
            return None
        name = path[len(route.begin) : -len(route.end)]
        shown = route.find(name, scope["query_string"].decode("latin-1"), token.decode("latin-1"))
        # Most clients send the tag as they got it; only the others pay for what a proxy did to it.
        if shown is None or known != shown.etag and not knows(known.decode("latin-1"), shown.etag.decode()):
            return None
        to_page = cors.headers_for(origin.decode("latin-1")) if origin else _TO_NO_OTHER_ORIGIN
        return route.route, [*shown.not_modified, *to_page, date_header()]
