"""What undo would take back: the actions of the last ten minutes, by trying their undos on a copy (decisions 0074, 0090)."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from itertools import islice
from typing import Any
from uuid import UUID

from django.db.models import Q

from core import clock
from core.change import plain
from outbox.models import Event
from queues import rules, seated, sitting
from queues.fields import STREAM
from queues.models import Party, Queue

UNDONE, CALLED, LATE = "QUEUE_ACTION_UNDONE", "QUEUE_MEMBER_CALLED", "QUEUE_MEMBER_LATE"
# An undo never sets these back: what was sent (told places, calls), said by a guest or measured (pace, flow) stays.
_ONE_WAY = {
    "called_by_clock",
    "entry_over",
    "told_position_2",
    "told_position_5",
    "told_ahead",
    "call_count",
    "edits",
    "next_ticket",
    "on_my_way_at",
    "pace_ms",
    "flow",
    "last_called_at",
}
# The clock of a call. It may differ from what the action made it: an earlier undo may have given a later deadline.
CLOCK = {"call_deadline", "late_at"}
# Events of an action that stay: who came to which place, and that a call has run out.
_STAY = {"QUEUE_POSITION_2", "QUEUE_POSITION_5", "QUEUE_POSITION_NOTICE", LATE}
# Opening a line is not undone (close it), nor is an undo (repeat the action); tokens that ended, guests who were erased stay so.
_NOT_UNDOABLE = {"open", "undo", "renew_token", "erase"}
# A later undo would surprise more than it helps.
UNDO_WITHIN = timedelta(minutes=10)
# So many actions are named, and so many looked at to find them; so many are read at once.
MOST_NAMED, MOST_LOOKED_AT, READ_AT_ONCE = 8, 40, 8


@dataclass(frozen=True, slots=True)
class HostAction:
    """An action that undo would take back: the version it made, the command's name, until when it can be undone.

    `at_once`: whether undo takes it back now, not only after those before it.
    """

    version: int
    action: str
    events: tuple[Event, ...]
    until: datetime
    at_once: bool = True

    @property
    def at(self) -> datetime:
        """When it was done."""
        return self.events[0].at

    @property
    def by_clock(self) -> bool:
        """Whether the clock did it."""
        return self.events[0].actor == "system"

    @property
    def to_take_back(self) -> tuple[Event, ...]:
        """Those of its events that an undo takes back, the last first."""
        return tuple(event for event in reversed(self.events) if event.type not in _STAY)


def last_action(queue_id: UUID, now: datetime | None = None) -> HostAction | None:
    """The action that the undo button names: a host's newest. One of the clock only where that must be taken back first, or where
    no host did anything. None without one of the last ten minutes.
    """
    return named(actions_to_undo(queue_id, now))


def named(actions: Sequence[HostAction]) -> HostAction | None:
    """Of `actions_to_undo` the one that the undo button names."""
    at_once = [action for action in actions if action.at_once]
    return next((action for action in at_once if not action.by_clock), at_once[0] if at_once else None)


def actions_to_undo(queue_id: UUID, now: datetime | None = None, *, most: int = MOST_NAMED) -> list[HostAction]:
    """The actions that undo takes back one after the other, newest first. Those whose parties have changed since (the guest left,
    say), or whose tables others have now, are passed over.
    """
    found: list[HostAction] = []
    undone = _Undone(queue_id)
    host_acted = False
    for action in recent_actions(queue_id, now or clock.now()):
        if not undone.take_back(action):
            continue
        # Over what the clock did a host's newest action is reached; what the clock did, each in its own right.
        may_step_over = action.by_clock or not host_acted
        at_once = not found or may_step_over and undone.untouched().take_back(action)
        host_acted |= not action.by_clock
        found.append(replace(action, at_once=at_once))
        if len(found) == most:
            break
    return found


def recent_actions(queue_id: UUID, now: datetime) -> Iterator[HostAction]:
    """The line's actions of the last ten minutes that are not undone yet, newest first: of hosts, and the clock's no-shows and
    calls. That a party is late is no action: it takes nothing away.
    """
    events = Event.objects.filter(stream=STREAM, stream_id=queue_id, at__gt=now - UNDO_WITHIN)
    undone = {event.data["undoes"] for event in events.filter(type=UNDONE)}
    of_host = Q(actor__in=["host", "staff"]) & ~Q(action__in=_NOT_UNDOABLE)
    calls_of_clock = events.filter(actor="system", action="late", type=CALLED).values("version")
    of_clock = Q(actor="system", action="no_show") | Q(version__in=calls_of_clock)
    first = events.filter(of_host | of_clock, seq=0).exclude(version__in=undone).order_by("-version")
    left = iter(first.values_list("version", flat=True)[:MOST_LOOKED_AT])
    while versions := list(islice(left, READ_AT_ONCE)):
        together: dict[int, list[Event]] = {}
        for event in events.filter(version__in=versions).select_related("actor_user").order_by("-version", "seq"):
            together.setdefault(event.version, []).append(event)
        for version, each in together.items():
            yield HostAction(version, each[0].action, tuple(each), each[0].at + UNDO_WITHIN)


def to_compare(fields: Mapping[str, list[Any]]) -> Iterable[tuple[str, list[Any]]]:
    """Of an event's changes those that an undo sets back: by field, what it was and what it became."""
    return ((name, values) for name, values in fields.items() if name not in _ONE_WAY)


