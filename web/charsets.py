"""Which charsets a request may name. Python's codecs are more than charsets: `rot13`, `zip` and `idna` decode no form."""

from collections.abc import Callable
from functools import lru_cache

from django.conf import settings
from django.http import HttpRequest, HttpResponseBase

# What is in no encoding: one that cannot go on after it (errors="replace") cannot read what strangers send.
_ODD = b"\xff\x00a."


class KnownCharset:
    """Middleware: a charset that Python knows, but that decodes no text, is as one that it does not know: UTF-8 is meant."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """The answer."""
        if request.encoding and not _decodes(request.encoding):
            request.encoding = settings.DEFAULT_CHARSET
        return self.get_response(request)


@lru_cache(maxsize=64)  # bounded: the names come from strangers
def _decodes(charset: str) -> bool:
    try:
        return isinstance(_ODD.decode(charset, "replace"), str)
    except (LookupError, ValueError, TypeError):
        return False
