"""Commands on proofs: API keys of a venue's programs, and what host tokens of a session refer to."""

import secrets
from datetime import timedelta
from uuid import UUID

from core import clock
from core.actors import SYSTEM, Actor
from core.change import durable
from core.errors import existing
from core.hashing import digest
from core.tokens import POINTER_BYTES
from venues import keys, refusals
from venues.commands.made import create_key, made_with, visible
from venues.log import lock_venue, log
from venues.models import ApiKey, HostGrant, Venue

# How exact the last use of a key is known: a key that is used all the time is written once in as long.
_NOTED_EVERY = timedelta(hours=1)


@durable()
def grant(*, session_key: str) -> HostGrant:
    """The grant that host tokens of a session refer to: one per session, made at the first call."""
    fresh = secrets.randbelow(2 ** (8 * (POINTER_BYTES - 1)))
    return HostGrant.objects.get_or_create(session_id=session_key, defaults={"number": fresh})[0]


@durable()
def create_api_key(*, venue: Venue, name: str, key: str = "", actor: Actor = SYSTEM) -> tuple[ApiKey, str]:
    """Creates an API key for the venue's programs: (row, the key itself), of which only the hash is kept. The same `key`
    (Idempotency-Key) gives the same API key again. Raises ValidationError for a name that is blank or too long."""
    made = keys.key_made_with(key) if key else keys.new_key()
    lock_venue(venue.pk)
    if known := made_with(ApiKey, key):
        return known, made
    row = ApiKey(
        venue=venue,
        name=visible(name, "name"),
        prefix=made[: keys.PREFIX_LENGTH],
        digest=digest(made),
        create_key=create_key(ApiKey, key),
    )
    row.full_clean()
    row.save()
    log(venue, "VENUE_KEY_MADE", actor=actor, action="create_api_key", keyId=row.pk)
    return row, made


@durable()
def revoke_api_key(*, key_id: int, venue_id: UUID | None = None, actor: Actor = SYSTEM) -> None:
    """Ends an API key at once. Idempotent. `venue_id`: it must be this venue's. Raises NotFound."""
    found = ApiKey.objects.filter(pk=key_id).first()
    venue = lock_venue(existing(found, refusals.NO_KEY).venue_id)
    row = existing(ApiKey.objects.filter(pk=key_id, venue_id=venue_id or venue.pk).first(), refusals.NO_KEY)
    if row.revoked_at is None:
        row.revoked_at = clock.now()
        row.save(update_fields=["revoked_at"])
        log(venue, "VENUE_KEY_ENDED", actor=actor, action="revoke_api_key", keyId=row.pk)


def use_api_key(key: str) -> ApiKey | None:
    """The valid row of the key that a client sent, or None. Notes its use, at most once an hour."""
    found = keys.find(key)
    if found is None:
        return None
    noted_ms = clock.milliseconds(found.last_used_at)
    if noted_ms is None or clock.estimate.now_ms() - noted_ms > _NOTED_EVERY / timedelta(milliseconds=1):
        _note_use(found.pk)
    return found


@durable()
def _note_use(key_id: int) -> None:
    ApiKey.objects.filter(pk=key_id).update(last_used_at=clock.NOW)
