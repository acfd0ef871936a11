"""Undo of the last host action, within ten minutes (B5): the fields it changed get their old values back, as an event."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db.models import Field

from core import clock
from core.actors import HOST, Actor
from core.change import plain
from core.errors import Conflict
from outbox.models import Event
from queues import rules
from queues.change import STREAM, LineChange, locked_line
from queues.models import Party, Queue

UNDONE = "QUEUE_ACTION_UNDONE"
# An undo never sets these back: what was sent (told places, calls) or measured (pace) stays.
_ONE_WAY = {
    "called_by_clock",
    "entry_over",
    "told_position_2",
    "told_position_5",
    "told_ahead",
    "call_count",
    "edits",
    "next_ticket",
    "pace_ms",
    "last_called_at",
}
_DERIVED = {"QUEUE_POSITION_2", "QUEUE_POSITION_5", "QUEUE_POSITION_NOTICE"}
# Opening a line is not undone (close it), nor is an undo (repeat the action); tokens that ended stay ended.
_NOT_UNDOABLE = {"open", "undo", "renew_token"}
# A later undo would surprise more than it helps.
UNDO_WITHIN = timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class HostAction:
    """The host's action that `undo` would take back: the version it made, the command's name, until when it can be undone."""

    version: int
    action: str
    events: tuple[Event, ...]
    until: datetime


def last_action(queue_id: UUID, now: datetime | None = None) -> HostAction | None:
    """The line's newest host action that is not undone yet; None when it is too late to undo it."""
    events = Event.objects.filter(stream=STREAM, stream_id=queue_id)
    undone = {event.data["undoes"] for event in events.filter(type=UNDONE)}
    versions = (
        events.filter(actor__in=["host", "staff"], seq=0)
        .exclude(action__in=_NOT_UNDOABLE)
        .exclude(version__in=undone)
        .order_by("-version")
    )
    newest = versions.first()
    if newest is None or newest.at + UNDO_WITHIN <= (now or clock.now()):
        return None
    together = tuple(events.filter(version=newest.version).order_by("seq"))
    return HostAction(version=newest.version, action=newest.action, events=together, until=newest.at + UNDO_WITHIN)


def undo(line: str | UUID, *, expected_version: int | None = None, actor: Actor = HOST) -> HostAction:
    """Takes the last host action back. `expected_version` is the action the host saw and means.

    Raises Conflict when there is nothing to undo, when another action has come since the expected one, or when what the
    action changed has changed again since (the guest left, say).
    """
    with locked_line(line, actor=actor, action="undo") as change:
        action = last_action(change.queue.pk, change.at)
        if action is None:
            raise Conflict("There is nothing to undo.")
        if expected_version is not None and expected_version != action.version:
            raise Conflict("Something else was done since. Look at the line again before you undo.")
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
        if back.get("status", party.status) == rules.CALLED and "call_deadline" in back:
            # The time it had left may have passed: it gets a whole call window again.
            back["call_deadline"] = max(back["call_deadline"], change.fresh_deadline())
        change.set_party(party, **back)


def _old_values(row: Queue | Party, fields: dict[str, list[Any]]) -> dict[str, Any]:
    """What each field was before the event. Raises Conflict when one is not any more what the event made it."""
    back: dict[str, Any] = {}
    for name, (before, after) in fields.items():
        if name in _ONE_WAY:
            continue
        # A deadline may differ: an earlier undo may have given a later one.
        if name != "call_deadline" and plain(getattr(row, name)) != after:
            what = f"Party {row}" if isinstance(row, Party) else "The line"
            raise Conflict(f"{what} has changed since.")
        field = row._meta.get_field(name)
        back[name] = field.to_python(before) if isinstance(field, Field) else before
    return back
