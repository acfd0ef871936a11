"""Charts as geometry: pure functions from figures to what an SVG draws, in its own units. The templates are
templates/host/_chart_*.html; colours are the page's."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta

from analytics.figures import Figures
from analytics.reports import Hour
from analytics.timeline import Length, Slot

WIDTH, HEIGHT = 400, 210
LEFT, RIGHT, TOP, BOTTOM = 34, 392, 12, 180
MOST_X_LABELS = 7
# The width of a character on an axis on a phone, and of the space between two labels.
LETTER, APART = 8, 6
_NICE = (1, 2, 5, 10, 15, 20, 30, 60, 100, 120, 200, 250, 500, 1000, 2000, 5000, 10_000)


@dataclass(frozen=True, slots=True)
class Tick:
    """A mark on an axis."""

    at: float
    label: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Chart:
    """Base of all charts: the marks on both axes."""

    x: list[Tick]
    y: list[Tick]


@dataclass(frozen=True, slots=True, kw_only=True)
class Area(Chart):
    """A line in steps, filled below."""

    path: str
    most: int
    most_at: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Waits(Chart):
    """A band from the lower to the upper quote, and the actual waits as a line with dots."""

    band: str
    line: str
    dots: list[tuple[float, float]]


@dataclass(frozen=True, slots=True)
class Part:
    """A segment of a bar. `kind` is its CSS class: served, no-show, left, other; told, off."""

    kind: str
    y: float
    height: float


@dataclass(frozen=True, slots=True)
class Bar:
    """A stacked bar, lowest segment first. `beside`: the height at which another period's number is marked."""

    x: float
    width: float
    parts: list[Part]
    total: int
    beside: float | None = None

    @property
    def end(self) -> float:
        """Its right edge."""
        return _r(self.x + self.width)


@dataclass(frozen=True, slots=True, kw_only=True)
class Bars(Chart):
    """One bar per group."""

    bars: list[Bar]


# Writes a time of day, or one since the line's opening (analytics/clocks.py).
Told = Callable[[datetime | time], str]


def length_chart(lengths: Sequence[Length], told: Told) -> Area | None:
    """The line's length over time; None when no party ever waited."""
    if len(lengths) < 2:
        return None
    begin, end = lengths[0].at, lengths[-1].at
    span = _seconds(begin, end) or 1.0
    fullest = max(lengths, key=lambda each: each.parties)
    y, top = _scale(fullest.parties)

    def across(moment: datetime) -> float:
        return _r(LEFT + (RIGHT - LEFT) * _seconds(begin, moment) / span)

    path = [f"M{LEFT} {BOTTOM}"]
    for each in lengths:
        path.append(f"H{across(each.at)}V{_up(each.parties, top)}")
    path.append(f"H{RIGHT}V{BOTTOM}Z")
    return Area(
        x=_hours(begin, end, across, told),
        y=y,
        path="".join(path),
        most=fullest.parties,
        most_at=told(fullest.at),
    )


def waits_chart(slots: Sequence[Slot]) -> Waits | None:
    """Quoted and actual waits; None when no party was seated."""
    if not slots:
        return None
    minutes = [
        tuple((ms or 0) / 60_000 for ms in (told.median_quote_low_ms, told.median_quote_high_ms, told.median_wait_ms))
        for told in (slot.figures for slot in slots)
    ]
    y, top = _scale(max(max(each) for each in minutes))
    xs = [_middle(index, len(slots)) for index in range(len(slots))]
    if len(xs) == 1:  # a band needs a width above zero
        xs, minutes = [LEFT + 20.0, RIGHT - 20.0], minutes * 2
    upper = [f"{x} {_up(high, top)}" for x, (_, high, _) in zip(xs, minutes, strict=True)]
    lower = [f"{x} {_up(low, top)}" for x, (low, _, _) in zip(xs, minutes, strict=True)]
    dots = [(x, _up(waited, top)) for x, (_, _, waited) in zip(xs, minutes, strict=True)]
    return Waits(
        x=_labels([slot.label for slot in slots]),
        y=y,
        band="M" + "L".join([*upper, *reversed(lower)]) + "Z",
        line="M" + "L".join(f"{x} {y_}" for x, y_ in dots),
        dots=dots,
    )


def joins_chart(hours: Sequence[Hour], told: Told) -> Bars | None:
    """Parties by the hour they joined, split by outcome; None without parties."""
    if not hours:
        return None
    return outcomes_chart([(told(time(hour.hour)), hour.figures) for hour in hours])


