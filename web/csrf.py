"""Django's check of forms, for pages behind proxies that say less than it expects (decision 0036)."""

from django.core.exceptions import DisallowedHost
from django.http import HttpRequest
from django.middleware.csrf import CsrfViewMiddleware

from core.cors import SAME_ORIGIN, is_allowed, is_at


class FormsOfOurPages(CsrfViewMiddleware):
    """Middleware. The token must be right in any case; this is about which page a form comes from.

    Besides what Django believes: a page at `https://` and our own host, though nothing announced TLS to us; a page that does not
    name itself (Origin `null`, or neither Origin nor Referer), where the browser says that it is ours.
    """

    def _origin_verified(self, request: HttpRequest) -> bool:
        if super()._origin_verified(request):  # type: ignore[misc]
            return True
        origin = request.META["HTTP_ORIGIN"]
        try:
            host = request.get_host()
        except DisallowedHost:
            return False
        if origin == "null":
            return is_allowed(origin, host, _site(request))
        # Over HTTPS a page of http:// is not trusted: anyone on the network may have written it.
        return is_at(origin, host) and (origin.startswith("https://") or not request.is_secure())

    def _check_referer(self, request: HttpRequest) -> None:
        if _site(request) != SAME_ORIGIN:
            super()._check_referer(request)  # type: ignore[misc]


def _site(request: HttpRequest) -> str:
    return request.META.get("HTTP_SEC_FETCH_SITE", "")
