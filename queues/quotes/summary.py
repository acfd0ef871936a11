"""What a venue's outcomes teach for one evening: `summary_of`, when a line opens."""

from collections.abc import Iterable, Sequence
from math import exp
from typing import NamedTuple

from queues.quotes import past as usual
from queues.quotes.floor import PREDICTORS, PREDICTORS_OF_TABLES, Tables, joined, with_tables
from queues.quotes.flow import ALL, AT_ONCE_MIN, LONGEST_GAP_MIN, Flow
from queues.quotes.outcomes import MINUTE_MS, Outcome
from queues.quotes.past import HOUR_MS, SPAN_MS, SPANS, Past
from queues.quotes.ranges import MOST_PAIRS, Pair, Pairs, scaled
from queues.quotes.sizes import class_of
from queues.quotes.tables import Turns

# How many outcomes are looked at, the newest: read no more from the database.
MOST_OUTCOMES = 1_500
DAY_MIN, WEEK_MIN = 1_440, 10_080
# Kernel weights of the gaps: hours of the day, days of age; another weekday counts as this share.
NEAR_HOURS, NEAR_DAYS, OTHER_WEEKDAY = 1.5, 60.0, 0.4
# The gaps of a usual room count like this many calls, beside those seen.
USUAL_CALLS = 6.0
# The usual weights of the predictors count like this many parties, beside those seen.
USUAL_PARTIES = 8.0
# The usual constant counts like this many: a venue's own may differ more.
USUAL_CONSTANT = 1.0
# The usual rate of leaving counts like this many waited minutes, beside those seen.
USUAL_MINUTES = 500.0


def first_flow(past: Past) -> Flow:
    """The flow of a line that opens."""
    return Flow(factor=past.factor)


