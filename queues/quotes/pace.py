"""Model 1, older than fitted quotes: parties ahead times the running pace, 30 % less or more."""

from queues import rules
from queues.quotes.sizes import Ahead
from queues.quotes.values import Quote, State

MODEL = 1


class Pace:
    """One state, prepared for many quotes."""

    def __init__(self, state: State) -> None:
        self.state = state

    def quote(self, size: int, ahead: Ahead) -> Quote:
        """The same for any size; all called parties count as one ahead (queues/rules.py: `quote_ms`). Always "known"."""
        parties, pace_ms = sum(ahead) + (self.state.called > 0), self.state.flow.pace_ms
        low, high = rules.quote_ms(ahead=parties, pace_ms=pace_ms)
        return Quote(low, high, rules.expected_wait_ms(ahead=parties, pace_ms=pace_ms), MODEL)
