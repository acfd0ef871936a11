"""A venue's events in the order of time, page by page: of all its lines, polls and rooms that webhooks are told of.

The log has no index by venue, so a page is merged from those of its lines, polls and rooms that lived then, of each by the index
`event_of_stream`. How many may have lived is bounded by when the next ones began; too few events are followed by more of those.
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

# How many more lines, polls and rooms one statement may read, each kind: at first, so many times more then, and at most.
_AHEAD, _GROWS_BY, _MOST_AHEAD = 4, 4, 256
# A poll is sealed after its close.
_AFTER_THE_END = timedelta(days=2)
# When each began, and after which time nothing more happens to one that is closed, but for _AFTER_THE_END.
_LIVES: tuple[tuple[Any, str, str], ...] = (
    (Queue, "opened_at", "last_activity_at"), (Poll, "created_at", "closed_at"), (Room, "opened_at", "closed_at"),
)  # fmt: skip

# Of each at most a page, merged. The bounds are rows that begin with the stream: they are a range of the index `event_of_stream`,
# and no other index looks right to Postgres, such as `event_at` with the events of all venues.
_MERGED = """
SELECT event.* FROM unnest(%(streams)s::uuid[]) AS stream (id)
 CROSS JOIN LATERAL (
   SELECT * FROM outbox_event
    WHERE (stream_id, at, id) > (stream.id, %(at)s, %(id)s) AND (stream_id, at) < (stream.id, %(end)s)
      AND type = ANY(%(types)s)
    ORDER BY stream_id, at, id LIMIT %(most)s
 ) AS event
 ORDER BY event.at, event.id LIMIT %(most)s"""


class Place(NamedTuple):
    """Behind which event the next page begins."""

    at: datetime
    id: int


def events_of(venue_id: UUID, *, after: Place, until: datetime, most: int) -> tuple[list[Event], Mapping[UUID, str]]:
    """Events behind `after` and before `until`, the oldest first; and the codes of what they happened to, by its id."""
    found: list[Event] = []
    codes: dict[UUID, str] = {}
    ahead = _AHEAD
    while after.at < until and len(found) < most:
        end = _end_of(venue_id, after.at, until, ahead)
        alive = _alive(venue_id, after.at, end)
        codes |= alive
        wanted = {"streams": list(alive), "at": after.at, "id": after.id, "end": end, "types": list(TYPES)}
        found += Event.objects.raw(_MERGED, wanted | {"most": most - len(found)})
        after, ahead = Place(end, 0), min(ahead * _GROWS_BY, _MOST_AHEAD)
    return found, codes


def _end_of(venue_id: UUID, begin: datetime, until: datetime, ahead: int) -> datetime:
    """Before which time at most so many more of each kind began."""
    found = [until]
    for model, began, _ in _LIVES:
        later = model.objects.filter(venue_id=venue_id, **{f"{began}__gt": begin, f"{began}__lt": until})
        found += later.order_by(began).values_list(began, flat=True)[ahead : ahead + 1]
    return min(found)


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
