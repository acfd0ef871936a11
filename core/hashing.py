"""Keyed hashes, stored in place of values that must be recognised but not known."""

import hashlib
import hmac
from functools import lru_cache

from django.conf import settings


def keyed(purpose: str, text: str) -> bytes:
    """HMAC-SHA256 of `text`, under a different key for each purpose. Without SECRET_KEY a stored one reveals nothing."""
    mac = _keyed(purpose, settings.SECRET_KEY).copy()
    mac.update(text.encode("utf-8", "surrogatepass"))
    return mac.digest()


@lru_cache(maxsize=1024)
def _keyed(purpose: str, secret: str) -> hmac.HMAC:
    """The keyed HMAC before any input, to be copied. hmac.digest would release the GIL on each call, and a ballot needs five."""
    return hmac.new(hashlib.sha256(f"tallyline.{purpose}:{secret}".encode()).digest(), digestmod="sha256")
