"""Keyed hashes: what we keep of things that we must recognise and must not know."""

import hashlib
import hmac

from django.conf import settings


def keyed(purpose: str, text: str) -> bytes:
    """HMAC-SHA256 of `text` under a key of its own for each purpose; useless to whoever reads the table it stands in."""
    key = hashlib.sha256(f"tallyline.{purpose}:{settings.SECRET_KEY}".encode()).digest()
    return hmac.digest(key, text.encode("utf-8", "surrogatepass"), "sha256")
