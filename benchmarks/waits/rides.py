"""Posted and actual waits of a theme park's rides: the layer that makes ranges, with the posted wait as its figure (S16)."""

import csv
from bisect import bisect_right
from collections import defaultdict, deque
from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, timedelta
from heapq import heappop, heappush
from pathlib import Path
from typing import NamedTuple

from benchmarks.waits.scores import Score
from queues.quotes.past import USUAL_CURVE
from queues.quotes.ranges import LEVELS, MOST_PAIRS, Curve, Pair, Pairs, Range, factor_after

WARM = timedelta(days=120)


class Ride(NamedTuple):
    """A wait: which ride, when the person joined, what the sign said and what came, in minutes."""

    ride: str
    joined: datetime
    posted: float
    waited: float

    @property
    def at_ms(self) -> int:
        """The park's clock as if it were UTC: only differences matter."""
        return int(self.joined.timestamp() * 1000)

    @property
    def ended_ms(self) -> int:
        """From when on the wait is known."""
        return self.at_ms + int(self.waited * 60_000)

    @property
    def pair(self) -> Pair:
        """For the layer."""
        return Pair(self.at_ms, self.joined.hour + self.joined.minute / 60, self.posted, self.waited)


def read(path: Path) -> list[Ride]:
    """All of a file, in the order of their joins."""
    with path.open(newline="") as file:
        rows = [
            Ride(
                row["ride"],
                datetime.fromisoformat(row["joined_at"]).replace(tzinfo=UTC),
                float(row["posted_min"]),
                float(row["actual_min"]),
            )
            for row in csv.DictReader(file)
        ]
    return sorted(rows, key=lambda row: (row.joined, row.ride))


class Layer:
    """The layer on several rides, each as a venue: its newest pairs at the beginning of the day, and its factor."""

    def __init__(self) -> None:
        self.pairs: dict[str, deque[Pair]] = defaultdict(lambda: deque(maxlen=MOST_PAIRS))
        self.all: deque[Pair] = deque(maxlen=MOST_PAIRS)
        self.factors: dict[str, float] = defaultdict(lambda: 1.0)
        self.day: date | None = None
        self.prepared: dict[str, Pairs] = {}
        self.curves: dict[tuple[str, float], Curve] = {}
        self.base = USUAL_CURVE
        self.month = 0

    def tell(self, ride: Ride) -> Range:
        """Today's range."""
        self._begin(ride)
        hour = ride.joined.hour + (0.25 if ride.joined.minute < 30 else 0.75)
        key = ride.ride, hour
        if key not in self.curves:
            if ride.ride not in self.prepared:
                self.prepared[ride.ride] = Pairs(self.pairs[ride.ride], now_ms=ride.at_ms)
            self.curves[key] = self.prepared[ride.ride].curve(hour, self.base)
        return self.curves[key].widened(self.factors[ride.ride]).range_of(ride.posted)

    def learn(self, ride: Ride, told: Range | None) -> None:
        """What came; of a wait that was not told it only belongs to the past."""
        self.pairs[ride.ride].append(ride.pair)
        self.all.append(ride.pair)
        if told is not None:
            held = told.low <= ride.waited <= told.high
            self.factors[ride.ride] = factor_after(self.factors[ride.ride], held=held)

    def _begin(self, ride: Ride) -> None:
        if self.day == ride.joined.date():
            return
        self.day = ride.joined.date()
        self.prepared.clear()
        self.curves.clear()
        if self.month != ride.joined.month and self.all:
            self.month = ride.joined.month
            self.base = Pairs(self.all, now_ms=ride.at_ms).curve(None, USUAL_CURVE)


def layer_scores(rows: Sequence[Ride], starts: Sequence[datetime], *, end: datetime) -> list[Score]:
    """The layer, told forward in time: of each wait it knows only what had ended before. A score from each start until
    the next."""
    layer, scores = Layer(), [Score() for _ in starts]
    # Its first tellings are only for the factors.
    begin = starts[0] - WARM
    # Waits that have not ended yet, by their ends.
    waiting: list[tuple[int, int, Ride, Range | None]] = []
    for number, ride in enumerate(rows):
        if ride.joined >= end:
            break
        while waiting and waiting[0][0] <= ride.at_ms:
            _, _, ended, told = heappop(waiting)
            layer.learn(ended, told)
        if ride.joined < begin:
            heappush(waiting, (ride.ended_ms, number, ride, None))
            continue
        told = layer.tell(ride)
        heappush(waiting, (ride.ended_ms, number, ride, told))
        if (span := bisect_right(starts, ride.joined)) > 0:
            scores[span - 1].add(told.low, told.high, told.middle, ride.waited)
    return scores


class Table:
    """The reference: quantiles by ride and posted wait, of all waits before; by posted wait alone where a ride has too few."""

    def __init__(self, rows: Sequence[Ride], *, least: int = 20) -> None:
        cells: dict[tuple[str, float], list[float]] = defaultdict(list)
        for ride in rows:
            for key in ((ride.ride, ride.posted), ("", ride.posted), ("", -1.0)):
                cells[key].append(ride.waited)
        self.quantiles = {
            key: tuple(_quantile(sorted(waits), level) for level in LEVELS)
            for key, waits in cells.items()
            if len(waits) >= least
        }

    def tell(self, ride: Ride) -> tuple[float, ...]:
        """Low, middle, high."""
        keys = ((ride.ride, ride.posted), ("", ride.posted), ("", -1.0))
        return next(self.quantiles[key] for key in keys if key in self.quantiles)


def _quantile(ordered: list[float], level: float) -> float:
    at = level * (len(ordered) - 1)
    below = int(at)
    above = min(below + 1, len(ordered) - 1)
    return ordered[below] + (at - below) * (ordered[above] - ordered[below])


def table_score(rows: Sequence[Ride], *, since: datetime, until: datetime) -> Score:
    """The table of all that ended before `since`, on the same waits as `layer_scores`."""
    table, score = Table([ride for ride in rows if ride.joined < since]), Score()
    for ride in _between(rows, since, until):
        low, middle, high = table.tell(ride)
        score.add(low, high, middle, ride.waited)
    return score


def sign_score(rows: Sequence[Ride], *, since: datetime, until: datetime) -> Score:
    """The posted wait, 30 % less or more."""
    score = Score()
    for ride in _between(rows, since, until):
        score.add(0.7 * ride.posted, 1.3 * ride.posted, ride.posted, ride.waited)
    return score


def _between(rows: Sequence[Ride], since: datetime, until: datetime) -> Iterator[Ride]:
    return (ride for ride in rows if since <= ride.joined < until)
