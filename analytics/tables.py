"""The tables of a venue's reports, as rows of texts: a group of parties a row, and weekdays beside hours."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, time
from itertools import zip_longest
from typing import TypeVar

from analytics.charts import Bars, outcomes_chart
from analytics.clocks import Clock
from analytics.figures import Figures
from analytics.labels import count, minutes
from analytics.parties import LARGEST_SIZE
from analytics.reports import VenueReport
from venues.days import hour_in_day
from venues.models import Service

SHADES = 5
Key = TypeVar("Key")


@dataclass(frozen=True, slots=True)
class Row:
    """A group and what came of its parties. `beside`: the parties of the same group in the other period, where there is one."""

    label: str
    parties: str
    beside: str
    guests: str
    seated: str
    covers: str
    left: str
    no_shows: str
    half: str
    nine_of_ten: str


@dataclass(frozen=True, slots=True)
class Cell:
    """A weekday's hour: its text, and how dark it is, from 0 to SHADES."""

    text: str
    shade: int


@dataclass(frozen=True, slots=True)
class Grid:
    """Hours down, weekdays across."""

    caption: str
    rows: list[tuple[str, list[Cell]]]


Group = tuple[str, Figures, Figures | None]


def rows(groups: Iterable[Group]) -> list[Row]:
    """Each group beside the same of the other period."""
    return [
        Row(
            label,
            count(now.parties),
            "" if then is None else count(then.parties),
            count(now.guests),
            count(now.served),
            count(now.served_guests),
            count(now.left),
            count(now.no_shows),
            minutes(now.median_wait_ms),
            minutes(now.p90_wait_ms),
        )
        for label, now, then in groups
    ]


def chart(groups: Sequence[Group]) -> Bars | None:
    """Parties by group, and what came of them."""
    beside = [then for _, _, then in groups if then is not None]
    return outcomes_chart([(label, now) for label, now, _ in groups], beside)


def of_dates(now: VenueReport, then: VenueReport | None) -> list[Group]:
    """By day or week, the first beside the other period's first; a shorter period ends in empty ones."""
    if then is None:
        return [(_date(day), figures, None) for day, figures in now.dates.items()]
    both = zip_longest(now.dates.items(), then.dates.values())
    none = (None, Figures())
    return [
        (_date(day) if day else "", figures, other or Figures())
        for (day, figures), other in ((each or none, other) for each, other in both)
    ]


def of_sizes(now: VenueReport, then: VenueReport | None) -> list[Group]:
    """By guests per party."""
    labels = {size: f"{size} or more" if size == LARGEST_SIZE else str(size) for size in range(1, LARGEST_SIZE + 1)}
    return _groups(labels, now.sizes, then.sizes if then else None)


def of_services(now: VenueReport, then: VenueReport | None) -> list[Group]:
    """By service, and of lines without one."""
    found = [*now.services, *(then.services if then else [])]
    labels: dict[Service | None, str] = {service: service.name for service, _ in found if service is not None}
    if any(service is None for service, _ in found):
        labels[None] = "No service"
    return _groups(labels, dict(now.services), dict(then.services) if then else None)


def _groups(labels: Mapping[Key, str], now: Mapping[Key, Figures], then: Mapping[Key, Figures] | None) -> list[Group]:
    """A group per label that is in one of the two."""
    return [
        (label, now.get(key, Figures()), None if then is None else then.get(key, Figures()))
        for key, label in labels.items()
        if key in now or (then is not None and key in then)
    ]


def _date(day: date) -> str:
    return f"{day:%a} {day.day} {day:%b}"


def grids(now: VenueReport, then: VenueReport | None, day_ends: time, by: Clock) -> list[Grid]:
    """Parties by weekday and hour, those of the other period, and the wait that half of them were seated within."""
    cells = set(now.weekday_hours) | set(then.weekday_hours if then else ())
    hours = sorted({hour for _, hour in cells}, key=lambda hour: hour_in_day(hour, day_ends))
    most = max((found.parties for each in (now, then) if each for found in each.weekday_hours.values()), default=0)
    longest = max((found.median_wait_ms or 0 for found in now.weekday_hours.values()), default=0)

    def grid(caption: str, of: VenueReport, *, waits: bool = False) -> Grid:
        def cell(weekday: int, hour: int) -> Cell:
            found = of.weekday_hours.get((weekday, hour), Figures())
            if waits:
                wait = found.median_wait_ms
                return Cell("" if wait is None else count(round(wait / 60_000)), _shade(wait or 0, longest))
            return Cell(count(found.parties) if found.parties else "", _shade(found.parties, most))

        return Grid(caption, [(by.told(time(hour)), [cell(weekday, hour) for weekday in range(7)]) for hour in hours])

    beside = [grid("Parties in the other period", then)] if then else []
    return [grid("Parties", now), *beside, grid("Half were seated within, minutes", now, waits=True)]


def _shade(value: int, most: int) -> int:
    return -(-SHADES * value // most) if most else 0
