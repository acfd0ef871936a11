"""Commands that make and change venues."""

from uuid import UUID

from core.change import durable
from venues.commands.made import create_key, made_with, visible
from venues.models import NO_ZONE, Venue


@durable()
def create_venue(*, name: str, timezone_name: str = NO_ZONE, largest_party: int | None = None, key: str = "") -> Venue:
    """Creates a venue; with a known `key` (Idempotency-Key) returns the one it made.

    Raises ValidationError for a blank name, an unknown time zone, or a largest party out of range.
    """
    if known := made_with(Venue, key):
        return known
    venue = Venue(name=visible(name, "name"), timezone=timezone_name, create_key=create_key(Venue, key))
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
    venue.name, venue.timezone = visible(name, "name"), timezone_name
    if largest_party is not None:
        venue.largest_party = largest_party
    venue.full_clean()
    venue.save()
    return venue
