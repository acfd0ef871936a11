"""How service went: reports of one line, or of a venue over some days, as plain values."""

from dataclasses import dataclass
from datetime import date, time, timedelta
from typing import Any
from uuid import UUID

from analytics.figures import Figures
from analytics.parties import Grouping, Groups, grouped, line_scope, venue_scope
from analytics.periods import Period
from queues.models import Queue
from venues.days import hour_in_day
from venues.models import Service, Venue

ALL: Grouping = ()
BY_DAY, BY_WEEK, BY_HOUR, BY_WEEKDAY_AND_HOUR, BY_SIZE, BY_SERVICE, BY_LINE, BY_ERROR, BY_RULES = (
    ("business_day",), ("week",), ("hour",), ("weekday", "hour"), ("guests_of_party",), ("service",), ("line",), ("error",),
    ("rules",),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Hour:
    """The parties that joined in one hour of the day (0 to 23, local)."""

    hour: int
    figures: Figures


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """All parties of one line, or of a venue over some days; by the hour they joined, the earliest of the business day first;
    the number of seated parties by the error of their quote (timeline.ERRORS); by guests per party (LARGEST_SIZE: that many
    or more); and by the version of the rules that quoted (0: a host)."""

    total: Figures
    hours: tuple[Hour, ...]
    errors: dict[int, int]
    sizes: dict[int, Figures]
    rules: dict[int, Figures]


@dataclass(frozen=True, slots=True, kw_only=True)
class VenueReport(Report):
    """Also by business day (or by week, from its Monday on; every one of the period), by weekday (0: Monday, of the business day)
    and hour, by service (None: lines without one), by line, newest first.
    """

    dates: dict[date, Figures]
    weekday_hours: dict[tuple[int, int], Figures]
    services: list[tuple[Service | None, Figures]]
    lines: list[tuple[Queue, Figures]]


def of_line(queue: Queue) -> Report:
    """The report of one line; every hour from the first join to the last, by the line's clock (clocks.of_line)."""
    total, by_hour, by_error, sizes, versions = grouped(
        line_scope(queue), ALL, ("clock_hour",), BY_ERROR, BY_SIZE, BY_RULES
    )
    return Report(
        total=total[()],
        hours=_evening(by_hour),
        errors=_errors(by_error),
        sizes=_of_one_key(sizes),
        rules=_of_one_key(versions),
    )


def of_venue(venue: Venue, period: Period, *, by_week: bool = False) -> VenueReport:
    """The report of a venue's lines of these business days. An hour sums that hour of all days."""
    by_date = BY_WEEK if by_week else BY_DAY
    by_one = (by_date, BY_HOUR, BY_WEEKDAY_AND_HOUR, BY_SIZE, BY_SERVICE, BY_LINE, BY_ERROR, BY_RULES)
    total, dates, hours, weekday_hours, sizes, services, lines, errors, versions = grouped(
        venue_scope(venue, period), ALL, *by_one
    )
    every_date = enumerate(period.weeks if by_week else period.days)
    return VenueReport(
        total=total[()],
        hours=_of_the_day({hour: found for (hour,), found in hours.items()}, venue.day_ends),
        errors=_errors(errors),
        dates={begin: dates.get((number,), Figures()) for number, begin in every_date},
        weekday_hours={(weekday, hour): found for (weekday, hour), found in weekday_hours.items()},
        sizes=_of_one_key(sizes),
        rules=_of_one_key(versions),
        services=_services({service: found for (service,), found in services.items()}),
        lines=_lines({line: found for (line,), found in lines.items()}),
    )


def _of_one_key(groups: Groups) -> dict[int, Figures]:
    """By the values of the only key, in their order."""
    return {value: found for (value,), found in sorted(groups.items())}


def _errors(groups: Groups) -> dict[int, int]:
    return {error: found.served for (error,), found in groups.items() if error is not None}


def _evening(by_hour: Groups) -> tuple[Hour, ...]:
    """Every hour from the first join to the last, empty ones included."""
    if not by_hour:
        return ()
    moments: list[Any] = [moment for (moment,) in by_hour]
    first, last = min(moments), max(moments)
    every = [first + timedelta(hours=n) for n in range((last - first) // timedelta(hours=1) + 1)]
    return tuple(Hour(moment.hour, by_hour.get((moment,), Figures())) for moment in every)


def _of_the_day(by_hour: dict[int, Figures], day_ends: time) -> tuple[Hour, ...]:
    """The hours of the business day from the earliest to the latest join."""
    in_order = sorted(range(24), key=lambda hour: hour_in_day(hour, day_ends))
    busy = [index for index, hour in enumerate(in_order) if hour in by_hour]
    shown = in_order[busy[0] : busy[-1] + 1] if busy else ()
    return tuple(Hour(hour, by_hour.get(hour, Figures())) for hour in shown)


def _services(found: dict[UUID | None, Figures]) -> list[tuple[Service | None, Figures]]:
    """In the venue's order, lines without a service last."""
    services = Service.objects.filter(pk__in=[pk for pk in found if pk is not None])
    rest: list[tuple[Service | None, Figures]] = [(None, found[None])] if None in found else []
    return [*((service, found[service.pk]) for service in services), *rest]


def _lines(found: dict[UUID, Figures]) -> list[tuple[Queue, Figures]]:
    return [(line, found[line.pk]) for line in Queue.objects.filter(pk__in=found).order_by("-opened_at", "pk")]
