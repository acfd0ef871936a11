"""What a line offers to guests who would join it now: on its join page, and on its venue's page and wall."""

from dataclasses import dataclass
from typing import Any

from core import clock
from core.clock import milliseconds
from queues import rules, selectors
from queues.models import Queue
from queues.pages import labels
from queues.pages.called import Card, cards


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
        if line.wait_until is not None:
            low_ms, high_ms = line.wait_low_ms or 0, line.wait_high_ms or 0
        else:
            low_ms, high_ms = rules.quote_at_end(
                waiting=there.waiting, being_served=there.called > 0, pace_ms=line.pace_ms
            )
        left = max(line.max_guests - there.guests, 0)
        takes = "paused" if line.paused else "open" if left else "full"
        state = "closed" if line.is_closed else "over" if line.entry_over else takes
        return cls(line=line, state=state, waiting=there.waiting, left=left, low_ms=low_ms, high_ms=high_ms)

    @property
    def range(self) -> str:
        """The wait in words, in the active language."""
        return labels.wait_range(self.low_ms, self.high_ms)

    def called(self, names: dict[int, str] | None = None) -> list[Card]:
        """The parties called, as walls show them."""
        called = self.line.parties.filter(status=rules.CALLED).order_by("called_at", "rank", "ticket")
        listed = [
            {"ticket": ticket, "deadline": milliseconds(deadline)}
            for ticket, deadline in called.values_list("ticket", "call_deadline")
        ]
        return cards(listed, now_ms=milliseconds(clock.now()), names=names or {})

    def view(self) -> dict[str, Any]:
        """As JSON for the pages' scripts, under the names of the public snapshot; `called`: newest first; `late`: those of
        them whose time is over."""
        called = self.called()
        return {
            "code": self.line.code,
            "name": self.line.event_name,
            "state": self.state,
            "waiting": self.waiting,
            "joinLowMs": self.low_ms,
            "joinHighMs": self.high_ms,
            "called": [card.ticket for card in called],
            "late": [card.ticket for card in called if card.late],
            "message": self.line.message,
            "hereOnly": self.line.here_only,
            "pauseReason": self.line.pause_reason,
        }
