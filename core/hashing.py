"""Keyed hashes, stored in place of values that must be recognised but not known; tokens made by them, and digests of tokens."""

import base64
import hashlib
import hmac
from functools import lru_cache

from django.conf import settings


def keyed(purpose: str, text: str) -> bytes:
    """HMAC-SHA256 of `text`, under a different key for each purpose. Without SECRET_KEY a stored one reveals nothing."""
    mac = _keyed(purpose, settings.SECRET_KEY).copy()
    mac.update(text.encode("utf-8", "surrogatepass"))
    return mac.digest()


def derived_token(purpose: str, text: str) -> str:
    """A token for a link, cookie or header: 256 bits in 43 letters of base64url, which only a holder of SECRET_KEY can derive."""
    return base64.urlsafe_b64encode(keyed(purpose, text)).rstrip(b"=").decode()


def digest(token: str) -> str:
    """The stored hash of a token of 256 bits, which needs no salt and no slow hash: 64 hex digits of SHA-256."""
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()


@lru_cache(maxsize=1024)
def _keyed(purpose: str, secret: str) -> hmac.HMAC:
    """The keyed HMAC before any input, to be copied. hmac.digest would release the GIL on each call, and a ballot needs five."""
    return hmac.new(hashlib.sha256(f"tallyline.{purpose}:{secret}".encode()).digest(), digestmod="sha256")
