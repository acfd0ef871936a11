"""The business day: the day of a venue that a moment belongs to. Used by every report, chart, list and export by day.

A restaurant's Friday ends when the last guests have gone, not at midnight. It begins at BEGINS in the venue's zone and lasts
until the next one begins: 23 or 25 hours when the clock changes. A line and all its parties belong to the day it began.
"""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

# After the last bar has closed and before the first bakery opens. One value for all venues.
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
    """Hours from the beginning of the business day to this hour (0 to 23): sorts hours within a business day."""
    return (hour - BEGINS.hour) % 24
