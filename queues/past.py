"""What a venue's last parties say of the waits of a line that opens (queues/quotes)."""

from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import orjson
from django.db import connection

from core.clock import milliseconds
from queues import sitting
from queues.models import Queue
from queues.quotes import Flow, Outcome, Past, Told, summary_of
from queues.quotes.summary import MOST_OUTCOMES
from venues.models import Venue

# Lines of a venue that are looked at, the newest.
MOST_LINES = 100
_MS = timedelta(milliseconds=1)
# A party that was called more than once has lost the time of its first call. A replay is no evening of the venue.
_OUTCOMES = """
SELECT p.queue_id, p.joined_at, p.size, coalesce(p.called_at, p.ended_at) - p.joined_at, p.status = 'left',
       CASE WHEN NOT p.quoted_by_host THEN p.told END
  FROM (SELECT id FROM queues_queue WHERE venue_id = %(venue)s AND time_scale = 1
         ORDER BY opened_at DESC LIMIT %(lines)s) line
  JOIN queues_party p ON p.queue_id = line.id
 WHERE p.status IN ('served', 'no_show') AND p.call_count <= 1 OR p.status = 'left' AND p.called_at IS NULL
 ORDER BY p.joined_at DESC LIMIT %(most)s"""


def past_of(venue: Venue, *, zone: str, at: datetime, model: int) -> Past:
    """For a line that opens at this time, in this zone, and quotes by this model. Its ranges are as wide as the venue's last line
    left them. Takes some 50 ms once the venue has a past."""
    local = ZoneInfo(zone)
    with connection.cursor() as cursor:
        cursor.execute(_OUTCOMES, {"venue": venue.pk, "lines": MOST_LINES, "most": MOST_OUTCOMES})
        outcomes = [_outcome(row, local) for row in cursor]
    lines = Queue.objects.filter(venue=venue, time_scale=1).order_by("-opened_at", "-pk")
    last = Flow.from_json(lines.values_list("flow", flat=True).first())
    return summary_of(
        outcomes,
        opens_ms=milliseconds(at),
        minute=_minute_of_week(at, local),
        last=last,
        turns=sitting.kept_turns(venue.pk, at),
        model=model,
    )


def _outcome(row: tuple[Any, ...], zone: ZoneInfo) -> Outcome:
    line, joined, size, waited, left, told = row
    return Outcome(
        line=line,
        joined_ms=milliseconds(joined),
        minute=_minute_of_week(joined, zone),
        size=size,
        waited_ms=max(waited // _MS, 0),
        left=left,
        told=Told.from_json(orjson.loads(told) if told else None),
    )


def _minute_of_week(at: datetime, zone: ZoneInfo) -> int:
    """Monday 0:00 is 0."""
    local = at.astimezone(zone)
    return (local.weekday() * 24 + local.hour) * 60 + local.minute
