"""Undo of host actions, and of what the clock did to called parties, within ten minutes (B5): newest first, one after the other.
The fields that an action changed get their old values back, as an event."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db.models import Field, Q

from core import clock
from core.actors import HOST, Actor
from core.change import plain
from core.errors import Conflict
from outbox.models import Event
from queues import rules
from queues.change import STREAM, LineChange, locked_line
from queues.models import Party, Queue

UNDONE = "QUEUE_ACTION_UNDONE"
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
_CLOCK = {"call_deadline", "late_at"}
_DERIVED = {"QUEUE_POSITION_2", "QUEUE_POSITION_5", "QUEUE_POSITION_NOTICE"}
# Opening a line is not undone (close it), nor is an undo (repeat the action); tokens that ended, guests who were erased stay so.
_NOT_UNDOABLE = {"open", "undo", "renew_token", "erase"}
# What the clock does at a deadline of a call: queues/commands/hosts.py, expire_call.
_BY_CLOCK = {"no_show", "late"}
# A later undo would surprise more than it helps.
UNDO_WITHIN = timedelta(minutes=10)
# So many actions are named, and so many looked at to find them.
MOST_NAMED, MOST_LOOKED_AT = 5, 40


@dataclass(frozen=True, slots=True)
class HostAction:
    """An action that `undo` would take back: the version it made, the command's name, until when it can be undone."""

    version: int
    action: str
    events: tuple[Event, ...]
    until: datetime

    @property
    def by_clock(self) -> bool:
        """Whether the clock did it."""
        return self.events[0].actor == "system"


def last_action(queue_id: UUID, now: datetime | None = None) -> HostAction | None:
    """The newest action that can be taken back; None without one of the last ten minutes."""
    return next(iter(actions_to_undo(queue_id, now, most=1)), None)


def actions_to_undo(queue_id: UUID, now: datetime | None = None, *, most: int = MOST_NAMED) -> list[HostAction]:
    """The actions that undo takes back one after the other, newest first. Those whose parties have changed since (the guest left,
    say) are passed over.
    """
    found, undone = [], _Undone(queue_id)
    for action in _recent(queue_id, now or clock.now()):
        if undone.take_back(action):
            found.append(action)
            if len(found) == most:
                break
    return found


def undo(line: str | UUID, *, expected_version: int | None = None, actor: Actor = HOST) -> HostAction:
    """Takes the newest action back; `expected_version` is the action that the host saw and means, without it no action is passed
    over.

    Raises Conflict when there is nothing to undo, when another action has come since the expected one, or when what the
    action changed has changed again since (the guest left, say).
    """
    with locked_line(line, actor=actor, action="undo") as change:
        action = _chosen(change.queue.pk, change.at, expected_version)
        for event in reversed(action.events):
            if event.type not in _DERIVED:
                _take_back(change, event)
        # The sweep may have ended the entry by hours that are now taken back.
        change.set(
            entry_over=change.queue.entry_over and rules.entry_is_over(change.queue.last_entry_at, now=change.at)
        )
        # No party comes back into a line that closed by itself since the action.
        change.require_open()
        change.emit(UNDONE, undoes=action.version, action=action.action)
        return action


def _chosen(queue_id: UUID, now: datetime, expected_version: int | None) -> HostAction:
    """The action to take back. Raises Conflict."""
    newest = next(_recent(queue_id, now), None)
    if newest is None:
        raise Conflict("There is nothing to undo.")
    if expected_version in (None, newest.version):
        return newest
    last = last_action(queue_id, now)
    if last is None or last.version != expected_version:
        raise Conflict("Something else was done since. Look at the line again before you undo.")
    return last


