"""API keys: 256 random bits, kept as SHA-256. They cannot be guessed, so they need neither salt nor a slow hash."""

import secrets

from core.hashing import derived_token, digest
from venues.models import ApiKey

PREFIX_LENGTH = 8


def new_key() -> str:
    """A new random key, e.g. `tl_Zk3…`. It is not stored: its caller shows it once."""
    return f"tl_{secrets.token_urlsafe(32)}"


def key_made_with(idempotency_key: str) -> str:
    """A key derived from the form's idempotency key: the form sent again shows the same one. Neither of the two is stored."""
    return f"tl_{derived_token('api-key', idempotency_key)}"


def find(key: str) -> ApiKey | None:
    """The valid row of the key that a client sent, or None. Looked up by its hash, so timing reveals nothing about the key."""
    if not key:
        return None
    return ApiKey.objects.select_related("venue").filter(digest=digest(key), revoked_at__isnull=True).first()