def summary_of(
    outcomes: Iterable[Outcome],
    *,
    opens_ms: int,
    minute: int,
    last: Flow | None = None,
    turns: Turns | None = None,
    model: int = Tables.number,
) -> Past:
    """What these outcomes of a venue say of the line that opens at `opens_ms`, which is `minute` of the week in the venue's zone,
    and quotes by this model. `turns`: where the venue keeps its tables.

    Give the newest MOST_OUTCOMES in any order, and the `last` flow of the venue's line before. Costs some 50 ms: call it before
    the line's lock is taken.
    """
    factor = last.factor if last else 1.0
    seen = sorted(outcomes, key=lambda each: each.joined_ms)[-MOST_OUTCOMES:]
    if not seen:
        return Past(from_ms=opens_ms, factor=factor, turns=turns)
    called = [each for each in seen if not each.left]
    kinds = {PREDICTORS + 2, PREDICTORS_OF_TABLES + 2}
    fitted = [each for each in called if each.told and len(each.told.inputs) in kinds and not _at_once(each)]
    *weights, constant = _weights([(each, _found(each)) for each in fitted], usual.USUAL_WEIGHTS, opens_ms)
    found, joins = _found, (tuple(weights), constant)
    of_tables = Past().of_tables
    if turns:
        of_tables = _weights([(each, _with_tables(each)) for each in fitted], usual.USUAL_WEIGHTS_OF_TABLES, opens_ms)
        if model == Tables.number:
            found, joins = _with_tables, (of_tables[:-1], of_tables[-1])
    spans = [_Moment(opens_ms, (minute + span * SPAN_MS // MINUTE_MS) % WEEK_MIN) for span in range(SPANS)]
    gaps = _gaps(called)
    pairs = Pairs(
        (
            Pair(each.joined_ms, each.minute % DAY_MIN / 60, joined(found(each), *joins), each.waited_min)
            for each in fitted[-MOST_PAIRS:]
        ),
        now_ms=opens_ms,
    )
    return Past(
        from_ms=opens_ms,
        gaps_min=tuple(_mean_gaps(gaps, moment) for moment in spans),
        per_place_min=tuple(_per_place(fitted, moment) for moment in spans),
        leaving=_leaving(seen),
        weights=tuple(weights),
        constant=constant,
        curves=tuple(pairs.curve(moment.minute % DAY_MIN / 60, usual.USUAL_CURVE) for moment in spans),
        factor=factor,
        outcomes=len(called),
        turns=turns,
        of_tables=of_tables,
    )


class _Moment(NamedTuple):
    """When something is asked: its time, and its minute of the week in the venue's zone."""

    at_ms: int
    minute: int

    def weight(self, at_ms: int, minute: int) -> float:
        """How much what happened then counts for this moment."""
        apart = abs(self.minute - minute) % DAY_MIN
        hours = min(apart, DAY_MIN - apart) / 60
        same_day = self.minute // DAY_MIN == minute // DAY_MIN
        age = max(self.at_ms - at_ms, 0) / (24 * HOUR_MS)
        return exp(-hours / NEAR_HOURS - age / NEAR_DAYS) * (1.0 if same_day else OTHER_WEEKDAY)


class _Gap(NamedTuple):
    at_ms: int
    minute: int
    row: int
    length: float


def _at_once(outcome: Outcome) -> bool:
    """Whether it came to an empty line and was called soon: a table was free."""
    alone = outcome.told is not None and outcome.told.inputs[-1:] == (1,)
    return alone and outcome.waited_min < AT_ONCE_MIN


def _found(outcome: Outcome) -> tuple[float, ...]:
    return outcome.told.inputs[:PREDICTORS] if outcome.told else ()


def _with_tables(outcome: Outcome) -> tuple[float, ...]:
    """A party that was told without tables counts as if they said what the rates of calls did."""
    known = outcome.told is not None and len(outcome.told.inputs) == PREDICTORS_OF_TABLES + 2
    return outcome.told.inputs[:PREDICTORS_OF_TABLES] if outcome.told and known else with_tables(_found(outcome))


def _gaps(called: Sequence[Outcome]) -> list[_Gap]:
    """The gaps between calls of each line, counted as `flow_after_call` does."""
    gaps: list[_Gap] = []
    last: dict[tuple[object, int], int] = {}
    for each in sorted(called, key=lambda each: each.ended_ms):
        for row in (class_of(each.size), ALL):
            before = last.get((each.line, row), 0)
            began = max(before, each.joined_ms)
            length = (each.ended_ms - began) / MINUTE_MS
            last[each.line, row] = each.ended_ms
            if each.joined_ms < before or length >= AT_ONCE_MIN:
                minute = (each.minute + int(each.waited_min)) % WEEK_MIN
                gaps.append(_Gap(each.ended_ms, minute, row, min(max(length, 0.0), LONGEST_GAP_MIN)))
    return gaps


def _mean_gaps(gaps: Sequence[_Gap], moment: _Moment) -> tuple[float, ...]:
    """Minutes between calls, by row: near this moment; then in all of the venue's past; then in a usual room."""
    near, whole = [[0.0, 0.0] for _ in usual.USUAL_GAPS], [[0.0, 0.0] for _ in usual.USUAL_GAPS]
    for gap in gaps:
        for sums, weight in ((near, moment.weight(gap.at_ms, gap.minute)), (whole, 1.0)):
            sums[gap.row][0] += weight * gap.length
            sums[gap.row][1] += weight
    found = []
    for (near_min, near_calls), (all_min, all_calls), usual_gap in zip(near, whole, usual.USUAL_GAPS, strict=True):
        mean = (all_min + USUAL_CALLS * usual_gap) / (all_calls + USUAL_CALLS)
        found.append(round((near_min + USUAL_CALLS * mean) / (near_calls + USUAL_CALLS), 3))
    return tuple(found)


def _per_place(fitted: Sequence[Outcome], moment: _Moment) -> tuple[float | None, ...]:
    """Minutes waited per place at the join, near this moment, by row; None: no party of it yet."""
    waited, places = [0.0] * (ALL + 1), [0.0] * (ALL + 1)
    for each in fitted:
        weight = moment.weight(each.joined_ms, each.minute)
        of_class, of_all = each.told.inputs[-2:] if each.told else (1.0, 1.0)
        for row, count in ((class_of(each.size), of_class), (ALL, of_all)):
            waited[row] += weight * each.waited_min
            places[row] += weight * count
    return tuple(round(w / p, 3) if p > 0.01 else None for w, p in zip(waited, places, strict=True))


def _leaving(seen: Sequence[Outcome]) -> float:
    left = sum(each.left for each in seen)
    waited = sum(each.waited_min for each in seen)
    return round((left + usual.USUAL_LEAVING * USUAL_MINUTES) / (waited + USUAL_MINUTES), 5)


def _weights(
    parties: Sequence[tuple[Outcome, tuple[float, ...]]], usual_weights: Sequence[float], now_ms: int
) -> tuple[float, ...]:
    """Weights of these predictors of each party, none negative, and last the constant: least squares of logarithms, drawn to the
    usual weights."""
    drawn_to = [*usual_weights, 0.0]
    size = len(drawn_to)
    squares, products = [[0.0] * size for _ in range(size)], [0.0] * size
    for each, found in parties:
        weight = exp(min(each.joined_ms - now_ms, 0) / (NEAR_DAYS * 24 * HOUR_MS))
        values = [*(scaled(value) for value in found), 1.0]
        seen = scaled(each.waited_min)
        for i in range(size):
            heavy = weight * values[i]
            products[i] += heavy * seen
            for j in range(i, size):
                squares[i][j] += heavy * values[j]
    for i in range(size):
        for j in range(i):
            squares[i][j] = squares[j][i]
        drawn = USUAL_PARTIES if i < size - 1 else USUAL_CONSTANT
        squares[i][i] += drawn
        products[i] += drawn * drawn_to[i]
    return tuple(round(each, 4) for each in _not_negative(squares, products))


def _not_negative(squares: list[list[float]], products: list[float]) -> list[float]:
    """The solution of `squares` times it = `products`, without predictors whose weight would be negative: the most negative
    goes first. The last is the constant, which may be."""
    constant = len(products) - 1
    kept = list(range(len(products)))
    while True:
        solved = _solved([[squares[i][j] for j in kept] for i in kept], [products[i] for i in kept])
        weights = dict(zip(kept, solved, strict=True))
        least = min((each for each in kept if each != constant), key=lambda each: weights[each], default=constant)
        if least == constant or weights[least] >= 0:
            return [weights.get(each, 0.0) for each in range(len(products))]
        kept.remove(least)


def _solved(squares: list[list[float]], products: list[float]) -> list[float]:
    """By elimination; the diagonal is heavy enough to need no pivots."""
    rows = [[*row, product] for row, product in zip(squares, products, strict=True)]
    for i, pivot in enumerate(rows):
        for row in rows[i + 1 :]:
            share = row[i] / pivot[i]
            for j in range(i, len(pivot)):
                row[j] -= share * pivot[j]
    found = [0.0] * len(rows)
    for i in reversed(range(len(rows))):
        rest = rows[i][-1] - sum(rows[i][j] * found[j] for j in range(i + 1, len(rows)))
        found[i] = rest / rows[i][i]
    return found
