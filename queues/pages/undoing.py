"""What the console says of actions that can be undone: the button that names one, and the list of them all."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from core.clock import milliseconds
from core.json_types import View
from queues import undoable
from queues.models import Queue
from queues.pages import labels
from queues.undoable import HostAction

# What one action may do to several parties, by the name of the command that does only that.
_PARTS = {"QUEUE_MEMBER_CALLED": "call", "QUEUE_MEMBER_SERVED": "serve", "QUEUE_MEMBER_DROPPED": "no_show"}


def undo_context(line: Queue, now: datetime) -> View:
    """`undo`: the action that the button names, None without one; `undo_list`: all that can be taken back, newest first."""
    actions = undoable.actions_to_undo(line.pk, now)
    shown = [
        {
            "version": action.version,
            "what": words,
            "by": _by(action),
            "at_ms": milliseconds(action.at),
            "ago": labels.ago((now - action.at) // timedelta(minutes=1)),
            "until_ms": milliseconds(action.until),
            "at_once": action.at_once,
        }
        for action, words in zip(actions, in_words(line, actions), strict=True)
    ]
    named = undoable.named(actions)
    return {"undo": shown[actions.index(named)] if named else None, "undo_list": shown}


def in_words(line: Queue, actions: Sequence[HostAction]) -> list[str]:
    """Each action as the undo button names it, e.g. "called #12"; with all that it did to other parties."""
    ids = {event.party_id for action in actions for event in action.to_take_back if event.party_id}
    tickets: dict[UUID | None, int] = dict(line.parties.filter(pk__in=ids).values_list("pk", "ticket")) if ids else {}

    def words(action: HostAction) -> str:
        told = reversed(action.to_take_back)
        parts = (labels.done(_PARTS.get(each.type, action.action), tickets.get(each.party_id)) for each in told)
        by_clock = " (by the clock)" if action.by_clock else ""
        return ", ".join(dict.fromkeys(parts)) + by_clock

    return [words(action) for action in actions]


def _by(action: HostAction) -> str:
    user = action.events[0].actor_user
    if user is not None:
        return user.email
    return {"system": "the clock", "staff": "staff"}.get(action.events[0].actor, "a host")
