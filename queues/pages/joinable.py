"""What a line offers to guests who would join it now: on its join page, and on its venue's page and wall."""

from dataclasses import dataclass
from typing import Any

from queues import rules, selectors
from queues.models import Queue
from queues.pages import labels

CALLED_SHOWN = 6


@dataclass(frozen=True, slots=True, kw_only=True)
class Joinable:
    """`state` is open, paused, over (last entry), full or closed; `left`: how many more guests it takes. The wait is a range, in
    ms."""

    line: Queue
    state: str
    waiting: int
    left: int
    low_ms: int
    high_ms: int

    @classmethod
    def of(cls, line: Queue) -> "Joinable":
        """The line as it is now."""
        there = selectors.occupancy(line.pk)
        low_ms, high_ms = rules.quote_at_end(waiting=there.waiting, being_served=there.called > 0, pace_ms=line.pace_ms)
        left = max(line.max_guests - there.guests, 0)
        takes = "paused" if line.paused else "open" if left else "full"
        state = "closed" if line.is_closed else "over" if line.entry_over else takes
        return cls(line=line, state=state, waiting=there.waiting, left=left, low_ms=low_ms, high_ms=high_ms)

    @property
    def range(self) -> str:
        """The wait in words, in the active language."""
        return labels.wait_range(self.low_ms, self.high_ms)

    @property
    def called(self) -> list[int]:
        """The tickets called, the newest first; no more than the venue's wall has room for."""
        called = self.line.parties.filter(status=rules.CALLED).order_by("-called_at", "-ticket")
        return list(called.values_list("ticket", flat=True)[:CALLED_SHOWN])

    def view(self) -> dict[str, Any]:
        """As JSON for the pages' scripts, under the names of the public snapshot."""
        return {
            "code": self.line.code,
            "name": self.line.event_name,
            "state": self.state,
            "waiting": self.waiting,
            "joinLowMs": self.low_ms,
            "joinHighMs": self.high_ms,
            "called": self.called,
            "hereOnly": self.line.here_only,
        }
