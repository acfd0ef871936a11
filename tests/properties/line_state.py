"""What the model of a line keeps, what can be read from it, and the steps that its commands share."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from core.errors import Conflict, NotFound
from tests.properties.guests import Guests

STEP = 1 << 20
IN_LINE = ("waiting", "called")


@dataclass
class LineState:
    """A line. `events` holds those of the last command: (type, party or None)."""

    opened_at: datetime
    max_guests: int
    call_window_s: int
    auto_advance: bool
    auto_no_show: bool = True
    on_my_way_s: int = 0
    # The clock called a party, and no host has acted since.
    called_by_clock: bool = False
    # The command under way is the clock's, at the end of a call.
    by_clock: bool = False
    version: int = 1
    last_activity_at: datetime = field(init=False)
    last_called_at: datetime | None = None
    paused: bool = False
    closed: bool = False
    close_reason: str = ""
    next_ticket: int = 1
    pace_ms: int = 180_000
    parties: dict[str, Guests] = field(default_factory=dict)
    keys: dict[str, str] = field(default_factory=dict)
    events: list[tuple[str, str | None]] = field(default_factory=lambda: [("QUEUE_OPENED", None)])
    # Actions of hosts, and of the clock on calls, that were not undone: version, time, and what changed: (party or "", field) →
    # (before, after).
    done: list[tuple[int, datetime, dict[tuple[str, str], tuple[Any, Any]]]] = field(default_factory=list)
    done_by_clock: set[int] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.last_activity_at = self.opened_at

    def waiting(self) -> list[Guests]:
        return sorted((p for p in self.parties.values() if p.status == "waiting"), key=lambda p: (p.rank, p.ticket))

    def called(self) -> list[Guests]:
        """The one called last at the end."""
        found = [p for p in self.parties.values() if p.status == "called"]
        return sorted(found, key=lambda p: (p.called_at or self.opened_at, p.ticket))

    def in_line(self) -> list[Guests]:
        return self.called() + self.waiting()

    def party(self, party_id: str, *statuses: str) -> Guests:
        found = self.parties.get(party_id)
        if found is None or found.status not in (statuses or IN_LINE):
            raise NotFound("")
        return found

    def require_open(self) -> None:
        if self.closed:
            raise Conflict("")

    def place_at(self, party: Guests, index: int) -> None:
        order = [p for p in self.waiting() if p is not party]
        index = min(index, len(order))
        before, after = (order[index - 1] if index else None), (order[index] if index < len(order) else None)
        if before and after:
            party.rank = (before.rank + after.rank) // 2
            assert before.rank < party.rank < after.rank, "the model has no room between two ranks: use fewer steps"
        else:
            party.rank = before.rank + STEP if before else after.rank - STEP if after else STEP
        order.insert(index, party)
        assert self.waiting() == order

    def measure(self, party: Guests, now: datetime) -> None:
        """A party that waited is called, or seated without a call."""
        if party.status != "waiting":
            return
        if self.last_called_at is not None and party.joined_at <= self.last_called_at:
            seen = int((now - self.last_called_at).total_seconds() * 1000)
            self.pace_ms = int(self.pace_ms + 0.2 * (min(max(seen, 1_000), 1_800_000) - self.pace_ms))
        self.last_called_at = now

    def mark_called(self, party: Guests, now: datetime) -> None:
        self.measure(party, now)
        party.status, party.called_at, party.call_count = "called", now, party.call_count + 1
        party.call_deadline, party.more_time = now + timedelta(seconds=self.call_window_s), ""
        party.late_at = party.on_my_way_at = None
        self.events.append(("QUEUE_MEMBER_CALLED", party.id))

    def mark_ended(self, party: Guests, status: str, now: datetime, event: str) -> None:
        party.status, party.ended_at, party.call_deadline, party.late_at = status, now, None, None
        self.events.append((event, party.id))

    def tell_places(self) -> None:
        head = self.waiting()[:4]
        if head and self.called() and not head[0].told_position_2:
            head[0].told_position_2 = True
            self.events.append(("QUEUE_POSITION_2", head[0].id))
        if len(head) == 4 and not head[3].told_position_5:
            head[3].told_position_5 = True
            self.events.append(("QUEUE_POSITION_5", head[3].id))
