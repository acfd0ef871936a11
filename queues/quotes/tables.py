"""Tables free and turning: how many are expected to come free by when, for a quote to look up. Pure; minutes unless named ms.

A line's flow keeps this as a few counts, brought up to date when a party is called, is seated or gives its table back, and not by
the clock: so a replay finds what was known, and no quote falls because time passes.
"""

from bisect import insort
from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise
from math import erf, exp, log, sqrt
from statistics import median
from typing import NamedTuple

from queues import turns
from queues.quotes.outcomes import MINUTE_MS
from queues.quotes.sizes import CLASSES, Ahead, class_of

# Counts are kept for so many minutes from now; between them they are straight, after them they go on as they went.
KNOTS = (0, 2, 5, 9, 14, 20, 28, 38, 52, 70, 95, 130)
# A venue whose parties gave back fewer tables lately does not keep its tables here: they would all look free.
LEAST_TURNS = 20
# Bounds of the standard deviation of the logarithm of a turn.
LEAST_SPREAD, MOST_SPREAD = 0.15, 0.6
# A party's first table has turned for so long on average when the next one comes free there: the start of a renewal process.
_LATE = 0.45
# At the tables of which classes a class may sit: its own, and one larger.
MAY_SIT_AT = ((0, 1), (1, 2), (2,))
# Tables of a class come free at least so often, per minute.
SLOWEST = 1e-3
# Which classes of parties may want one of those tables.
RIVALS = tuple(
    tuple(other for other in range(CLASSES) if set(MAY_SIT_AT[other]) & set(MAY_SIT_AT[each]))
    for each in range(CLASSES)
)
# Small, middle, large: a size in each class.
_SIZES = (2, 4, 6)

# By class: how many tables are expected to be free by each of KNOTS, and again after parties that come to sit there.
Coming = tuple[tuple[float, ...], ...]


class Turns(NamedTuple):
    """How long parties sit: by class, and the spread of the logarithm."""

    small: float
    middle: float
    large: float
    spread: float


class Taken(NamedTuple):
    """A table: its seats, and the size of the party that sits there since so many ms; 0: it is free."""

    seats: int
    size: int = 0
    sat_ms: int = 0


def turns_of(past: turns.Turns) -> Turns | None:
    """By the venue's past turns (queues/turns.py: `by_class`); None for a venue that does not keep its tables."""
    if sum(map(len, past.values())) < LEAST_TURNS:
        return None
    small, middle, large = (round(turns.expected_ms(size, past) / MINUTE_MS, 1) for size in _SIZES)
    apart = [
        abs(log(turn / turns.expected_ms(_SIZES[min(each, CLASSES - 1)], past)))
        for each, of_class in past.items()
        for turn in of_class
    ]
    spread = min(max(1.4826 * median(apart), LEAST_SPREAD), MOST_SPREAD)
    return Turns(small, middle, large, round(spread, 3))


def coming_free(tables: Sequence[Taken], called: Iterable[int], expected: Turns) -> Coming:
    """What is to be expected of these tables, when parties of these sizes are called and about to sit down. () where nobody sits:
    tables are not kept today."""
    if not any(table.size for table in tables):
        return ()
    counts = [[0.0] * len(KNOTS) for _ in range(CLASSES)]
    for table in _with_called(tables, called, expected):
        of_class = class_of(table.seats)
        for knot, count in enumerate(_counts(table, of_class, expected)):
            counts[of_class][knot] += count
    return tuple(tuple(round(each, 2) for each in row) for row in counts)


def _with_called(tables: Sequence[Taken], called: Iterable[int], expected: Turns) -> Iterable[Taken]:
    """Each called party takes the smallest free table that it fits, else the one that is next to come free."""
    free = sorted(table for table in tables if not table.size)
    taken = sorted((_left(table, expected), table) for table in tables if table.size)
    for size in called:
        if (fits := next((table for table in free if table.seats >= size), None)) is not None:
            free.remove(fits)
            insort(taken, (float(expected[class_of(size)]), Taken(fits.seats, size)))
        elif (soon := next((each for each in taken if each[1].seats >= size), None)) is not None:
            taken.remove(soon)
            left = soon[0] + expected[class_of(size)]
            insort(taken, (left, Taken(soon[1].seats, size, -int(soon[0] * MINUTE_MS))))
    return [*free, *(table for _, table in taken)]


def _left(table: Taken, expected: Turns) -> float:
    turn = expected[class_of(table.size)]
    return max(turn - table.sat_ms / MINUTE_MS, turn / 10)


def _counts(table: Taken, of_class: int, expected: Turns) -> Iterator[float]:
    """How often this table is expected to be free by each knot: turns are lognormal, who comes to sit there is of its class."""
    spread = expected.spread
    own, next_turn = expected[class_of(table.size) if table.size else of_class], expected[of_class]
    sat = table.sat_ms / MINUTE_MS
    gone = _by(sat, own, spread)
    going_on = next_turn * exp(spread * spread / 2)
    free_by = [
        1.0
        if not table.size
        else 1 - exp(-10 * minute / own)  # far over its turn: nobody knows, but not at once
        if gone > 0.999
        else max(_by(sat + minute, own, spread) - gone, 0.0) / (1 - gone)
        for minute in KNOTS
    ]
    since_free = 0.0
    yield free_by[0]
    for (before, after), (start, end) in zip(pairwise(free_by), pairwise(KNOTS), strict=True):
        since_free += (before + after) / 2 * (end - start)
        yield after + max(since_free / going_on - _LATE * after, 0.0)


def _by(sat: float, turn: float, spread: float) -> float:
    """The share of turns that are over after so many minutes."""
    return 0.5 + 0.5 * erf(log(sat / turn) / spread / sqrt(2)) if sat > 0 else 0.0


class UntilFree:
    """These counts, prepared for many parties."""

    def __init__(self, coming: Coming, leaving: float) -> None:
        self._own = coming
        self._may = [
            [sum(each) for each in zip(*(coming[other] for other in others), strict=True)] for others in MAY_SIT_AT
        ]
        self._leaving = leaving
        # The share of those ahead who still wait at each knot.
        self._staying = [exp(-leaving * minute) for minute in KNOTS]

    def wait(self, row: int, ahead: Ahead) -> tuple[float | None, float | None]:
        """Minutes until a party of this class is to have a table: one of its own class, behind its class; one that it may sit at,
        behind all who may, too. None where the room has no such tables."""
        rivals = sum(ahead[other] for other in RIVALS[row])
        return self._reached(self._own[row], ahead[row]), self._reached(self._may[row], rivals)

    def _reached(self, counts: Sequence[float], ahead: int) -> float | None:
        """When as many tables came free as parties want one before, and one more; those that leave by then want none."""
        if not counts[-1]:
            return None
        before, start = 0.0, 0
        for minute, count, staying in zip(KNOTS, counts, self._staying, strict=True):
            over = count - 1 - ahead * staying
            if over >= 0:
                return start + (minute - start) * before / (before - over) if minute else 0.0
            before, start = over, minute
        rate = max((counts[-1] - counts[-3]) / (KNOTS[-1] - KNOTS[-3]), SLOWEST)
        left = -before / rate
        return start + (log(1 + self._leaving * left) / self._leaving if self._leaving > 1e-9 else left)
