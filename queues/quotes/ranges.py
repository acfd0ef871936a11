"""The layer that makes ranges: from what one figure of a wait foretold in the past and what came, the range around the next one.

It knows nothing of lines: the figure may be a model's or a posted one. Nearby pairs of the past count most (kernel weights on the
figure, the hour and the age), their quantiles of log((waited + 6) / (foretold + 6)) are the range, and `factor_after` widens or
narrows it until it holds as often as it should (adaptive conformal inference, Gibbs and Candès 2021). All waits in minutes.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import accumulate
from math import exp, log
from operator import mul
from typing import NamedTuple

# How often a range should hold, and the quantiles of its ends and its middle.
COVERAGE = 0.8
LEVELS = (0.1, 0.5, 0.9)
# Waits near 0 differ by minutes, long ones by their share: this many minutes are where it changes.
OFFSET_MIN = 6.0
# Of the kernel weights: logarithm of the figure, hours of the day, days.
NEAR, NEAR_HOURS, NEAR_DAYS = 0.25, 2.0, 300.0
# Only so many pairs, the newest, are looked at.
MOST_PAIRS = 1_200
# The base counts as many pairs as this.
BASE_PAIRS = 2.0
# Curves hold their quantiles at these figures; between them they are straight.
KNOT_STEP, KNOTS = 0.2, 19
# How fast the factor moves, and its bounds.
FACTOR_STEP, LEAST_FACTOR, MOST_FACTOR = 0.02, 0.4, 3.0


def scaled(minutes: float) -> float:
    """The scale that everything here is computed on."""
    return log(max(minutes, 0.0) + OFFSET_MIN)


def minutes(value: float) -> float:
    """Back from that scale, never negative."""
    return max(exp(min(value, 12.0)) - OFFSET_MIN, 0.0)


_FIRST_KNOT = scaled(0)


class Pair(NamedTuple):
    """A figure of the past and what came of it; `hour` of the day, 0 to 24, when it was told."""

    at_ms: int
    hour: float
    foretold: float
    waited: float


class Range(NamedTuple):
    """In minutes."""

    low: float
    middle: float
    high: float


@dataclass(frozen=True, slots=True)
class Curve:
    """The scaled ends and middle of the range at each knot, none falling from knot to knot."""

    low: tuple[float, ...]
    middle: tuple[float, ...]
    high: tuple[float, ...]

    @classmethod
    def constant(cls, low: float, middle: float, high: float) -> "Curve":
        """The same three logarithms of a ratio for all figures."""
        low_, middle_, high_ = (
            tuple(round(_FIRST_KNOT + KNOT_STEP * knot + ratio, 3) for knot in range(KNOTS))
            for ratio in (low, middle, high)
        )
        return cls(low_, middle_, high_)

    @classmethod
    def from_json(cls, stored: Sequence[Sequence[float]]) -> "Curve":
        """As `as_json` gives it."""
        low, middle, high = (tuple(each) for each in stored)
        return cls(low, middle, high)

    def as_json(self) -> list[list[float]]:
        """Three lists of numbers with three decimals."""
        return [list(self.low), list(self.middle), list(self.high)]

    def widened(self, factor: float) -> "Curve":
        """The curve with its ends `factor` times as far from the middle."""
        low, high = (
            accumulate((each + factor * (end - each) for each, end in zip(self.middle, ends, strict=True)), max)
            for ends in (self.low, self.high)
        )
        return Curve(tuple(low), self.middle, tuple(high))

    def range_of(self, foretold: float) -> Range:
        """The range around this figure. A larger figure never gives a smaller end."""
        at = (scaled(foretold) - _FIRST_KNOT) / KNOT_STEP
        low, middle, high = (minutes(_at(values, at)) for values in (self.low, self.middle, self.high))
        return Range(min(low, middle), middle, max(high, middle))


def _at(values: tuple[float, ...], at: float) -> float:
    knot = min(int(at), KNOTS - 2)
    if at >= KNOTS - 1:
        return values[-1] + (at - (KNOTS - 1)) * KNOT_STEP
    return values[knot] + (at - knot) * (values[knot + 1] - values[knot])


class Pairs:
    """Pairs of the past, prepared for `curve`: give them in any order."""

    def __init__(self, pairs: Iterable[Pair], *, now_ms: int) -> None:
        newest = sorted(pairs, key=lambda pair: pair.at_ms)[-MOST_PAIRS:]
        ratios = sorted((scaled(pair.waited) - scaled(pair.foretold), pair) for pair in newest if pair.at_ms <= now_ms)
        self._ratios = [ratio for ratio, _ in ratios]
        self._hours = [pair.hour for _, pair in ratios]
        self._ages = [exp((pair.at_ms - now_ms) / (NEAR_DAYS * 86_400_000)) for _, pair in ratios]
        at = [(scaled(pair.foretold) - _FIRST_KNOT) / KNOT_STEP for _, pair in ratios]
        self._near = [[exp(-abs(each - knot) * KNOT_STEP / NEAR) for each in at] for knot in range(KNOTS)]

    def curve(self, hour: float | None, base: Curve) -> Curve:
        """The curve for this hour of the day, or for the whole of it; `base` where there are few pairs."""
        weights = self._ages
        if hour is not None:
            near_hours = (exp(-_hours_between(each, hour) / NEAR_HOURS) for each in self._hours)
            weights = list(map(mul, weights, near_hours))
        ends: list[list[float]] = [[], [], []]
        for knot, near in enumerate(self._near):
            sums = list(accumulate(map(mul, weights, near)))
            total = sums[-1] if sums else 0.0
            place = _FIRST_KNOT + KNOT_STEP * knot
            for end, level, usual in zip(ends, LEVELS, (base.low, base.middle, base.high), strict=True):
                seen = place + _quantile(self._ratios, sums, level) if total else 0.0
                value = (total * seen + BASE_PAIRS * usual[knot]) / (total + BASE_PAIRS)
                end.append(round(max(value, end[-1] if end else value), 3))
        return Curve(tuple(ends[0]), tuple(ends[1]), tuple(ends[2]))


def _hours_between(one: float, other: float) -> float:
    apart = abs(one - other) % 24
    return min(apart, 24 - apart)


def _quantile(values: list[float], sums: list[float], level: float) -> float:
    """Of sorted values with these running sums of weights: the value up to which `level` of the weight lies."""
    wanted = level * sums[-1]
    low, high = 0, len(sums) - 1
    while low < high:
        half = (low + high) // 2
        low, high = (low, half) if sums[half] >= wanted else (half + 1, high)
    if low == 0:
        return values[0]
    # Straight between the two neighbours, so that few pairs do not make steps.
    share = (wanted - sums[low - 1]) / (sums[low] - sums[low - 1] or 1.0)
    return values[low - 1] + share * (values[low] - values[low - 1])


def factor_after(factor: float, *, held: bool) -> float:
    """Wider after a miss, a little narrower after a hit: in the long run ranges hold for COVERAGE of all, whatever changes."""
    moved = factor * exp(FACTOR_STEP * (COVERAGE - 1 if held else COVERAGE))
    return min(max(moved, LEAST_FACTOR), MOST_FACTOR)
