"""Commands that make and change venues."""

from datetime import time
from typing import Any
from uuid import UUID

from core.actors import Actor
from core.change import durable
from venues.commands.made import create_key, made_with, visible
from venues.commands.people import save_new
from venues.commands.services import schedule_all
from venues.log import log
from venues.models import NO_ZONE, Membership, User, Venue


@durable()
def create_venue(
    *,
    name: str,
    timezone_name: str = NO_ZONE,
    largest_party: int | None = None,
    day_ends: time | None = None,
    owner: User | None = None,
    key: str = "",
) -> Venue:
    """Creates a venue; with a known `key` (Idempotency-Key) returns the one it made.

    `owner`: the person who becomes its first owner; a new account is saved with the venue.

    Raises ValidationError for a blank name, an unknown time zone, a largest party out of range, a business day that
    does not end at a whole hour from 00:00 to 12:00, or a malformed address; Conflict for a new account's address that has one.
    """
    if known := made_with(Venue, key):
        return known
    venue = Venue(name=visible(name, "name"), timezone=timezone_name, create_key=create_key(Venue, key))
    _set(venue, largest_party=largest_party, day_ends=day_ends)
    venue.save()
    if owner is not None:
        _own(venue, owner)
    return venue


def _own(venue: Venue, owner: User) -> None:
    if owner._state.adding:
        save_new(owner)
    member = Membership.objects.create(venue=venue, user=owner, role=Membership.Role.OWNER)
    log(venue, "VENUE_SIGNED_UP", actor=Actor("host", owner.pk), action="create_venue", memberId=member.pk)


@durable()
def change_venue(
    *,
    venue_id: UUID | str,
    name: str,
    timezone_name: str,
    largest_party: int | None = None,
    day_ends: time | None = None,
) -> Venue:
    """Changes a venue's name, time zone, largest party or the end of its business day (None: unchanged). Open lines keep the
    closing time they were opened with; services open by the new clock. Raises as `create_venue`."""
    venue = Venue.objects.select_for_update(no_key=True).get(pk=venue_id)
    venue.name, venue.timezone = visible(name, "name"), timezone_name
    _set(venue, largest_party=largest_party, day_ends=day_ends)
    venue.save()
    schedule_all(venue)
    return venue


def _set(venue: Venue, **values: Any) -> None:
    for name, value in values.items():
        if value is not None:
            setattr(venue, name, value)
    venue.full_clean()
