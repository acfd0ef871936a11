"""The business day: the day of a venue that a moment belongs to. Used by every report, chart, list and export by day.

A restaurant's Friday ends when the last guests have gone, not at midnight. It begins at `Venue.day_ends` in the venue's zone and
lasts until the next one begins: 23 or 25 hours when the clock changes. A line and all its parties belong to the day it began.
"""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

_SECOND = timedelta(seconds=1)


def instant(day: date, at: time, zone: ZoneInfo) -> datetime:
    """The first instant, in UTC, at which the clock of the zone shows this time or a later one.

    Of a time that comes twice that is the first; of one that is skipped, the instant after the gap.
    """
    wall = datetime.combine(day, at.replace(fold=0, tzinfo=None))
    found = wall.replace(tzinfo=zone).astimezone(UTC)
    if found.astimezone(zone).replace(tzinfo=None, fold=0) == wall:
        return found
    # In a gap, fold 1 reads the time with the offset after it and so lies before the change, fold 0 after it.
    before, after = wall.replace(tzinfo=zone, fold=1).astimezone(UTC), found
    old = before.astimezone(zone).utcoffset()
    while after - before > _SECOND:
        middle = before + (after - before) // 2
        if middle.astimezone(zone).utcoffset() == old:
            before = middle
        else:
            after = middle
    return after.replace(microsecond=0)


def business_day(moment: datetime, timezone_name: str, day_ends: time) -> date:
    """The day of a venue in this zone that the moment belongs to."""
    # From the next date on: where clocks went back over midnight (Newfoundland's did), its day may have begun.
    day = moment.astimezone(ZoneInfo(timezone_name)).date() + timedelta(days=1)
    while moment < begin_of(day, timezone_name, day_ends):
        day -= timedelta(days=1)
    return day


def begin_of(day: date, timezone_name: str, day_ends: time) -> datetime:
    """The first instant of that business day, in UTC."""
    return instant(day, day_ends, ZoneInfo(timezone_name))


def span_of(first: date, last: date, timezone_name: str, day_ends: time) -> tuple[datetime, datetime]:
    """From the first instant of `first` to that of the day after `last`."""
    return (
        begin_of(first, timezone_name, day_ends),
        begin_of(last + timedelta(days=1), timezone_name, day_ends),
    )


def hour_in_day(hour: int, day_ends: time) -> int:
    """Hours from the beginning of the business day to this hour (0 to 23): sorts hours within a business day."""
    return (hour - day_ends.hour) % 24
