"""API keys: 256 random bits, so a plain SHA-256 is a safe way to keep them (nothing to guess, nothing to salt)."""

import base64
import hashlib
import secrets

from core.hashing import keyed
from venues.models import ApiKey

PREFIX_LENGTH = 8


def new_key() -> str:
    """A fresh key, e.g. `tl_Zk3…`; whoever gets it must keep it, for we do not."""
    return f"tl_{secrets.token_urlsafe(32)}"


def key_made_with(idempotency_key: str) -> str:
    """A key that is the same each time the same form is sent, for a browser that had no answer. We keep neither it nor what it
    is made of: the browser has that."""
    return f"tl_{base64.urlsafe_b64encode(keyed('api-key', idempotency_key)).rstrip(b'=').decode()}"


def digest(key: str) -> str:
    """What we keep of a key: 64 hex digits."""
    return hashlib.sha256(key.encode("utf-8", "surrogatepass")).hexdigest()


def find(key: str) -> ApiKey | None:
    """The valid key row for what a client sent, or None. Looked up by hash, so timing tells nothing of the key."""
    if not key:
        return None
    return ApiKey.objects.select_related("venue").filter(digest=digest(key), revoked_at__isnull=True).first()
