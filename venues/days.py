"""The business day: which day of a venue a moment belongs to. Every report, chart, list and export that has days asks here.

A restaurant's Friday ends when the last guests have gone, not at midnight. It begins at BEGINS by the venue's clock and lasts
until the next one does: 23 or 25 hours where the clock is changed. A line belongs to the day it began
in, with all who joined it.
"""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

# Between the last bar that closes and the first bakery that opens. For all venues alike, until hours of services are kept.
BEGINS = time(5)


def business_day(moment: datetime, timezone_name: str) -> date:
    """The day of a venue in this zone that the moment belongs to."""
    day = moment.astimezone(ZoneInfo(timezone_name)).date()
    return day if moment >= begin_of(day, timezone_name) else day - timedelta(days=1)


def begin_of(day: date, timezone_name: str) -> datetime:
    """The first instant of that business day, in UTC."""
    return datetime.combine(day, BEGINS, ZoneInfo(timezone_name)).astimezone(UTC)


def span_of(first: date, last: date, timezone_name: str) -> tuple[datetime, datetime]:
    """From the first instant of `first` to that of the day after `last`."""
    return begin_of(first, timezone_name), begin_of(last + timedelta(days=1), timezone_name)


def hour_in_day(hour: int) -> int:
    """How many hours of the clock after the day's beginning this hour (0 to 23) comes: the order of hours in a business day."""
    return (hour - BEGINS.hour) % 24
