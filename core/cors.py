"""CORS: our own pages may call our APIs, and those of ALLOWED_ORIGINS (contract queueup.md, CORS; attack X2)."""

from functools import lru_cache
from urllib.parse import urlsplit

from django.conf import settings

from core.asgi_requests import header
from core.asgi_types import Headers, Scope

SAME_ORIGIN = "same-origin"
SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
# The contract of lines names these, and lines have no others. Polls and rooms have more.
_OF_LINES = b"GET, POST, OPTIONS"
_OF_OTHERS = b"GET, POST, PUT, DELETE, OPTIONS"
_LINES = ("/api/queue/", "/api/push/", "/api/track")
_PREFLIGHT: Headers = [
    (
        b"access-control-allow-headers",
        b"content-type, authorization, x-host-auth, if-none-match, idempotency-key, api-key",
    ),
    (b"access-control-max-age", b"600"),
]


def is_allowed(origin: str, host: str, site: str = "") -> bool:
    """Whether a page of `origin` may talk to us when we are addressed as `host`. Without an origin it is no page, so yes.

    `null` is some page that does not say which: a sandboxed frame, a file, or ours under `Referrer-Policy: no-referrer`. Only of
    ours the browser says that it is (`site`: Sec-Fetch-Site, which no page can set).
    """
    if not origin:
        return True
    if origin == "null":
        return site == SAME_ORIGIN
    return origin in settings.ALLOWED_ORIGINS or is_at(origin, host)


def is_page_allowed(scope: Scope) -> bool:
    """The same of the page that sends this request, or opens this socket, by its headers."""
    return is_allowed(*(header(scope, name) for name in (b"origin", b"host", b"sec-fetch-site")))


@lru_cache(maxsize=1024)  # bounded: clients choose both
def is_at(origin: str, host: str) -> bool:
    """Whether this is the origin of pages at `host`. A proxy may write out the port that browsers leave out."""
    try:
        scheme, place = urlsplit(origin)[:2]
    except ValueError:  # no browser sends such a thing
        return False
    usual = {"http": ":80", "https": ":443"}.get(scheme, "")
    return bool(place) and place.removesuffix(usual) == host.removesuffix(usual)


def may_ask(scope: Scope) -> bool:
    """Whether the page that sends this request, if one does, may.

    Browsers name the page in `Origin` whenever the request may change something. One that leaves it out still tells by
    `Sec-Fetch-Site` that the page is another site's; a program sends neither.
    """
    if scope["method"] in SAFE or header(scope, b"origin"):
        return is_page_allowed(scope)
    return header(scope, b"sec-fetch-site") not in {"cross-site", "same-site"}


def cors_headers(scope: Scope) -> Headers:
    """The headers of an answer to a page that may ask."""
    return headers_for(header(scope, b"origin"))


@lru_cache(maxsize=1024)  # bounded: clients choose it
def headers_for(origin: str) -> Headers:
    """The same by the page's origin; a program has none (an empty one)."""
    # Our own pages need only this one; `null` could be any page.
    if not origin or origin == "null":
        return [(b"vary", b"origin")]
    return [
        (b"vary", b"origin"),
        (b"access-control-allow-origin", origin.encode("latin-1")),
        (b"access-control-allow-credentials", b"true"),
        (b"access-control-expose-headers", b"etag, set-cookie, retry-after"),
    ]


def preflight_headers(path: str) -> Headers:
    """What pages may send to this path, for the answer to their preflight (Fetch, 4.8)."""
    methods = _OF_LINES if path.startswith(_LINES) else _OF_OTHERS
    return [(b"access-control-allow-methods", methods), *_PREFLIGHT]
