"""The charset of a request. Python has codecs that are no charsets: `rot13`, `zip` and `idna` decode no form."""

from collections.abc import Callable
from functools import lru_cache

from django.conf import settings
from django.http import HttpRequest, HttpResponseBase

# Invalid in every encoding: a codec that fails on it even with errors="replace" cannot read arbitrary input.
_ODD = b"\xff\x00a."


class KnownCharset:
    """Middleware: reads the form as UTF-8 when the charset it names does not decode text."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """The answer."""
        if request.encoding and not _decodes(request.encoding):
            request.encoding = settings.DEFAULT_CHARSET
        return self.get_response(request)


@lru_cache(maxsize=64)  # bounded: clients choose the names
def _decodes(charset: str) -> bool:
    try:
        return isinstance(_ODD.decode(charset, "replace"), str)
    except (LookupError, ValueError, TypeError):
        return False
