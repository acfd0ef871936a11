"""Commands on proofs: API keys of a venue's programs, and what host tokens of a session refer to."""

import secrets
from collections.abc import Collection
from datetime import datetime, timedelta
from uuid import UUID

from django.core.exceptions import ValidationError

from core import clock
from core.actors import SYSTEM, Actor
from core.change import durable
from core.errors import existing
from core.hashing import digest
from core.scopes import Scope, in_order
from core.tokens import POINTER_BYTES
from venues import keys, refusals
from venues.commands.made import create_key, made_with, visible
from venues.log import lock_venue, log
from venues.models import ApiKey, HostGrant, Venue
from venues.owners import mail_owners

# How exact the last use of a key is known: a key that is used all the time is written once in as long.
_NOTED_EVERY = timedelta(hours=1)
LONGEST_LIFE = timedelta(days=3_660)
WARNED_BEFORE = timedelta(days=7)
_MOST_WARNED = 100


@durable()
def grant(*, session_key: str) -> HostGrant:
    """The grant that host tokens of a session refer to: one per session, made at the first call."""
    fresh = secrets.randbelow(2 ** (8 * (POINTER_BYTES - 1)))
    return HostGrant.objects.get_or_create(session_id=session_key, defaults={"number": fresh})[0]


@durable()
def create_api_key(
    *,
    venue: Venue,
    name: str,
    scopes: Collection[str] = tuple(Scope),
    expires_in: timedelta | None = None,
    origin: str = "",
    key: str = "",
    actor: Actor = SYSTEM,
) -> tuple[ApiKey, str]:
    """Creates an API key for the venue's programs: (row, the key itself), of which only the hash is kept. It may do what `scopes`
    say, and is refused once `expires_in` is over (None: never). `origin`: this site, for the mail a week before. The same `key`
    (Idempotency-Key) gives the same API key again.

    Raises ValidationError for a name that is blank or too long, without a scope, and for an expiry that is not ahead."""
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
        scopes=_known(scopes),
        expires_at=_expiry(expires_in),
        origin=origin,
    )
    row.full_clean()
    row.save()
    told = {"keyId": row.pk, "scopes": row.scopes, "expiresAt": clock.milliseconds(row.expires_at)}
    log(venue, "VENUE_KEY_MADE", actor=actor, action="create_api_key", **told)
    return row, made


def _known(scopes: Collection[str]) -> list[str]:
    try:
        return in_order(scopes)
    except ValueError:
        known = ", ".join(Scope)
        raise ValidationError({"scopes": f"Choose at least one scope, of {known}."}) from None


def _expiry(expires_in: timedelta | None) -> datetime | None:
    if expires_in is None:
        return None
    if not timedelta(0) < expires_in <= LONGEST_LIFE:
        raise ValidationError({"expires_at": f"A key lives for 1 to {LONGEST_LIFE.days} days."})
    return clock.now() + expires_in


def expiring_keys() -> list[int]:
    """The keys that expire within a week and whose owners have not been told."""
    due = ApiKey.objects.filter(expires_at__lte=clock.NOW + WARNED_BEFORE, revoked_at=None, warned_at=None)
    return list(due.order_by("expires_at", "pk").values_list("pk", flat=True)[:_MOST_WARNED])


@durable()
def warn_of_expiry(key_id: int) -> bool:
    """Tells the venue's owners by mail, once, that the key expires soon. False when it was done, or the key has ended."""
    found = ApiKey.objects.filter(pk=key_id).first()
    if found is None:
        return False
    venue = lock_venue(found.venue_id)
    at = clock.now()
    row = ApiKey.objects.filter(pk=key_id, revoked_at=None, warned_at=None, expires_at__lte=at + WARNED_BEFORE).first()
    if row is None:
        return False
    row.warned_at = at
    row.save(update_fields=["warned_at"])
    log(venue, "VENUE_KEY_EXPIRING", actor=SYSTEM, action="warn_of_expiry", keyId=row.pk)
    if row.expires_at is not None and row.expires_at > at:
        reason = f"api-key-expires:{row.pk}"
        mail_owners(venue, kind="api_key_expires", reason=reason, origin=row.origin, about=UUID(int=row.pk))
    return True


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
