"""What happens in a venue, beside its lines, polls and rooms, as events (law 10)."""

from typing import Any
from uuid import UUID

from django.db.models import Max

from core import clock
from core.actors import Actor
from core.change import Fields
from outbox.models import Event
from outbox.record import NewEvent, record
from venues.models import Venue

STREAM = "venue"


def lock_venue(venue_id: UUID | str) -> Venue:
    """The venue under its lock, which orders its changes and those of its people, keys and services. Needs a transaction."""
    return Venue.objects.select_for_update(no_key=True).get(pk=venue_id)


def log(
    venue: Venue, event: str, *, actor: Actor, action: str, changes: dict[str, Fields] | None = None, **data: Any
) -> None:
    """Records an event of a locked venue. `data`: no names of people, no addresses of theirs. `changes`: of each thing, what was
    changed."""
    newest = Event.objects.filter(stream_id=venue.pk).aggregate(newest=Max("version"))["newest"] or 0
    record(
        [NewEvent(type=event, data={"venueId": str(venue.pk)} | data, changes=changes or {})],
        stream=STREAM,
        stream_id=venue.pk,
        version=newest + 1,
        at=clock.now(),
        actor=actor,
        action=action,
    )