@dataclass(slots=True)
class _Rows:
    """The line and its parties as they are, read when they are asked for."""

    queue_id: UUID
    known: dict[str, Queue | Party | None] = field(default_factory=dict)
    others: list[Party] | None = None

    def find(self, row_id: str) -> Queue | Party | None:
        if row_id not in self.known:
            found: Queue | Party | None
            if row_id:
                found = Party.objects.filter(queue_id=self.queue_id, pk=row_id).first()
            else:
                found = Queue.objects.filter(pk=self.queue_id).first()
            self.known[row_id] = found
        return self.known[row_id]

    def read(self, party_ids: Iterable[str]) -> None:
        """Reads these parties at once: a close has changed each of a long line."""
        missing = [each for each in party_ids if each not in self.known]
        found = Party.objects.filter(queue_id=self.queue_id).in_bulk(missing) if missing else {}
        self.known |= {str(pk): party for pk, party in found.items()}

    def at_tables(self) -> list[Party]:
        """Who sits at the venue's tables, also of its other lines."""
        if self.others is None:
            line = self.find("")
            self.others = list(sitting.at_tables(line.venue_id if isinstance(line, Queue) else None))
        return self.others


class _Undone:
    """The line as it would be after the undos so far: by row and field, where that is not what it is."""

    def __init__(self, queue_id: UUID, rows: _Rows | None = None) -> None:
        self._rows = rows or _Rows(queue_id)
        self._values: dict[tuple[str, str], Any] = {}

    def untouched(self) -> "_Undone":
        """The line before all undos."""
        return _Undone(self._rows.queue_id, self._rows)

    def take_back(self, action: HostAction) -> bool:
        """Undoes one more action here, if the row of each field is still as the action left it; whether it is."""
        before = self._values
        self._values = dict(before)
        if self._take_back(action) and self._value("", "closed_at") is None:
            return True
        self._values = before
        return False

    def _take_back(self, action: HostAction) -> bool:
        for event in action.to_take_back:
            parties = event.changes.get("parties", {})
            self._rows.read(parties)
            for row_id, fields in {"": event.changes.get("queue", {}), **parties}.items():
                if "joined_at" in fields:
                    if self._value(row_id, "status") not in Party.IN_LINE:
                        return False
                    self._values[row_id, "status"] = rules.KICKED
                    continue
                for name, (was, became) in to_compare(fields):
                    if name not in CLOCK and self._value(row_id, name) != became:
                        return False
                    self._values[row_id, name] = was
                if self._value(row_id, "status") in Party.IN_LINE and self._value(row_id, "erased_at") is not None:
                    return False  # an erased guest's place does not come back
                if not fields.keys().isdisjoint(seated.NOWHERE) and not self._tables_are_free(row_id):
                    return False
        return True

    def _tables_are_free(self, party_id: str) -> bool:
        """Whether no other party has the tables at which this one would sit."""
        tables = set(self._value(party_id, "tables") or ()) if self._sits(party_id) else set()
        for other in self._rows.at_tables() if tables else ():
            own = str(other.pk)
            if own != party_id and (other.queue_id != self._rows.queue_id or self._sits(own)):
                taken = other.tables if other.queue_id != self._rows.queue_id else self._value(own, "tables")
                if not tables.isdisjoint(taken):
                    return False
        return True

    def _sits(self, party_id: str) -> bool:
        return self._value(party_id, "seated_at") is not None and self._value(party_id, "freed_at") is None

    def _value(self, row_id: str, name: str) -> Any:
        if (row_id, name) in self._values:
            return self._values[row_id, name]
        return plain(getattr(self._rows.find(row_id), name, None))