def outcomes_chart(groups: Sequence[tuple[str, Figures]], beside: Sequence[Figures] = ()) -> Bars | None:
    """Parties by group, split by outcome, each group under its label; None without parties. `beside`: the groups of another
    period, in the same order, of which the number of parties is marked."""
    if not any(figures.parties for figures in (*(figures for _, figures in groups), *beside)):
        return None
    rows = []
    for _, each in groups:
        others = each.parties - each.served - each.no_shows - each.left
        rows.append([("served", each.served), ("other", others), ("left", each.left), ("no-show", each.no_shows)])
    return _bars(rows, _labels([label for label, _ in groups]), [each.parties for each in beside])


def errors_chart(errors: Sequence[tuple[str, int]]) -> Bars | None:
    """How far off quotes were; None when no party was seated. `errors`: seven buckets, the middle one is "as told"."""
    if not sum(count for _, count in errors):
        return None
    rows = [[("told" if index == 3 else "off", count)] for index, (_, count) in enumerate(errors)]
    words = ("-15", "-5", "-1", "as told", "+1", "+5", "+15")
    return _bars(rows, [Tick(_middle(index, len(words)), word) for index, word in enumerate(words)])


# --------------------------------------------------------------------------------------------------------------- parts
def _bars(rows: Sequence[Sequence[tuple[str, int]]], labels: list[Tick], beside: Sequence[int] = ()) -> Bars:
    y, top = _scale(max(*(sum(count for _, count in row) for row in rows), *beside, 0))
    step = (RIGHT - LEFT) / len(rows)
    width = min(step * 0.72, 44)
    bars = []
    for index, row in enumerate(rows):
        parts, below = [], 0
        for kind, count in row:
            if count:
                high = _up(below + count, top)
                parts.append(Part(kind, high, _r(_up(below, top) - high)))
                below += count
        mark = _up(beside[index], top) if index < len(beside) else None
        bars.append(Bar(_r(_middle(index, len(rows)) - width / 2), _r(width), parts, below, mark))
    return Bars(x=labels, y=y, bars=bars)


def _middle(index: int, count: int) -> float:
    return _r(LEFT + (RIGHT - LEFT) * (index + 0.5) / count)


def _labels(labels: Sequence[str]) -> list[Tick]:
    """At most as many marks as fit the width."""
    every = -(-len(labels) // _fitting(labels))
    return [Tick(_middle(index, len(labels)), label) for index, label in enumerate(labels) if index % every == 0]


def _fitting(labels: Sequence[str]) -> int:
    """How many labels like these stand beside each other."""
    return min(MOST_X_LABELS, (RIGHT - LEFT) // (LETTER * max(map(len, labels)) + APART))


def _scale(most: float) -> tuple[list[Tick], float]:
    """Marks at round numbers, the last at or above `most`; and that last number."""
    step = next((each for each in _NICE if most / each <= 5), _NICE[-1])
    count = max(-(-most // step), 1)
    top = count * step
    return [Tick(_up(step * n, top), f"{step * n:,.0f}") for n in range(int(count) + 1)], top


def _up(value: float, top: float) -> float:
    return _r(BOTTOM - (BOTTOM - TOP) * value / top)


def _hours(begin: datetime, end: datetime, across: Callable[[datetime], float], told: Told) -> list[Tick]:
    """Round times between the two."""
    span = (end - begin) / timedelta(minutes=1)
    most = _fitting([told(end.replace(hour=hour)) for hour in (begin.hour, end.hour)])
    step = next((each for each in (5, 10, 15, 30, 60, 120, 180) if span / each <= most), 360)
    day = begin.replace(hour=0, minute=0, second=0, microsecond=0)
    first = -(-int((begin - day) / timedelta(minutes=1)) // step)
    ticks = []
    for n in range(first, first + most + 2):
        moment = day + timedelta(minutes=n * step)
        if begin <= moment <= end:
            ticks.append(Tick(across(moment), told(moment)))
    return ticks


def _seconds(begin: datetime, end: datetime) -> float:
    """Elapsed time. Subtracting local times compares wall clocks, which is an hour off when the clock changes."""
    return (end.astimezone(UTC) - begin.astimezone(UTC)) / timedelta(seconds=1)


def _r(value: float) -> float:
    return round(value, 1)
