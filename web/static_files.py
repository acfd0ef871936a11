"""WhiteNoise, with our reading of If-None-Match: its own knows one tag, as it was sent."""

from typing import Any

from django.http import HttpRequest, HttpResponseBase
from whitenoise.middleware import WhiteNoiseMiddleware

from core.etags import knows


class StaticFiles(WhiteNoiseMiddleware):
    """Middleware. A tag that a proxy has marked, one of a list and `*` are answered with 304, too."""

    @staticmethod
    def serve(static_file: Any, request: HttpRequest) -> HttpResponseBase:
        """One file, or a redirect to one."""
        known, etag = request.META.get("HTTP_IF_NONE_MATCH"), getattr(static_file, "etag", None)
        if known and etag and knows(known, etag):
            request.META["HTTP_IF_NONE_MATCH"] = etag
        answer: HttpResponseBase = WhiteNoiseMiddleware.serve(static_file, request)
        return answer
