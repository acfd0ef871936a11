"""Everything that changes venues, their people and their keys (also for admin and management commands)."""

from uuid import UUID

from django.db import transaction
from django.utils import timezone

from venues import keys
from venues.models import ApiKey, Membership, User, Venue


@transaction.atomic(durable=True)
def create_venue(*, name: str, timezone_name: str = "UTC") -> Venue:
    """A new restaurant. Raises ValidationError for a blank name or an unknown time zone."""
    venue = Venue(name=name.strip(), timezone=timezone_name)
    venue.full_clean()
    venue.save()
    return venue


@transaction.atomic(durable=True)
def change_venue(*, venue_id: UUID | str, name: str, timezone_name: str) -> Venue:
    """Renames a venue or moves its clock. Lines opened before keep the closing time they were opened with."""
    venue = Venue.objects.select_for_update(no_key=True).get(pk=venue_id)
    venue.name, venue.timezone = name.strip(), timezone_name
    venue.full_clean()
    venue.save()
    return venue


@transaction.atomic(durable=True)
def create_host(*, email: str, venue: Venue, password: str | None = None, role: str = Membership.Role.HOST) -> User:
    """Lets a person sign in and run the venue's lines. An address already known keeps its password unless one is given.

    Raises ValidationError when the address is no address.
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
    Membership.objects.update_or_create(venue=venue, user=user, defaults={"role": role})
    return user


@transaction.atomic(durable=True)
def remove_member(*, membership_id: int) -> None:
    """Takes a person's role in a venue away; their account stays."""
    Membership.objects.filter(pk=membership_id).delete()


@transaction.atomic(durable=True)
def create_api_key(*, venue: Venue, name: str) -> tuple[ApiKey, str]:
    """A new key for the venue's programs: (row, the key itself). The key is not kept and cannot be shown again."""
    key = keys.new_key()
    row = ApiKey(venue=venue, name=name.strip(), prefix=key[: keys.PREFIX_LENGTH], digest=keys.digest(key))
    row.full_clean()
    row.save()
    return row, key


@transaction.atomic(durable=True)
def revoke_api_key(*, key_id: int) -> None:
    """Ends a key at once. Revoking twice is fine."""
    ApiKey.objects.filter(pk=key_id, revoked_at__isnull=True).update(revoked_at=timezone.now())
