"""One spelling of each identifier in a path: ids in small letters with hyphens, short codes in ASCII letters.

Put right once, at the two doors (realtime/edge.py, and `CanonicalPaths` for Django), so that all that counts, limits or caches
behind them knows one path for one thing. What reads an id behind them takes the one spelling only (`read_id`).
"""

import re
import unicodedata
from collections.abc import Callable
from urllib.parse import quote
from uuid import UUID

from django.http import HttpRequest, HttpResponseBase
from django.http.response import HttpResponseRedirect
from django.urls import is_valid_path

from config.api_paths import is_api
from config.asgi_types import Scope
from queues.rules import is_code

# Nothing else can hold an identifier in another spelling: a letter that is not ASCII, or one that a code or an id has not;
# hexadecimal digits without hyphens; an id's capitals; a full stop at the end.
_ODD = re.compile(r"[^\w/.-]|[^\x00-\x7f]|[0-9A-Fa-f]{13}|[A-F][0-9A-Fa-f]*-|-[0-9a-f]*[A-F]|\.(?:/|$)")
_ID = re.compile(
    r"(?:urn:uuid:)?(\{)?([0-9a-f]{8})(-?)([0-9a-f]{4})\3([0-9a-f]{4})\3([0-9a-f]{4})\3([0-9a-f]{12})(?(1)\})"
)
_PLAIN_ID = re.compile("[0-9A-Fa-f]{8}(?:-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}")
# The segment after one of these is an id or a code.
_BEFORE_CODES = frozenset({"queue", "polls", "poll", "vote", "rooms"})
_REDIRECTED = frozenset({"GET", "HEAD"})


def read_id(text: object) -> UUID | None:
    """The id that `text` is, with hyphens and in any case; None for everything else that Python's UUID would take."""
    return UUID(text) if isinstance(text, str) and _PLAIN_ID.fullmatch(text) else None


def canonical(path: str) -> str:
    """The path with each identifier in its one spelling; unchanged where there is none."""
    if not _ODD.search(path):
        return path
    segments = path.split("/")
    return "/".join(
        _segment(segment, may_be_code=before in _BEFORE_CODES)
        for before, segment in zip(["", *segments], segments, strict=False)
    )


def _segment(segment: str, *, may_be_code: bool) -> str:
    plain = unicodedata.normalize("NFKC", segment).strip().rstrip(".")
    if found := _ID.fullmatch(plain.lower()):
        return "-".join(found.group(2, 4, 5, 6, 7))
    return plain if may_be_code and is_code(plain) else segment


def one_spelling(text: str) -> str:
    """An id that stands in a query or a cookie, in its one spelling; what is no id stays."""
    return _segment(text, may_be_code=False) if _ODD.search(text) else text


def respelled(scope: Scope) -> Scope:
    """The same request of an API, or socket, under the canonical path. Pages are led there by `CanonicalPaths`."""
    path = canonical(scope["path"]) if is_api(scope["path"]) else scope["path"]
    return scope if path == scope["path"] else {**scope, "path": path, "raw_path": quote(path).encode()}


class CanonicalPaths:
    """Middleware. A page in another spelling is led to its one address, for cookies belong to that; forms and the APIs are
    answered at once. A page's slash too many at the end counts as another spelling."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        sent = request.path_info
        path = canonical(sent)
        if not is_api(path) and path.endswith("/") and not is_valid_path(path) and is_valid_path(path.rstrip("/")):
            path = path.rstrip("/")
        if path != sent and is_valid_path(path):  # not //other.example, which a browser would take for another site
            prefix = request.path[: len(request.path) - len(sent)]
            if request.method in _REDIRECTED and not is_api(path):
                query = f"?{query}" if (query := request.META.get("QUERY_STRING", "")) else ""
                return HttpResponseRedirect(quote(f"{prefix}{path}") + query)
            request.path_info, request.path = path, f"{prefix}{path}"
        return self.get_response(request)
