"""Undo of host actions, and of what the clock did to called parties, within ten minutes (B5): newest first, one after the other.
The fields that an action changed get their old values back, as an event."""

from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Field

from core.actors import HOST, Actor
from core.change import plain
from core.errors import Conflict
from outbox.models import Event
from queues import rules, undoable
from queues.change import LineChange, locked_line
from queues.models import Party, Queue
from queues.undoable import CLOCK, UNDONE, HostAction


def undo(line: str | UUID, *, expected_version: int | None = None, actor: Actor = HOST) -> HostAction:
    """Takes the newest action back; `expected_version` is the action that the host saw and means, without it no action is passed
    over.

    Raises Conflict when there is nothing to undo, when another action has come since the expected one, or when what the
    action changed has changed again since (the guest left, say), or its guest was erased.
    """
    with locked_line(line, actor=actor, action="undo") as change:
        action = _chosen(change.queue.pk, change.at, expected_version)
        for event in action.to_take_back:
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
    newest = next(undoable.recent_actions(queue_id, now), None)
    if newest is None:
        raise Conflict("There is nothing to undo.")
    if expected_version in (None, newest.version):
        return newest
    for action in undoable.actions_to_undo(queue_id, now, most=undoable.MOST_LOOKED_AT):
        if action.version == expected_version and action.at_once:
            return action
    raise Conflict("Something else was done since. Look at the line again before you undo.")


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
        if back.get("status", party.status) == rules.CALLED and not CLOCK.isdisjoint(back):
            # The time it had left may have passed: it gets a whole call window again, and is not late.
            before: datetime = back.get("call_deadline") or party.call_deadline or change.at
            back["call_deadline"] = max(before, change.fresh_deadline())
        change.set_party(party, **back)


def _old_values(row: Queue | Party, fields: dict[str, list[Any]]) -> dict[str, Any]:
    """What each field was before the event. Raises Conflict when one is not any more what the event made it."""
    back: dict[str, Any] = {}
    for name, (before, after) in undoable.to_compare(fields):
        if name not in CLOCK and plain(getattr(row, name)) != after:
            what = f"Party {row}" if isinstance(row, Party) else "The line"
            raise Conflict(f"{what} has changed since.")
        of = row._meta.get_field(name)
        back[name] = of.to_python(before) if isinstance(of, Field) else before
    return back
