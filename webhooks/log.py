"""A venue's events in the order of time, page by page: of all its lines, polls and rooms that webhooks are told of.

The log is ordered by line (law 3) and has no index by venue, so a page is read from spans of time: of each only the lines, polls
and rooms that lived in it. A span that holds too little is followed by a longer one.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple
from uuid import UUID

from django.db.models import Q

from outbox.models import Event
from polls.models import Poll
from queues.models import Queue
from rooms.models import Room
from webhooks.events import TYPES

_FIRST_SPAN = timedelta(hours=1)
_GROWS_BY = 4
# A poll is sealed after its close.
_AFTER_THE_END = timedelta(days=2)
# When each began, and after which time nothing more happens to one that is closed, but for _AFTER_THE_END.
_LIVES: tuple[tuple[Any, str, str], ...] = (
    (Queue, "opened_at", "last_activity_at"), (Poll, "created_at", "closed_at"), (Room, "opened_at", "closed_at"),
)  # fmt: skip


class Place(NamedTuple):
    """Behind which event the next page begins."""

    at: datetime
    id: int


def events_of(venue_id: UUID, *, after: Place, until: datetime, most: int) -> tuple[list[Event], Mapping[UUID, str]]:
    """Events behind `after` and before `until`, the oldest first; and the codes of what they happened to, by its id."""
    found: list[Event] = []
    codes: dict[UUID, str] = {}
    first = _first_of(venue_id)
    begin, span = (max(after.at, first), _FIRST_SPAN) if first is not None else (until, _FIRST_SPAN)
    while begin < until and len(found) < most:
        end = min(begin + span, until)
        alive = _alive(venue_id, begin, end)
        if alive:
            codes |= alive
            rows = Event.objects.filter(stream_id__in=list(alive), type__in=list(TYPES), at__gte=begin, at__lt=end)
            behind = rows.filter(Q(at__gt=after.at) | Q(pk__gt=after.id))
            found += behind.order_by("at", "pk")[: most - len(found)]
        begin, span = end, span * _GROWS_BY
    return found, codes


def _first_of(venue_id: UUID) -> datetime | None:
    """When the first line, poll or room of the venue began."""
    found = [
        model.objects.filter(venue_id=venue_id).order_by(began).values_list(began, flat=True).first()
        for model, began, _ in _LIVES
    ]
    return min((each for each in found if each is not None), default=None)


def _alive(venue_id: UUID, begin: datetime, end: datetime) -> dict[UUID, str]:
    """The codes of those lines, polls and rooms of the venue to which something may have happened in this span."""
    found: dict[UUID, str] = {}
    for model, began, ended in _LIVES:
        rows = model.objects.filter(venue_id=venue_id, **{f"{began}__lt": end})
        rows = rows.filter(Q(closed_at=None) | Q(**{f"{ended}__gte": begin - _AFTER_THE_END}))
        found |= dict(rows.values_list("pk", "code"))
    return found


def in_order(rows: Sequence[Event]) -> Place:
    """The place of the last of these events."""
    return Place(rows[-1].at, rows[-1].pk)
