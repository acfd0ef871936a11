"""How the model of a line takes actions back."""

from copy import deepcopy
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Self

from core.errors import Conflict
from tests.properties.line_state import IN_LINE, LineState

# The clock of a call: an undo may have given another deadline since.
CLOCK = {"call_deadline", "late_at"}


@dataclass
class Undoing(LineState):
    """A line with its undo."""

    def undo(self, now: datetime, expected: int | None = None) -> int:
        """The version that was undone: of the newest action, or of the `expected` one, if its turn has come."""
        recent = self.recent(now)
        if not recent:
            raise Conflict("")
        version = recent[0] if expected is None else expected
        if version not in (recent[0], *self.can_undo_at_once(now)):
            raise Conflict("")
        self.take_back(now, version)
        self.events.append(("QUEUE_ACTION_UNDONE", None))
        return version

    def recent(self, now: datetime) -> list[int]:
        """The versions of the last ten minutes' actions, newest first."""
        return [version for version, at, _ in reversed(self.done) if at + timedelta(minutes=10) > now]

    def can_undo(self, now: datetime, *, most: int) -> list[int]:
        """Those that can be taken back one after the other, by trying it on a copy."""
        found, trial = [], self.copy()
        for version in self.recent(now):
            after = trial.copy()
            try:
                after.take_back(now, version)
            except Conflict:
                continue
            trial = after
            found.append(version)
        return found[:most]

    def can_undo_at_once(self, now: datetime, *, most: int = 40) -> list[int]:
        """Of these the newest; what the clock did, and the newest of hosts, also without those after them."""
        found, of_host = [], False
        for version in (possible := self.can_undo(now, most=most)):
            by_clock = version in self.done_by_clock
            if version == possible[0] or (by_clock or not of_host) and self._can_undo_alone(now, version):
                found.append(version)
            of_host |= not by_clock
        return found

    def _can_undo_alone(self, now: datetime, version: int) -> bool:
        try:
            self.copy().take_back(now, version)
        except Conflict:
            return False
        return True

    def take_back(self, now: datetime, version: int) -> None:
        """Gives what that action changed its old values."""
        [(at, changes)] = [(at, changes) for done, at, changes in self.done if done == version]
        for party_id in sorted({party_id for party_id, _ in changes}):
            self._take_back(now, party_id, {f: c for (p, f), c in changes.items() if p == party_id})
        self.require_open()
        self.done.remove((version, at, changes))

    def _take_back(self, now: datetime, party_id: str, changes: dict[str, tuple[Any, Any]]) -> None:
        row: Any = self.parties[party_id] if party_id else self
        if "joined" in changes:
            if row.status not in IN_LINE:
                raise Conflict("")
            row.status, row.ended_at, row.call_deadline, row.late_at = "kicked", now, None, None
            return
        for name, (_, after) in changes.items():
            if name not in CLOCK and getattr(row, name) != after:
                raise Conflict("")
        for name, (old, _) in changes.items():
            setattr(row, name, old)
        if party_id and not CLOCK.isdisjoint(changes):
            row.late_at = None
            if row.status == "called":
                row.call_deadline = max(row.call_deadline, now + timedelta(seconds=self.call_window_s))

    def copy(self) -> Self:
        """The same line, without events."""
        made = deepcopy(self)
        made.events = []
        return made
