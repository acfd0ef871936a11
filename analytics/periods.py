"""Periods of business days, and which other period each is compared with. Pure."""

from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

MOST_DAYS = 366
DEFAULT_DAYS = 7
# Of more days than these, pages show weeks.
MOST_DAYS_SHOWN = 62
WEEK = timedelta(days=7)
# 52 whole weeks, so that each day stands beside the same weekday.
YEAR = 52 * WEEK


class Beside(StrEnum):
    """What a period is shown beside."""

    NOTHING = "none"
    BEFORE = "before"
    YEAR = "year"
    DATES = "dates"


@dataclass(frozen=True, slots=True)
class Period:
    """Business days from `first` to `last`, both included."""

    first: date
    last: date

    @property
    def days(self) -> list[date]:
        """All of its days, in order."""
        return [self.first + timedelta(days=n) for n in range((self.last - self.first).days + 1)]

    @property
    def is_long(self) -> bool:
        """Whether it is shown by weeks."""
        return len(self.days) > MOST_DAYS_SHOWN

    @property
    def weeks(self) -> list[date]:
        """The Mondays of its weeks, in order; the first may lie before it."""
        monday = week_of(self.first).first
        return [monday + n * WEEK for n in range((self.last - monday).days // 7 + 1)]

    def before(self) -> "Period":
        """The period before: of days from the first of a month on, the same days of the month before; else as many whole weeks
        earlier as it takes, so that each day stands beside the same weekday."""
        if self.first.day == 1 and self.last < _next_month(self.first):
            begin = (self.first - timedelta(days=1)).replace(day=1)
            whole = self.last + timedelta(days=1) == _next_month(self.first)
            end = self.first - timedelta(days=1)
            return Period(begin, end if whole else min(begin + (self.last - self.first), end))
        weeks = -(-len(self.days) // 7)
        return Period(self.first - weeks * WEEK, self.last - weeks * WEEK)

    def year_before(self) -> "Period":
        """The same weeks of last year."""
        return Period(self.first - YEAR, self.last - YEAR)


def week_of(day: date) -> Period:
    """The week of a day, Monday to Sunday."""
    monday = day - timedelta(days=day.weekday())
    return Period(monday, monday + timedelta(days=6))


def last_days(today: date) -> Period:
    """The last DEFAULT_DAYS days, today included."""
    return Period(today - timedelta(days=DEFAULT_DAYS - 1), today)


def ready_made(today: date) -> list[tuple[str, Period]]:
    """Periods that are chosen with one tap, by what they are called. Those that go on end today."""
    month = today.replace(day=1)
    last_week = week_of(today - WEEK)
    return [
        ("This week", Period(week_of(today).first, today)),
        ("Last week", last_week),
        ("This month", Period(month, today)),
        ("Last month", Period((month - timedelta(days=1)).replace(day=1), month - timedelta(days=1))),
        ("Last 12 months", Period(today - timedelta(days=364), today)),
    ]


def _next_month(first: date) -> date:
    return (first + timedelta(days=31)).replace(day=1)
