"""WhiteNoise with our parsing of If-None-Match (core/etags.py): its own compares one tag literally."""

from typing import Any

from django.http import HttpRequest, HttpResponseBase
from whitenoise.middleware import WhiteNoiseMiddleware

from core.etags import knows


class StaticFiles(WhiteNoiseMiddleware):
    """Middleware. A tag with a proxy's suffix, one in a list, and `*` are answered with 304, too."""

    @staticmethod
    def serve(static_file: Any, request: HttpRequest) -> HttpResponseBase:
        """One file, or a redirect to one."""
        known, etag = request.META.get("HTTP_IF_NONE_MATCH"), getattr(static_file, "etag", None)
        if known and etag and knows(known, etag):
            request.META["HTTP_IF_NONE_MATCH"] = etag
        answer: HttpResponseBase = WhiteNoiseMiddleware.serve(static_file, request)
        return answer
