"""Pages that are the same bytes for all readers of a language, which nginx and CDNs may keep (decision 0070)."""

import gzip

from django.http import HttpRequest, HttpResponse
from django.utils.cache import patch_vary_headers

from core.shared_caches import shared_cache_headers
from web.etags import tagged

# Browsers keep the page, and ask each time whether it still holds.
_FOR_BROWSERS = "public, no-cache"


def for_everyone(request: HttpRequest, response: HttpResponse) -> HttpResponse:
    """The page for caches: compressed for clients that read gzip, with its ETag; 304 for a client that has it.

    It must not depend on the request, but for the reader's language. Caches keep the compressed bytes, so these hold no random
    padding; there is no secret in the page that its length could tell (BREACH).
    """
    if "gzip" in request.headers.get("Accept-Encoding", ""):
        response.content = gzip.compress(response.content, mtime=0)
        response["Content-Encoding"] = "gzip"
    # Django would replace a malformed CSRF cookie with any answer.
    request.META.pop("CSRF_COOKIE_NEEDS_UPDATE", None)
    answer = tagged(request, response, cache_control=_FOR_BROWSERS)
    patch_vary_headers(answer, ["Accept-Encoding"])
    for name, value in shared_cache_headers(cdn=True):
        answer[name.decode()] = value.decode()
    return answer


def is_for_everyone(response: HttpResponse) -> bool:
    """Whether caches may keep it: then it may set no cookie."""
    return response.headers.get("Cache-Control") == _FOR_BROWSERS
