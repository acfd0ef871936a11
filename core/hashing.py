"""Keyed hashes, stored in place of values that must be recognised but not known; tokens made by them, and digests of tokens."""

import hashlib
import hmac
from functools import lru_cache

from django.conf import settings

from core import base64url


def keyed(purpose: str, text: str) -> bytes:
    """HMAC-SHA256 of `text`, under a different key for each purpose. Without SECRET_KEY a stored one reveals nothing."""
    inner, outer = (half.copy() for half in _halves(purpose, settings.SECRET_KEY))
    inner.update(text.encode("utf-8", "surrogatepass"))
    outer.update(inner.digest())
    return outer.digest()


def derived_token(purpose: str, text: str) -> str:
    """A token for a link, cookie or header: 256 bits in 43 letters of base64url, which only a holder of SECRET_KEY can derive."""
    return base64url.encode(keyed(purpose, text))


def is_same(sent: str, wanted: str) -> bool:
    """Whether a client sent the token that was wanted; compares in constant time."""
    return hmac.compare_digest(sent.encode("utf-8", "surrogatepass"), wanted.encode())


def digest(token: str) -> str:
    """The stored hash of a token of 256 bits, which needs no salt and no slow hash: 64 hex digits of SHA-256."""
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()


@lru_cache(maxsize=1024)
def _halves(purpose: str, secret: str) -> "tuple[hashlib._Hash, hashlib._Hash]":
    """The two hashes of an HMAC (RFC 2104) before any input, to be copied: half the time of copying an `hmac.HMAC`, of which a
    ballot needs four, and a third of hmac.digest, which also releases the GIL on each call."""
    key = hashlib.sha256(f"tallyline.{purpose}:{secret}".encode()).digest().ljust(64, b"\0")
    return hashlib.sha256(bytes(byte ^ 0x36 for byte in key)), hashlib.sha256(bytes(byte ^ 0x5C for byte in key))
