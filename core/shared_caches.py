"""What the caches in front of Tallyline are told of an answer that is the same for everyone (decisions 0013, 0070)."""

from django.conf import settings

from core.asgi_types import Headers

# For deploy/nginx.conf, which removes the header.
_NGINX = (b"x-accel-expires", b"1")
# RFC 9213.
_CDN = (b"cdn-cache-control", b"public, max-age=1")


def shared_cache_headers(*, cdn: bool) -> Headers:
    """nginx may keep the answer for a second, and a CDN with `cdn`. Empty without a proxy in front (TRUSTED_PROXIES)."""
    if not settings.TRUSTED_PROXIES:
        return []
    return [_NGINX, _CDN] if cdn else [_NGINX]
