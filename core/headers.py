"""The security headers of every answer (X9), made once from Django's settings."""

from functools import cache

from csp.constants import SELF, UNSAFE_EVAL, UNSAFE_INLINE
from csp.middleware import CSPMiddleware, PolicyParts
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.middleware.clickjacking import XFrameOptionsMiddleware
from django.middleware.security import SecurityMiddleware
from django_permissions_policy import PermissionsPolicyMiddleware

from core.asgi_types import Headers

# The others concern documents only.
_ABOUT_ANY_ANSWER = {b"x-content-type-options", b"strict-transport-security"}


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
