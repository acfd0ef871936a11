"""Models 2 and 3: predictors of the wait by size of party, joined by weights that the venue's past has taught, and the range
around it.

The predictors are those of the literature: the places ahead over the rate of calls, with parties that leave (Whitt 1999: the sum
of 1 / (rate + i * leaving)), among parties of the own class and among all; the waits of those called last, per place (delay
history: Ibrahim and Whitt 2009); and the venue's waits per place at this hour. Their logarithms are joined linearly (as
Q-Lasso joins them: Ang et al. 2016), which keeps the quote rising with each of them. Model 3 has two more where a venue keeps its
tables: when those that are free and turning will do (tables.py, decision 0089); elsewhere it says what model 2 says.
"""

from math import log

from queues.quotes import limits
from queues.quotes.flow import ALL
from queues.quotes.outcomes import MINUTE_MS
from queues.quotes.ranges import Curve, minutes, scaled
from queues.quotes.sizes import Ahead, class_of
from queues.quotes.tables import UntilFree
from queues.quotes.values import Quote, State

# A venue's usual gap counts like this many calls of today; that of a usual room like half as many.
PRIOR_CALLS = 6.0
# Enough to go by: so many calls today or parties in the past.
ENOUGH = 3
# No gap between calls is shorter, in minutes.
SHORTEST_GAP = 1 / 60
PREDICTORS = 6
# Of model 3, where tables are known.
PREDICTORS_OF_TABLES = PREDICTORS + 2


class Floor:
    """Model 2: one state, prepared for many quotes."""

    number = 2

    def __init__(self, state: State) -> None:
        flow, past = state.flow, state.past
        self.state = state
        # The hour of the last call, not of now: a quote must not fall because time passes.
        moment = flow.moved_ms or past.from_ms
        usual = past.gaps_min[past.span(moment, len(past.gaps_min))]
        self.gaps = [_gap(state, row, usual[row]) for row in range(ALL + 1)]
        self.now = flow.per_place_min
        self.usual = past.per_place_min[past.span(moment, len(past.per_place_min))]
        curve = past.curves[past.span(moment, len(past.curves))]
        self.curve: Curve = curve.widened(flow.factor)
        self.most_ms = limits.most_of(state.now_ms, state.closing_ms)
        self.known = past.outcomes + flow.seen >= ENOUGH

    def quote(self, size: int, ahead: Ahead) -> Quote:
        """For a party of this size behind these."""
        row, past = class_of(size), self.state.past
        places, of_all = ahead[row] + 1, sum(ahead) + 1
        found = (
            wait(places, self.gaps[row], past.leaving),
            wait(of_all, self.gaps[ALL], past.leaving),
            *(
                self._by_places(figures, each, count, self.gaps[each])
                for figures in (self.now, self.usual)
                for each, count in ((row, places), (ALL, of_all))
            ),
        )
        found, weights, constant = self._more(found, size, ahead)
        foretold = joined(found, weights, constant)
        low, middle, high = self.curve.range_of(foretold)
        # The first of a line may find a free table at any moment, so its range begins at 0: on the join page and on its ticket.
        told = limits.range_said(low if any(ahead) else 0.0, high, most_ms=self.most_ms)
        # The first place is known to be near; how near the others are, only calls or a past can say.
        known = self.known or not any(ahead)
        expected = min(max(round(middle) * MINUTE_MS, told[0]), told[1])
        return Quote(*told, expected, self.number, known, (*found, places, of_all))

    def _more(
        self, found: tuple[float, ...], size: int, ahead: Ahead
    ) -> tuple[tuple[float, ...], tuple[float, ...], float]:
        """All predictors, their weights and the constant."""
        return found, self.state.past.weights, self.state.past.constant

    def _by_places(self, figures: tuple[float | None, ...], row: int, places: int, gap: float) -> float:
        per_place = figures[row]
        return places * (gap if per_place is None else per_place)


class Tables(Floor):
    """Model 3."""

    number = 3

    def __init__(self, state: State) -> None:
        super().__init__(state)
        known = state.flow.coming and state.past.turns is not None
        self.tables = UntilFree(state.flow.coming, state.past.leaving) if known else None

    def _more(
        self, found: tuple[float, ...], size: int, ahead: Ahead
    ) -> tuple[tuple[float, ...], tuple[float, ...], float]:
        if self.tables is None:
            return super()._more(found, size, ahead)
        joins = self.state.past.of_tables
        return with_tables(found, *self.tables.wait(class_of(size), ahead)), joins[:-1], joins[-1]


def with_tables(found: tuple[float, ...], own: float | None = None, may: float | None = None) -> tuple[float, ...]:
    """Predictors with the two of tables. Where those are not known, the rates of calls stand for them."""
    return (*found, found[0] if own is None else own, found[1] if may is None else may)


def wait(places: int, gap_min: float, leaving: float) -> float:
    """Minutes until so many parties are called or have left, one call each `gap_min`: the sum of 1 / (rate + i * leaving) for i
    under `places`, as an integral, so that a long line costs no more than a short one."""
    rate = max(1 / gap_min, leaving)
    if leaving * gap_min < 1e-9:
        return places * gap_min
    return log((rate + (places - 0.5) * leaving) / (rate - 0.5 * leaving)) / leaving


def joined(found: tuple[float, ...], weights: tuple[float, ...], constant: float) -> float:
    """What the predictors foretell together, in minutes."""
    return minutes(constant + sum(weight * scaled(each) for weight, each in zip(weights, found, strict=True)))


def _gap(state: State, row: int, usual: float) -> float:
    """Minutes between two calls of this row: today's, with the usual gap as a few calls more. The present gap counts, too, once
    it is longer than usual."""
    flow, past = state.flow, state.past
    prior = PRIOR_CALLS if past.outcomes >= ENOUGH else PRIOR_CALLS / 2
    waiting = sum(state.waiting) if row == ALL else state.waiting[row]
    going_on = max(state.now_ms - flow.since_ms[row], 0) / MINUTE_MS if waiting and flow.since_ms[row] else 0.0
    seen = flow.busy_min[row] + max(going_on - usual, 0.0)
    return max((prior * usual + seen) / (prior + flow.calls[row]), SHORTEST_GAP)
