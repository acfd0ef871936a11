"""API keys: 256 random bits, so a plain SHA-256 is a safe way to keep them (nothing to guess, nothing to salt)."""

import hashlib
import secrets

from venues.models import ApiKey

PREFIX_LENGTH = 8


def new_key() -> str:
    """A fresh key, e.g. `tl_Zk3…`; whoever gets it must keep it, for we do not."""
    return f"tl_{secrets.token_urlsafe(32)}"


def digest(key: str) -> str:
    """What we keep of a key: 64 hex digits."""
    return hashlib.sha256(key.encode("utf-8", "surrogatepass")).hexdigest()


def find(key: str) -> ApiKey | None:
    """The valid key row for what a client sent, or None. Looked up by hash, so timing tells nothing of the key."""
    if not key:
        return None
    return ApiKey.objects.select_related("venue").filter(digest=digest(key), revoked_at__isnull=True).first()
