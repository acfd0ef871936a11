"""queues/quotes/ranges.py and limits.py: ranges that hold as often as they should, in numbers that people say."""

from itertools import pairwise
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from queues import quotes
from queues.quotes import limits, ranges
from queues.quotes.ranges import Curve, Pair, Pairs

DAY_MS = 86_400_000
BASE = Curve.constant(-0.5, 0.0, 0.5)
MINUTES = st.floats(0, 2_000)


def pairs(random: Random, many: int, *, times: float = 1.0, spread: float = 0.3, hour: float = 19.0) -> list[Pair]:
    """What was foretold, and what came: `times` as much, spread around it."""
    made = []
    for number in range(many):
        foretold = random.uniform(5, 60)
        waited = foretold * times * 2.718 ** random.gauss(0, spread)
        made.append(Pair(number * DAY_MS // many, hour, foretold, waited))
    return made


# ------------------------------------------------------------------------------------------------------------------ curves
def test_four_of_five_waits_of_the_same_kind_lie_in_the_range() -> None:
    random = Random(1)
    curve = Pairs(pairs(random, 1_200), now_ms=DAY_MS).curve(19.0, BASE)
    held = [
        low <= pair.waited <= high for pair in pairs(random, 2_000) for low, _, high in [curve.range_of(pair.foretold)]
    ]
    assert 0.77 < sum(held) / len(held) < 0.83


def test_the_middle_is_what_usually_came() -> None:
    curve = Pairs(pairs(Random(2), 1_200, times=1.5), now_ms=DAY_MS).curve(19.0, BASE)
    assert curve.range_of(30).middle == pytest.approx(45, rel=0.08)


def test_without_a_past_the_range_is_the_base() -> None:
    assert Pairs([], now_ms=0).curve(19.0, BASE) == BASE


def test_waits_at_other_hours_count_less() -> None:
    random = Random(3)
    seen = pairs(random, 300, hour=12.0) + pairs(random, 300, times=2.0, hour=20.0)
    past = Pairs(seen, now_ms=DAY_MS)
    assert past.curve(12.0, BASE).range_of(30).middle < 35 < 50 < past.curve(20.0, BASE).range_of(30).middle


def test_what_comes_later_is_not_looked_at() -> None:
    assert Pairs(pairs(Random(4), 50), now_ms=-1).curve(19.0, BASE) == BASE


@settings(deadline=None, max_examples=50)
@given(
    seen=st.lists(st.builds(Pair, st.integers(0, DAY_MS), st.floats(0, 24), MINUTES, MINUTES), max_size=40),
    factor=st.floats(ranges.LEAST_FACTOR, ranges.MOST_FACTOR),
    figures=st.lists(st.floats(0, 100_000), min_size=2, max_size=6).map(sorted),
)
def test_a_larger_figure_never_gives_a_smaller_end(seen: list[Pair], factor: float, figures: list[float]) -> None:
    curve = Pairs(seen, now_ms=DAY_MS).curve(19.0, BASE).widened(factor)
    for one, other in pairwise(curve.range_of(figure) for figure in figures):
        assert 0 <= one.low <= one.middle <= one.high
        assert all(after >= before - 1e-9 for before, after in zip(one, other, strict=True))


# ------------------------------------------------------------------------------------------------------------------ factor
@pytest.mark.parametrize("times", [0.4, 1.0, 2.0])
def test_the_factor_finds_the_width_that_holds_for_four_of_five(times: float) -> None:
    """Waits are spread `times` as far as the curve says."""
    random, factor, held = Random(5), 1.0, []
    for _ in range(4_000):
        low, _, high = BASE.widened(factor).range_of(30)
        waited = ranges.minutes(ranges.scaled(30) + random.gauss(0, 0.39 * times))
        held.append(low <= waited <= high)
        factor = ranges.factor_after(factor, held=held[-1])
    assert 0.77 < sum(held[1_000:]) / 3_000 < 0.83
    assert factor == pytest.approx(times, rel=0.35) or factor == ranges.LEAST_FACTOR


# ------------------------------------------------------------------------------------------------------------ what is said
@pytest.mark.parametrize(
    "minutes, said",
    [(0, 0), (2.4, 0), (2.6, 5), (31, 30), (58, 60), (66, 60), (69, 75), (170, 165), (200, 210), (9e9, 720)],
)
def test_minutes_are_said_in_steps(minutes: float, said: int) -> None:
    assert limits.said_min(minutes) == said


@given(low=MINUTES, wider=MINUTES, more=st.tuples(MINUTES, MINUTES), most=st.integers(0, limits.LONGEST_MS))
def test_ranges_grow_with_their_ends_and_end_by_closing(
    low: float, wider: float, more: tuple[float, float], most: int
) -> None:
    one = limits.range_said(low, low + wider, most_ms=most)
    other = limits.range_said(low + more[0], max(low + wider + more[1], low + more[0]), most_ms=most)
    assert 0 <= one[0] <= one[1] <= most
    assert one[0] <= other[0]
    assert one[1] <= other[1]


@given(low=st.floats(0, 700), wider=st.floats(0, 700))
def test_no_range_is_a_single_number(low: float, wider: float) -> None:
    told = limits.range_said(low, low + wider, most_ms=limits.LONGEST_MS)
    assert told[0] < told[1] or told[1] == limits.LONGEST_MS


def test_before_closing_the_last_minutes_are_all_that_is_told() -> None:
    minute = 60_000
    assert limits.range_said(30, 50, most_ms=42 * minute) == (30 * minute, 40 * minute)
    assert limits.range_said(30, 50, most_ms=3 * minute) == (3 * minute, 3 * minute)
    assert limits.range_said(30, 50, most_ms=0) == (0, 0)


def test_the_width_that_held_goes_on_with_the_next_line() -> None:
    past = quotes.summary_of([], opens_ms=DAY_MS, minute=0, last=quotes.Flow(factor=1.7))
    assert quotes.first_flow(past).factor == 1.7
