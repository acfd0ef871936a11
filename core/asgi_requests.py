"""Reading an ASGI scope: headers, cookies, query and whether the client speaks HTTPS."""

from urllib.parse import parse_qs

from django.conf import settings
from django.http.cookie import parse_cookie

from core.asgi_types import Scope


def header(scope: Scope, name: bytes) -> str:
    """The request's first header of this name (lower case), or an empty string."""
    for key, value in scope["headers"]:
        if key == name:
            text: str = value.decode("latin-1")
            return text
    return ""


def cookie(scope: Scope, name: str) -> str:
    """A cookie of the request, or an empty string."""
    raw = header(scope, b"cookie")
    # SimpleCookie drops all cookies when one is malformed, and other scripts' cookies often are.
    return parse_cookie(raw).get(name, "") if name in raw else ""


def query(scope: Scope) -> dict[str, str]:
    """The query's parameters, the first value of each."""
    raw = scope.get("query_string", b"")
    return {name: values[0] for name, values in parse_qs(raw.decode("latin-1")).items()} if raw else {}


def whole(text: str, *, digits: int) -> int | None:
    """The whole number that a parameter of a query is; None for anything else, or for more digits."""
    return int(text) if text.isascii() and text.isdecimal() and len(text) <= digits else None


def is_secure(scope: Scope) -> bool:
    """Whether the client speaks HTTPS, as far as we or the trusted proxy can tell (SECURE_PROXY_SSL_HEADER)."""
    if trusted := settings.SECURE_PROXY_SSL_HEADER:
        name, value = trusted
        sent = header(scope, name.removeprefix("HTTP_").lower().replace("_", "-").encode())
        if sent:
            return sent.split(",")[0].strip() == value
    return scope.get("scheme") in {"https", "wss"}
