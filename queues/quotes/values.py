"""What quotes are made of and what they say: plain values, without database or clock.

All times are ms since 1970 by the line's own clock (queues/replayed.py: `line_time`), so that a replayed line is quoted like any
other.
"""

from dataclasses import dataclass, field

from queues.quotes.flow import Flow
from queues.quotes.outcomes import Told
from queues.quotes.past import Past
from queues.quotes.sizes import NOBODY, Ahead


@dataclass(frozen=True, slots=True)
class State:
    """What a quote depends on, of one version of a line: the same state gives the same quote everywhere.

    `now_ms`: when the line last changed (its row's `at`), not the reader's clock. `waiting`: all waiting parties, counted by
    class of size (`ahead_of`). `called`: parties called and not seated. `closing_ms`: when the line closes; None: by nothing
    but its age.
    """

    now_ms: int
    flow: Flow = field(default_factory=Flow)
    past: Past = field(default_factory=Past)
    waiting: Ahead = NOBODY
    called: int = 0
    closing_ms: int | None = None


@dataclass(frozen=True, slots=True)
class Quote:
    """A wait from now until the party is called, in ms: the range that should hold for 80 % of parties, and the middle of what is
    expected.

    `known` is False while there is too little to go by: the numbers are those of a usual room, and pages say that they cannot say
    yet (decision 0089). `inputs` are the figures that the model made it of; keep them with the party.
    """

    low_ms: int
    high_ms: int
    expected_ms: int
    model: int
    known: bool = True
    inputs: tuple[float, ...] = ()

    @property
    def told(self) -> Told:
        """What to keep with a party that joins now."""
        return Told(self.low_ms, self.high_ms, self.expected_ms, self.model, self.inputs)
