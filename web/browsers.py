"""Browsers known again, and no more than that: a random token in a cookie that no script reads.

`browser_token` is what this browser is known by where it makes something (decisions 0031, 0041). It comes with each page that has
a form, and no sign-in changes it. Voters have a cookie of their own, which is part of a contract (polls/permissions.py).
"""

import re
import secrets
from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponseBase

BROWSER_COOKIE = "browser_token"
# The longest that browsers keep one (RFC 6265bis).
COOKIE_AGE_S = 400 * 24 * 3600
_OURS = re.compile(r"[0-9a-f]{64}")
# Where a request keeps the token, and the other cookies, that its answer sets.
_NEW, _GIVEN = "BROWSER_TOKEN", "COOKIES_GIVEN"


def new_token() -> str:
    """The token of a browser that has none: 64 hex digits, random, and made from nothing that is shown (decision 0021)."""
    return secrets.token_hex(32)


def token_in(cookie: str) -> str:
    """The token in the value of a `browser_token` cookie; an empty string for a value that we did not make."""
    return cookie if _OURS.fullmatch(cookie) else ""


def kept_token(request: HttpRequest) -> str:
    """The token that came with this request, or an empty string."""
    return token_in(request.COOKIES.get(BROWSER_COOKIE, ""))


def token_of(request: HttpRequest) -> str:
    """The token that this browser has, or gets with the answer to this request."""
    token: str = request.META.setdefault(_NEW, kept_token(request) or new_token())
    return token


def token_cookie(name: str, token: str, *, secure: bool) -> str:
    """The Set-Cookie header by which a browser keeps this token, for all our pages and up to 400 days. `token` must be
    made of letters, digits, - and _."""
    parts = [f"{name}={token}", "HttpOnly", f"Max-Age={COOKIE_AGE_S}", "Path=/", "SameSite=Lax"]
    return "; ".join(parts + ["Secure"] * secure)


def give(request: HttpRequest, name: str, value: str, *, path: str, age_s: int) -> None:
    """The answer to this request, whichever it is, sets this cookie; no script reads it."""
    request.META.setdefault(_GIVEN, {})[name] = {"value": value, "path": path, "max_age": age_s}


class KnownBrowsers:
    """Middleware: gives a browser its token with each page that has a form (it sets Django's CSRF cookie, too), or renews it; and
    the cookies that pages `give`."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """The answer, with the cookie where it belongs."""
        response = self._get_response(request)
        if _NEW in request.META or settings.CSRF_COOKIE_NAME in response.cookies:
            response.cookies.load(token_cookie(BROWSER_COOKIE, token_of(request), secure=request.is_secure()))
        for name, cookie in request.META.get(_GIVEN, {}).items():
            response.set_cookie(name, **cookie, secure=request.is_secure(), httponly=True, samesite="Lax")
        return response
