"""Opening hours: from the spans of a week and of single dates to instants. Pure: no database, no clock.

Both changes of the clock are exact (venues/days.py: instant): a time that does not exist opens at the next that does, one that
comes twice opens once. The order of times is kept, so spans that do not overlap on the clock do not overlap in time.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from venues.days import begin_of, instant

# How far the next opening is looked for. A place that is closed for longer opens when its hours are next changed.
HORIZON_DAYS = 400
DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_DAY = timedelta(days=1)
_DAY_MIN = 24 * 60
_WEEK_MIN = 7 * _DAY_MIN


@dataclass(frozen=True, slots=True, order=True)
class Span:
    """Open from one time of day to another. `closes` at or before `opens`: on the next date, at most 24 hours later."""

    opens: time
    closes: time

    @property
    def over_midnight(self) -> bool:
        """Whether it ends on the date after the one it begins on."""
        return self.closes <= self.opens

    @property
    def minutes(self) -> tuple[int, int]:
        """From and until which minute after the midnight before it, by a clock that nobody changes."""
        begin, end = _minute(self.opens), _minute(self.closes)
        return begin, end + _DAY_MIN if self.over_midnight else end

    def __str__(self) -> str:
        return f"{self.opens:%H:%M}–{self.closes:%H:%M}"  # noqa: RUF001 — as hours are printed


Spans = tuple[Span, ...]
# Writes a time of day.
Told = Callable[[time], str]


def by_24_hours(at: time) -> str:
    """As staff and logs read it, e.g. 19:30."""
    return f"{at:%H:%M}"


@dataclass(frozen=True, slots=True)
class Exceptional:
    """The spans that begin on one date, instead of its weekday's; none: closed. `name`: why, such as Christmas Day."""

    spans: Spans = ()
    name: str = ""


@dataclass(frozen=True, slots=True)
class Hours:
    """Spans of a week, Monday first, and of single dates, by the clock of a zone."""

    zone: str
    week: tuple[Spans, ...] = ((),) * 7
    exceptions: Mapping[date, Exceptional] = field(default_factory=dict)

    def on(self, day: date) -> Spans:
        """The spans that begin on this date."""
        exception = self.exceptions.get(day)
        return exception.spans if exception is not None else self.week[day.weekday()]


@dataclass(frozen=True, slots=True, order=True)
class Opening:
    """A span on a date, as instants in UTC."""

    opens: datetime
    closes: datetime


def openings_on(hours: Hours, day: date) -> list[Opening]:
    """The openings whose span begins on this date, in order. A span that a change of the clock leaves no time is none."""
    zone = ZoneInfo(hours.zone)
    found = []
    for span in sorted(hours.on(day)):
        opens = instant(day, span.opens, zone)
        closes = instant(day + _DAY if span.over_midnight else day, span.closes, zone)
        if opens < closes:
            found.append(Opening(opens, closes))
    return found


def open_at(hours: Hours, moment: datetime) -> Opening | None:
    """The opening that is on at this moment; of several (an exception may reach into the next date) the one that began last."""
    today = moment.astimezone(ZoneInfo(hours.zone)).date()
    on = [
        opening
        for day in (today - _DAY, today)
        for opening in openings_on(hours, day)
        if opening.opens <= moment < opening.closes
    ]
    return max(on, default=None)


def next_opening(hours: Hours, moment: datetime) -> Opening | None:
    """The first opening that begins after this moment; None when none does within HORIZON_DAYS."""
    today = moment.astimezone(ZoneInfo(hours.zone)).date()
    for days in range(-1, HORIZON_DAYS):
        later = [each for each in openings_on(hours, today + days * _DAY) if each.opens > moment]
        if later:
            return min(later)
    return None


def openings_of_day(hours: Hours, day: date, day_ends: time) -> list[Opening]:
    """All openings that begin in a business day (venues/days.py), in order."""
    begin, end = (begin_of(each, hours.zone, day_ends) for each in (day, day + _DAY))
    dates = (day - _DAY, day, day + _DAY)
    return sorted(each for date_ in dates for each in openings_on(hours, date_) if begin <= each.opens < end)


# ------------------------------------------------------------------------------------------------------ checks and text
def overlapping(week: Sequence[Spans]) -> int | None:
    """The first weekday (0: Monday) with a span that begins before an earlier one ends, over midnight and Sunday night too; None
    when there is none."""
    spans = sorted(
        (begin + weekday * _DAY_MIN, end + weekday * _DAY_MIN, weekday)
        for weekday, day in enumerate(week)
        for begin, end in (span.minutes for span in day)
    )
    for (_, end, _), (begin, _, weekday) in zip(spans, spans[1:], strict=False):
        if begin < end:
            return weekday
    if len(spans) > 1 and spans[-1][1] - _WEEK_MIN > spans[0][0]:
        return spans[0][2]
    return None


def overlaps(spans: Spans) -> bool:
    """Whether two spans of one date overlap."""
    minutes = sorted(span.minutes for span in spans)
    return any(begin < end for (_, end), (begin, _) in zip(minutes, minutes[1:], strict=False))


def text_of(spans: Spans, told: Told = by_24_hours) -> str:
    """The spans as `read` takes them: `11:30–14:30, 17:30–22:00`; empty for none. `told` writes a time of day."""
    return ", ".join(f"{told(span.opens)}–{told(span.closes)}" for span in sorted(spans))  # noqa: RUF001


def read(text: str) -> Spans:
    """The spans that a person typed: `11:30-14:30, 17:30-22:00`, `5pm to 10pm`, `17–1`; empty, `-` or `closed`: none.

    Raises ValueError, with a sentence for them, for what is none or overlaps.
    """
    text = re.sub(r"[^\S\n]", " ", text)
    if text.strip().lower() in {"", "-", "–", "closed"}:  # noqa: RUF001
        return ()
    spans = tuple(sorted(_span(part) for part in re.split(r"[,;\n]|\band\b", text) if part.strip()))
    if overlaps(spans):
        raise ValueError("These hours overlap.")
    return spans


_TIME = r"(\d{1,2})(?:[:.h](\d{2}))?\s*([ap])?\.?(?:m\.?)?"
_SPAN = re.compile(rf"\s*{_TIME}\s*(?:-|–|—|to|until)\s*{_TIME}\s*", re.IGNORECASE | re.ASCII)  # noqa: RUF001


def _span(text: str) -> Span:
    found = _SPAN.fullmatch(text)
    if found is None:
        raise ValueError(f"“{text.strip()}” is no span of hours. Type them like 17:30–22:00.")  # noqa: RUF001
    if (found[3] is None) != (found[6] is None):
        raise ValueError(f"“{text.strip()}”: say am or pm for both times, or for neither.")
    try:
        return Span(_time(*found.groups()[:3]), _time(*found.groups()[3:]))
    except ValueError:
        raise ValueError(f"“{text.strip()}”: there is no such time of day.") from None


def _time(hour: str, minute: str | None, half: str | None) -> time:
    """Raises ValueError. 24:00 is midnight."""
    number = int(hour)
    if half is not None:
        if not 1 <= number <= 12:
            raise ValueError(hour)
        number = number % 12 + (12 if half.lower() == "p" else 0)
    elif number == 24 and not int(minute or 0):
        number = 0
    return time(number, int(minute or 0))


def _minute(at: time) -> int:
    return at.hour * 60 + at.minute


def now_in(zone: str, moment: datetime) -> datetime:
    """The moment by the clock of the zone; naive, for a template would convert it once more."""
    return moment.astimezone(ZoneInfo(zone)).replace(tzinfo=None)