def _recent(queue_id: UUID, now: datetime) -> Iterator[HostAction]:
    """The line's actions of the last ten minutes that are not undone yet, newest first."""
    events = Event.objects.filter(stream=STREAM, stream_id=queue_id, at__gt=now - UNDO_WITHIN)
    undone = {event.data["undoes"] for event in events.filter(type=UNDONE)}
    of_host = Q(actor__in=["host", "staff"]) & ~Q(action__in=_NOT_UNDOABLE)
    first = events.filter(of_host | Q(actor="system", action__in=_BY_CLOCK), seq=0).exclude(version__in=undone)
    for each in first.order_by("-version")[:MOST_LOOKED_AT]:
        together = tuple(events.filter(version=each.version).order_by("seq"))
        yield HostAction(version=each.version, action=each.action, events=together, until=each.at + UNDO_WITHIN)


# ------------------------------------------------------------------------------------------------------- what would be left
@dataclass(slots=True)
class _Undone:
    """The line as it would be after the undos so far: by row and field, where that is not what it is."""

    queue_id: UUID
    _rows: dict[str, Queue | Party | None] = field(default_factory=dict)
    _values: dict[tuple[str, str], Any] = field(default_factory=dict)

    def take_back(self, action: HostAction) -> bool:
        """Undoes one more action here, if the row of each field is still as the action left it; whether it is."""
        values: dict[tuple[str, str], Any] = {}
        for event in reversed(action.events):
            if event.type in _DERIVED:
                continue
            parties = event.changes.get("parties", {})
            for row_id, fields in {"": event.changes.get("queue", {}), **parties}.items():
                if "joined_at" in fields:
                    if self._value(row_id, "status", values) not in Party.IN_LINE:
                        return False
                    values[row_id, "status"] = rules.KICKED
                    continue
                for name, (before, after) in _to_compare(fields):
                    if name not in _CLOCK and self._value(row_id, name, values) != after:
                        return False
                    values[row_id, name] = before
        if self._value("", "closed_at", values) is not None:
            return False
        self._values |= values
        return True

    def _value(self, row_id: str, name: str, values: dict[tuple[str, str], Any]) -> Any:
        for known in (values, self._values):
            if (row_id, name) in known:
                return known[row_id, name]
        if row_id not in self._rows:
            found = (
                Party.objects.filter(queue_id=self.queue_id, pk=row_id)
                if row_id
                else Queue.objects.filter(pk=self.queue_id)
            )
            self._rows[row_id] = found.first()
        return plain(getattr(self._rows[row_id], name, None))


def _to_compare(fields: dict[str, list[Any]]) -> Iterable[tuple[str, list[Any]]]:
    return ((name, values) for name, values in fields.items() if name not in _ONE_WAY)


# ------------------------------------------------------------------------------------------------------------ taking back
def _take_back(change: LineChange, event: Event) -> None:
    queue_fields = event.changes.get("queue", {})
    change.set(**_old_values(change.queue, queue_fields))
    for party_id, fields in event.changes.get("parties", {}).items():
        party = change.party(UUID(party_id), *Party.Status.values)
        if "joined_at" in fields:
            # An added walk-in: rows are never deleted, so the party is removed from the line.
            if party.status not in Party.IN_LINE:
                raise Conflict(f"Party {party} has changed since.")
            change.set_party(party, status=rules.KICKED, ended_at=change.at, call_deadline=None)
            continue
        back = _old_values(party, fields)
        if back.get("status", party.status) == rules.CALLED and not _CLOCK.isdisjoint(back):
            # The time it had left may have passed: it gets a whole call window again, and is not late.
            before: datetime = back.get("call_deadline") or party.call_deadline or change.at
            back["call_deadline"] = max(before, change.fresh_deadline())
        change.set_party(party, **back)


def _old_values(row: Queue | Party, fields: dict[str, list[Any]]) -> dict[str, Any]:
    """What each field was before the event. Raises Conflict when one is not any more what the event made it."""
    back: dict[str, Any] = {}
    for name, (before, after) in _to_compare(fields):
        if name not in _CLOCK and plain(getattr(row, name)) != after:
            what = f"Party {row}" if isinstance(row, Party) else "The line"
            raise Conflict(f"{what} has changed since.")
        of = row._meta.get_field(name)
        back[name] = of.to_python(before) if isinstance(of, Field) else before
    return back
