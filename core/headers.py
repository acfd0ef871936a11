"""The security headers of every answer (X9), made once from Django's settings."""

from functools import cache

from csp.constants import SELF, UNSAFE_EVAL, UNSAFE_INLINE
from csp.middleware import CSPMiddleware, PolicyParts
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.middleware.clickjacking import XFrameOptionsMiddleware
from django.middleware.security import SecurityMiddleware
from django_permissions_policy import PermissionsPolicyMiddleware

from core.asgi_types import Headers

# The others are policies of documents: of what a browser shows as a page.
_ABOUT_ANY_ANSWER = {b"x-content-type-options", b"strict-transport-security"}
# Not image/svg+xml, which a browser shows as a document, scripts and all; not scripts: a worker obeys the policy it came with.
_NO_DOCUMENTS = (b"text/css", b"image/webp", b"image/png", b"font/")


class ContentSecurityPolicy(CSPMiddleware):
    """The site's strict policy; on the admin's pages only, what its theme needs besides.

    Alpine.js makes functions of the expressions in the page (unsafe-eval), htmx and the theme's colours are <style>
    elements and attributes (unsafe-inline, for styles only). Inline scripts stay forbidden.
    """

    ADMIN = {"script-src": [SELF, UNSAFE_EVAL], "style-src": [SELF, UNSAFE_INLINE]}

    def get_policy_parts(
        self, request: HttpRequest, response: HttpResponseBase, report_only: bool = False
    ) -> PolicyParts:
        """django-csp's hook: the directives for this answer."""
        parts = super().get_policy_parts(request, response, report_only)
        match = request.resolver_match
        if match is not None and "admin" in match.app_names:
            parts.replace = {**(parts.replace or {}), **self.ADMIN}
        return parts


class _Request(HttpRequest):
    def __init__(self, scheme: str) -> None:
        super().__init__()
        self._scheme = scheme

    def _get_scheme(self) -> str:
        return self._scheme

    def is_secure(self) -> bool:
        """By the scheme alone."""
        return self._scheme == "https"


@cache
def security_headers(*, secure: bool) -> Headers:
    """What Django's middleware adds to an answer by the settings. `secure`: the client speaks HTTPS."""
    request = _Request("https" if secure else "http")
    request.resolver_match = None
    answer = HttpResponse()
    before = set(answer.headers)
    for middleware in (
        XFrameOptionsMiddleware,
        PermissionsPolicyMiddleware,
        ContentSecurityPolicy,
        SecurityMiddleware,
    ):
        middleware(lambda _: answer)(request)
    return [(name.lower().encode(), value.encode()) for name, value in answer.items() if name not in before]


@cache
def brief_headers(*, secure: bool) -> Headers:
    """Those of a 304, a script, a style or a picture."""
    return [header for header in security_headers(secure=secure) if header[0] in _ABOUT_ANY_ANSWER]


def is_no_document(headers: Headers) -> bool:
    """Whether an answer with these headers is a style, a picture or a font: no browser applies the policies of a page to it."""
    return next((value for name, value in headers if name == b"content-type"), b"").startswith(_NO_DOCUMENTS)


def without_policies(headers: Headers) -> Headers:
    """Without the headers that concern documents only: some 0.3 KB that a phone need not load."""
    return [header for header in headers if header[0] not in _policies()]


@cache
def _policies() -> frozenset[bytes]:
    return frozenset(name for name, _ in security_headers(secure=False)) - _ABOUT_ANY_ANSWER
