"""Keyed hashes: what we keep of things that we must recognise and must not know."""

import hashlib
import hmac
from functools import lru_cache

from django.conf import settings


def keyed(purpose: str, text: str) -> bytes:
    """HMAC-SHA256 of `text` under a key of its own for each purpose; useless to whoever reads the table it stands in."""
    mac = _keyed(purpose, settings.SECRET_KEY).copy()
    mac.update(text.encode("utf-8", "surrogatepass"))
    return mac.digest()


@lru_cache(maxsize=1024)
def _keyed(purpose: str, secret: str) -> hmac.HMAC:
    """Nothing is hashed yet. Not hmac.digest: that lets go of the interpreter lock each time, and a ballot has five of them."""
    return hmac.new(hashlib.sha256(f"tallyline.{purpose}:{secret}".encode()).digest(), digestmod="sha256")
