"""The clock of a report: the venue's zone, or, for a line without a zone, one that starts at 00:00 when it opens."""

from dataclasses import dataclass
from datetime import datetime, time, timezone, tzinfo
from zoneinfo import ZoneInfo

from core.times_of_day import time_of_day
from queues import replayed
from queues.models import Queue
from venues.models import Venue


@dataclass(frozen=True, slots=True)
class Clock:
    """`zone` for Python, the same as `sql` for Postgres; `name` for people, empty where times count from the line's opening."""

    zone: tzinfo
    sql: str
    name: str

    def told(self, at: datetime | time) -> str:
        """One of its times as its reader writes it; where times count from the line's opening, as hours and minutes."""
        return time_of_day(at) if self.name else f"{at:%H:%M}"


def of_venue(venue: Venue) -> Clock:
    """The venue's zone. Reports by day need one: until a zone is set it is UTC, and the report says so."""
    return _of_zone(venue.timezone)


def of_line(queue: Queue, now: datetime) -> Clock:
    """The line's zone; without one, 00:00 is the second in which the line began."""
    if queue.zone:
        return _of_zone(queue.zone)
    began = replayed.began_at(queue, now).replace(microsecond=0)
    into_day = began - began.replace(hour=0, minute=0, second=0)
    # POSIX counts offsets westwards.
    return Clock(timezone(-into_day), f"<since>+{into_day}", "")


def _of_zone(name: str) -> Clock:
    return Clock(ZoneInfo(name), name, name)
