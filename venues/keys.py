"""API keys: 256 random bits, kept as SHA-256. They cannot be guessed, so they need neither salt nor a slow hash."""

import secrets
from collections.abc import Sequence

from django.db.models import Q, QuerySet

from core import clock
from core.errors import Forbidden, Unproven
from core.hashing import derived_token, digest
from core.scopes import told
from venues import refusals
from venues.models import ApiKey

PREFIX_LENGTH = 8
# Days that a new key may live, by what forms call it.
LIVES = [("30", "for 30 days"), ("90", "for 90 days"), ("365", "for a year"), ("", "until you end it")]


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
    return valid().select_related("venue").filter(digest=digest(key)).first()


def valid() -> QuerySet[ApiKey]:
    """The keys that are good now: neither ended nor expired."""
    return ApiKey.objects.filter(Q(expires_at=None) | Q(expires_at__gt=clock.NOW), revoked_at=None)


def is_over(key: ApiKey) -> bool:
    """Whether a key has expired, by the database's clock as this process knows it: for what is shown."""
    return key.expires_at is not None and clock.milliseconds(key.expires_at) <= clock.estimate.now_ms()


def require(key: str, needed: Sequence[str]) -> None:
    """Checks the key that a client sent to an operation that takes these scopes, any one of them. A key that is not known, or was
    ended, is left to the operation, which may not need it.

    Raises Unproven (401) for one that has expired, Forbidden (403) for one without the scope.
    """
    found = ApiKey.objects.filter(digest=digest(key), revoked_at=None).values_list("scopes", "expires_at").first()
    if found is None:
        return
    scopes, expires_at = found
    if expires_at is not None and expires_at <= clock.now():
        raise Unproven(refusals.API_KEY_EXPIRED.with_values(day=expires_at.date().isoformat()))
    if not set(needed) & set(scopes):
        raise Forbidden(refusals.SCOPE_MISSING.with_values(needed=told(needed)))
