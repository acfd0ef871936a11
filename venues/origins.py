"""The address of this site, as the one who asks reaches it."""

from django.conf import settings
from django.http import HttpRequest


def origin_of(request: HttpRequest) -> str:
    """Scheme and host for links in mails, e.g. "https://line.example.com". The host is one of ALLOWED_HOSTS."""
    scheme = "https" if settings.HTTPS else request.scheme
    return f"{scheme}://{request.get_host()}"
