"""Commands on proofs: API keys of a venue's programs, and what host tokens of a session refer to."""

import secrets

from core import clock
from core.change import durable
from core.tokens import POINTER_BYTES
from venues import keys
from venues.commands.made import create_key, made_with, visible
from venues.models import ApiKey, HostGrant, Venue


@durable()
def grant(*, session_key: str) -> HostGrant:
    """The grant that host tokens of a session refer to: one per session, made at the first call."""
    fresh = secrets.randbelow(2 ** (8 * (POINTER_BYTES - 1)))
    return HostGrant.objects.get_or_create(session_id=session_key, defaults={"number": fresh})[0]


@durable()
def create_api_key(*, venue: Venue, name: str, key: str = "") -> tuple[ApiKey, str]:
    """Creates an API key for the venue's programs: (row, the key itself), of which only the hash is kept. The same `key`
    (Idempotency-Key) gives the same API key again."""
    made = keys.key_made_with(key) if key else keys.new_key()
    if known := made_with(ApiKey, key):
        return known, made
    row = ApiKey(
        venue=venue,
        name=visible(name, "name"),
        prefix=made[: keys.PREFIX_LENGTH],
        digest=keys.digest(made),
        create_key=create_key(ApiKey, key),
    )
    row.full_clean()
    row.save()
    return row, made


@durable()
def revoke_api_key(*, key_id: int) -> None:
    """Revokes an API key at once. Idempotent."""
    ApiKey.objects.filter(pk=key_id, revoked_at__isnull=True).update(revoked_at=clock.NOW)
