"""Recognising a browser by a random token in an HttpOnly cookie.

`browser_token` identifies the sender of forms that make something (decisions 0031, 0041). Each page with a form sets it, and a
sign-in does not change it. Voters have another cookie, which is part of a contract (polls/permissions.py).
"""

import re
import secrets
from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponseBase
from rest_framework.request import Request

BROWSER_COOKIE = "browser_token"
# The longest that browsers keep one (RFC 6265bis).
COOKIE_AGE_S = 400 * 24 * 3600
_OURS = re.compile(r"[0-9a-f]{64}")
# Keys of request.META: the token, and the other cookies, that the answer sets.
_NEW, _GIVEN = "BROWSER_TOKEN", "COOKIES_GIVEN"


def new_token() -> str:
    """The token of a browser that has none: 64 hex digits, random, and made from nothing that is shown (decision 0021)."""
    return secrets.token_hex(32)


def is_random(token: str) -> bool:
    """Whether it is such a token, made here or by a page of ours."""
    return _OURS.fullmatch(token) is not None


def token_in(cookie: str) -> str:
    """The token in the value of a `browser_token` cookie; an empty string for a value that we did not make."""
    return cookie if is_random(cookie) else ""


def kept_token(request: HttpRequest) -> str:
    """The token that came with this request, or an empty string."""
    return token_in(request.COOKIES.get(BROWSER_COOKIE, ""))


def token_of(request: HttpRequest) -> str:
    """The token that this browser has, or gets with the answer to this request."""
    token: str = request.META.setdefault(_NEW, kept_token(request) or new_token())
    return token


def token_cookie(name: str, token: str, *, secure: bool, path: str = "/") -> str:
    """The Set-Cookie header by which a browser keeps this token, for our pages below `path` and up to 400 days. `token` must be
    made of letters, digits, -, _ and full stops."""
    parts = [f"{name}={token}", "HttpOnly", f"Max-Age={COOKIE_AGE_S}", f"Path={path}", "SameSite=Lax"]
    return "; ".join(parts + ["Secure"] * secure)


def give(request: HttpRequest | Request, name: str, value: str, *, path: str, age_s: int) -> None:
    """Has the answer to this request set this HttpOnly cookie, also when it refuses."""
    request.META.setdefault(_GIVEN, {})[name] = {"value": value, "path": path, "max_age": age_s}


class KnownBrowsers:
    """Middleware: sets or renews the token with each page that has a form (one that sets Django's CSRF cookie), and the cookies
    that pages `give`."""

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
