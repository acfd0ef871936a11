"""All writes to venues, accounts, roles and API keys; the admin and management commands call them too."""

import secrets
from typing import TypeVar
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db.models import Model

from core import clock
from core.change import durable
from core.errors import Conflict, Invalid
from core.tokens import POINTER_BYTES
from core.visible import shown
from venues import keys
from venues.models import NO_ZONE, ApiKey, HostGrant, Membership, User, Venue
from web import idempotency

Made = TypeVar("Made", Venue, User, Membership, ApiKey)


def made_with(model: type[Made], key: str) -> Made | None:
    """The venue, account, role or API key made with this idempotency key; None when there is none."""
    return idempotency.made_with(model, _create_key(model, key))


def _create_key(model: type[Model], key: str) -> str | None:
    return idempotency.create_key(str(model._meta.model_name), key)


@durable()
def create_venue(*, name: str, timezone_name: str = NO_ZONE, largest_party: int | None = None, key: str = "") -> Venue:
    """Creates a venue; with a known `key` (Idempotency-Key) returns the one it made.

    Raises ValidationError for a blank name, an unknown time zone, or a largest party out of range.
    """
    if known := made_with(Venue, key):
        return known
    venue = Venue(name=_shown(name, "name"), timezone=timezone_name, create_key=_create_key(Venue, key))
    if largest_party is not None:
        venue.largest_party = largest_party
    venue.full_clean()
    venue.save()
    return venue


@durable()
def change_venue(*, venue_id: UUID | str, name: str, timezone_name: str, largest_party: int | None = None) -> Venue:
    """Changes a venue's name, time zone or largest party (None: unchanged). Open lines keep the closing time they were opened
    with. Raises as `create_venue`."""
    venue = Venue.objects.select_for_update(no_key=True).get(pk=venue_id)
    venue.name, venue.timezone = _shown(name, "name"), timezone_name
    if largest_party is not None:
        venue.largest_party = largest_party
    venue.full_clean()
    venue.save()
    return venue


@durable()
def create_host(
    *, email: str, venue: Venue, password: str | None = None, role: str = Membership.Role.HOST, key: str = ""
) -> User:
    """Gives a person a role in the venue, and an account when the address is new. A known account keeps its password unless
    one is given.

    `key` (Idempotency-Key) is kept with a new role (made_with). Raises ValidationError for a malformed address.
    """
    user = User.objects.filter(email=email.strip().lower()).first()
    if user is None:
        user = User(email=email.strip().lower())
        user.set_password(password)
        user.full_clean(exclude=["password"])
        user.save()
    elif password is not None:
        user.set_password(password)
        user.save(update_fields=["password"])
    made = {"role": role, "create_key": _create_key(Membership, key)}
    Membership.objects.update_or_create(venue=venue, user=user, defaults={"role": role}, create_defaults=made)
    return user


@durable()
def create_user(
    *,
    email: str,
    password: str | None,
    first_name: str = "",
    last_name: str = "",
    is_staff: bool = False,
    is_superuser: bool = False,
    key: str = "",
) -> User:
    """Creates an account; without a password it cannot sign in yet. With a known `key` (Idempotency-Key) returns the one it made.
    Raises ValidationError for a malformed address, or one that has an account."""
    if known := made_with(User, key):
        return known
    user = User(
        create_key=_create_key(User, key),
        email=email.strip().lower(),
        first_name=_shown(first_name, "first_name"),
        last_name=_shown(last_name, "last_name"),
        is_staff=is_staff,
        is_superuser=is_superuser,
    )
    user.set_password(password)
    user.full_clean(exclude=["password"])
    user.save()
    return user


@durable()
def change_user(
    *, user_id: int, email: str, first_name: str, last_name: str, is_active: bool, is_staff: bool, is_superuser: bool
) -> User:
    """Changes an account's details or rights, or disables it (`is_active=False` ends its sessions at once).

    Raises ValidationError for a malformed or taken address, Conflict when no superuser would be left.
    """
    # Locks all superusers in one order: two who take each other's rights away at once cannot both succeed.
    managers = list(
        User.objects.select_for_update(no_key=True)
        .filter(is_active=True, is_staff=True, is_superuser=True)
        .order_by("pk")
        .values_list("pk", flat=True)
    )
    user = User.objects.select_for_update(no_key=True).get(pk=user_id)
    if managers == [user_id] and not (is_active and is_staff and is_superuser):
        raise Conflict("This is the last superuser: somebody must be left to manage people and keys.")
    user.email = email.strip().lower()
    user.first_name, user.last_name = _shown(first_name, "first_name"), _shown(last_name, "last_name")
    user.is_active, user.is_staff, user.is_superuser = is_active, is_staff, is_superuser
    user.full_clean(exclude=["password"])
    user.save()
    return user


@durable()
def set_password(*, user_id: int, password: str | None) -> User:
    """Sets a password and thereby ends the account's sessions; None disables signing in by password."""
    user = User.objects.select_for_update(no_key=True).get(pk=user_id)
    user.set_password(password)
    user.save(update_fields=["password"])
    return user


@durable()
def remove_member(*, membership_id: int) -> None:
    """Removes a person's role in a venue; the account stays."""
    Membership.objects.filter(pk=membership_id).delete()


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
        name=_shown(name, "name"),
        prefix=made[: keys.PREFIX_LENGTH],
        digest=keys.digest(made),
        create_key=_create_key(ApiKey, key),
    )
    row.full_clean()
    row.save()
    return row, made


@durable()
def revoke_api_key(*, key_id: int) -> None:
    """Revokes an API key at once. Idempotent."""
    ApiKey.objects.filter(pk=key_id, revoked_at__isnull=True).update(revoked_at=clock.NOW)


def _shown(text: str, field: str) -> str:
    """The trimmed text. Raises ValidationError, as the models do, when nothing of it is visible."""
    try:
        return shown(text, field)
    except Invalid as problem:
        raise ValidationError({field: problem.message.removeprefix(f"{field}: ")}) from None
