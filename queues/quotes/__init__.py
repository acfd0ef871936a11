"""Quotes: how long a party waits until it is called, as a range that should hold for 80 % of parties. Pure and versioned.

What the commands keep, under the line's lock:
- `flow`, a JSON column of the line: `flow_after_join` at a join and when a party is put back; `flow_after_call` when a waiting
  party is called, or seated without a call; its `coming` by `coming_free`, when a party is called, is seated or gives its table
  back. Nothing else changes it: who leaves, is edited or moved is seen in `State.waiting`.
- `past`, a JSON column of the line, written when it opens: `summary_of(outcomes, ...)` of its venue's last parties, read before
  the lock is taken, and `first_flow(past)` as the flow. Without a venue, or from an older release: `Past()` and `Flow()`.
- a party's `Quote.told`, a JSON column: of the state before it was in line. `flow_after_call` and `Outcome` want it back.

What is shown, everywhere, is what `MODELS[model](state)` says for who would join and who waits, from one version of the line
and with the time of its last change as `now_ms` (queues/waits.py). So a page that is looked at again says the same, until
something moves.
"""

from typing import Protocol

from queues.quotes import floor, pace
from queues.quotes.flow import Flow, flow_after_call, flow_after_join
from queues.quotes.outcomes import Outcome, Told
from queues.quotes.past import Past
from queues.quotes.sizes import MOST_GUESTS, NOBODY, Ahead, ahead_of, class_of
from queues.quotes.summary import first_flow, summary_of
from queues.quotes.tables import Coming, Taken, Turns, coming_free, turns_of
from queues.quotes.values import Quote, State


class Model(Protocol):
    """A version of the rules, prepared for one state."""

    def __init__(self, state: State) -> None: ...

    def quote(self, size: int, ahead: Ahead) -> Quote:
        """For a party of this size behind these."""


MODELS: dict[int, type[Model]] = {
    pace.MODEL: pace.Pace,
    floor.Floor.number: floor.Floor,
    floor.Tables.number: floor.Tables,
}
# The version that new lines quote by. The others stay for parties that were told by them, and for comparisons.
MODEL = floor.Tables.number


def quote(state: State, size: int, ahead: Ahead | None = None, *, model: int = MODEL) -> Quote:
    """For a party of this size with `ahead` waiting before it; None: all who wait, as for who joins now. Raises KeyError for an
    unknown model."""
    return MODELS[model](state).quote(size, state.waiting if ahead is None else ahead)
