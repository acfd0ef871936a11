"""By whose clock a report tells times of day: the venue's, or one that a line without a zone started when it was opened."""

from dataclasses import dataclass
from datetime import datetime, timezone, tzinfo
from zoneinfo import ZoneInfo

from queues import replayed
from queues.models import Queue
from venues.models import Venue


@dataclass(frozen=True, slots=True)
class Clock:
    """`zone` for Python, the same as `sql` for Postgres; `name` for people, empty where times count from the line's opening."""

    zone: tzinfo
    sql: str
    name: str


def of_venue(venue: Venue) -> Clock:
    """The venue's own. Its days need one, so until its zone is named it is that of UTC, and says so."""
    return _of_zone(venue.timezone)


def of_line(queue: Queue, now: datetime) -> Clock:
    """The line's own; without a zone, 00:00 is the second in which it began."""
    if queue.zone:
        return _of_zone(queue.zone)
    began = replayed.began_at(queue, now).replace(microsecond=0)
    into_day = began - began.replace(hour=0, minute=0, second=0)
    # POSIX counts offsets westwards.
    return Clock(timezone(-into_day), f"<since>+{into_day}", "")


def _of_zone(name: str) -> Clock:
    return Clock(ZoneInfo(name), name, name)
