"""Quotes: how long a party waits until it is called, as a range that should hold for 80 % of parties. Pure and versioned.

What the commands keep, under the line's lock:
- `flow`, a JSON column of the line: `flow_after_join` at a join and when a party is put back; `flow_after_call` when a waiting
  party is called, or seated without a call. Nothing else changes it: who leaves, is edited or moved is seen in `State.waiting`.
- `past`, a JSON column of the line, written when it opens: `summary_of(outcomes, ...)` of its venue's last parties, read before
  the lock is taken, and `first_flow(past)` as the flow. A line without a venue, or of before, has `Past()` and `Flow()`.
- a party's `Quote.told`, a JSON column: of the state before it was in line. `flow_after_call` and `Outcome` want it back.

What is shown, everywhere: `quote(state, size)` for who would join, `quotes_for_line(state, sizes)` for who waits, from one row,
with the row's `at` as `now_ms`. So a page that is looked at again says the same, until something moves.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Protocol

from queues.quotes import floor, pace
from queues.quotes.flow import Flow, flow_after_call, flow_after_join
from queues.quotes.outcomes import Outcome, Told
from queues.quotes.past import Past
from queues.quotes.sizes import CLASSES, MOST_GUESTS, NOBODY, Ahead, ahead_of, class_of
from queues.quotes.summary import first_flow, summary_of
from queues.quotes.values import Quote, State

__all__ = [
    "MODEL", "MODELS", "MOST_GUESTS", "NOBODY", "Ahead", "Flow", "Outcome", "Past", "Quote", "State", "Told", "ahead_of",
    "class_of", "first_flow", "flow_after_call", "flow_after_join", "quote", "quotes_for_line", "summary_of",
]  # fmt: skip


class Model(Protocol):
    """A version of the rules, prepared for one state."""

    def __init__(self, state: State) -> None: ...

    def quote(self, size: int, ahead: Ahead) -> Quote:
        """For a party of this size behind these."""


MODELS: dict[int, type[Model]] = {pace.MODEL: pace.Pace, floor.MODEL: floor.Floor}
# What is told. The others stay, for parties that were told by them and to compare.
MODEL = floor.MODEL


def quote(state: State, size: int, ahead: Ahead | None = None, *, model: int = MODEL) -> Quote:
    """For a party of this size with `ahead` waiting before it; None: all who wait, as for who joins now. Raises KeyError for an
    unknown model."""
    return _quote(MODELS[model](state), state, size, state.waiting if ahead is None else ahead)


def quotes_for_line(state: State, sizes: Sequence[int], *, model: int = MODEL) -> list[Quote]:
    """For all who wait, by their sizes in the line's order; what `quote` says for each.

    Of each class, neighbours with the same quote are found by halving: a long line costs little more than its list.
    """
    prepared = MODELS[model](state)
    aheads: list[Ahead] = []
    of_class: list[list[int]] = [[] for _ in range(CLASSES)]
    counts = [0] * CLASSES
    for place, size in enumerate(sizes):
        row = class_of(size)
        aheads.append((counts[0], counts[1], counts[2]))
        of_class[row].append(place)
        counts[row] += 1
    found: dict[int, Quote] = {}
    for places in of_class:
        if places:
            _fill(found, places, lambda place: _quote(prepared, state, sizes[place], aheads[place]))
    return [found[place] for place in range(len(sizes))]


def _quote(prepared: Model, state: State, size: int, ahead: Ahead) -> Quote:
    """The model's, or what a host set for the end of the line: in its share for who stands before the end."""
    found = prepared.quote(size, ahead)
    if state.by_hand is None:
        return found
    share = (sum(ahead) + 1) / (sum(state.waiting) + 1)
    low, high = state.by_hand if share >= 1 else (round(each * share) for each in state.by_hand)
    return replace(found, low_ms=low, high_ms=high, expected_ms=(low + high) // 2, known=True)


def _fill(found: dict[int, Quote], places: Sequence[int], ask: Callable[[int], Quote]) -> None:
    """Asks for the first and the last of these places, and for those between only where the two differ: quotes never
    fall from place to place. Their `inputs` are those of a neighbour."""
    spans = [(0, len(places) - 1)]
    for each in spans[0]:
        found[places[each]] = ask(places[each])
    while spans:
        first, last = spans.pop()
        one, other = found[places[first]], found[places[last]]
        if same(one, other):
            found.update(dict.fromkeys(places[first + 1 : last], one))
        elif last - first > 1:
            half = (first + last) // 2
            found[places[half]] = ask(places[half])
            spans += [(first, half), (half, last)]


def same(one: Quote, other: Quote) -> bool:
    """Whether they tell the same, whatever they were made from."""
    return (one.low_ms, one.high_ms, one.expected_ms) == (other.low_ms, other.high_ms, other.expected_ms)
