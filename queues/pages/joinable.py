"""What a line offers to guests who would join it now: on its join page, and on its venue's page and wall."""

from dataclasses import dataclass
from typing import Any

import orjson

from core import clock
from core.clock import milliseconds
from queues import rules
from queues.models import Queue
from queues.occupancy import occupancy
from queues.pages import labels
from queues.pages.called import Card, cards


@dataclass(frozen=True, slots=True, kw_only=True)
class Joinable:
    """`state` is open, paused, over (last entry), full or closed; `left`: how many more guests it takes. The wait is a range in
    ms, that of a party of two, and not told while it is not `known`; `by_size` as waits.Standing.joining_by_size."""

    line: Queue
    state: str
    waiting: int
    left: int
    low_ms: int
    high_ms: int
    by_size: list[list[int | None]]
    known: bool

    @classmethod
    def of(cls, line: Queue) -> "Joinable":
        """The line as it is now."""
        there = occupancy(line.pk)
        standing = there.standing(line)
        wait = standing.joining()
        left = max(line.max_guests - there.guests, 0)
        takes = "paused" if line.paused else "open" if left else "full"
        state = "closed" if line.is_closed else "over" if line.entry_over else takes
        return cls(
            line=line,
            state=state,
            waiting=there.waiting,
            left=left,
            low_ms=wait.low_ms,
            high_ms=wait.high_ms,
            by_size=standing.joining_by_size(),
            known=wait.known,
        )

    @property
    def waits(self) -> str:
        """The wait by size, as JSON for the form's script (frontend/guest/waiting.ts)."""
        return orjson.dumps(self.by_size or [[None, self.low_ms, self.high_ms]]).decode()

    @property
    def range(self) -> str:
        """The wait in words, in the active language."""
        return labels.wait_range(self.low_ms, self.high_ms, known=self.known)

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
            "joinBySize": self.by_size,
            "joinUnknown": not self.known,
            "called": [card.ticket for card in called],
            "late": [card.ticket for card in called if card.late],
            "message": self.line.message,
            "hereOnly": self.line.here_only,
            "pauseReason": self.line.pause_reason,
        }
