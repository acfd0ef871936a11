"""The headers by which every answer tells browsers what to refuse (X9): one list, which Django's settings make."""

from functools import cache

from django.http import HttpRequest, HttpResponse
from django.middleware.clickjacking import XFrameOptionsMiddleware
from django.middleware.security import SecurityMiddleware
from django_permissions_policy import PermissionsPolicyMiddleware

Headers = list[tuple[bytes, bytes]]

# The rest is about documents.
_ABOUT_ANY_ANSWER = {b"x-content-type-options", b"strict-transport-security"}


class _Request(HttpRequest):
    def __init__(self, scheme: str) -> None:
        super().__init__()
        self._scheme = scheme

    def _get_scheme(self) -> str:
        return self._scheme

    def is_secure(self) -> bool:
        """No header of a proxy."""
        return self._scheme == "https"


@cache
def security_headers(*, secure: bool) -> Headers:
    """What Django's middleware adds to an answer by the settings. `secure`: the client speaks HTTPS."""
    from web.admin import ContentSecurityPolicy  # a model's admin: not before the apps are there

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
