"""A time of day as its reader writes it: 19:30, or 7:30 PM. All that people read of one comes from here; scripts say it alike
(frontend/shared/times.ts)."""

from datetime import datetime, time
from zoneinfo import ZoneInfo

from django.utils import dateformat
from django.utils.formats import get_format


def time_of_day(at: datetime | time, zone: str = "", *, seconds: bool = False) -> str:
    """In the active language and its clock (core/languages.py: with_clock). A datetime is told by the clock of `zone`, or by its
    own."""
    if zone and isinstance(at, datetime):
        at = at.astimezone(ZoneInfo(zone))
    return dateformat.time_format(at, clock_format(seconds=seconds))


def clock_format(*, seconds: bool = False) -> str:
    """Django's format of a time of day in the active language."""
    minutes: str = get_format("TIME_FORMAT")
    return minutes.replace(":i", ":i:s") if seconds else minutes
