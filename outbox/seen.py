"""The refusal to overwrite settings that a page did not show, with who changed them and when, as the log knows it (decision
0105)."""

from collections.abc import Collection
from typing import Any
from uuid import UUID

from core import seen
from core.actors import Actor
from core.change import Fields
from outbox.models import Event

# The newest events of the stream that are searched for who made the change. Most may be of other things, such as other tables;
# for a change that lies further back, the refusal names no person.
_LOOKED_THROUGH = 100


def require_seen(
    stream_id: UUID, saw: str, changes: Fields, *, by: Collection[str], actor: Actor, **about: Any
) -> None:
    """Raises Overtaken when a field that is about to change is not as the page showed it (`saw`). Needs the stream's lock.

    `by`: the commands that change these fields, `about`: what their events say of the thing.
    """
    if names := seen.overtaken(saw, changes):
        stands = {name: changes[name][0] for name in names}
        rows = Event.objects.filter(stream_id=stream_id).select_related("actor_user").order_by("-version", "-seq")
        found = (each for each in rows[:_LOOKED_THROUGH] if each.action in by and _did(each, stands, about))
        first = next(found, None)
        raise seen.Overtaken(_who(first, actor), first.at) if first else seen.Overtaken()


def _did(event: Event, stands: dict[str, Any], about: dict[str, Any]) -> bool:
    """Whether the event is about this thing, and says that one of the fields was set to what stands; or does not say which."""
    for name, value in about.items():
        told = event.data.get(name)
        if not (value in told if isinstance(told, list) else value == told):
            return False
    set_to = [(name, both[1]) for fields in event.changes.values() for name, both in fields.items()]
    return not event.changes or any(name in stands and stands[name] == value for name, value in set_to)


def _who(event: Event, actor: Actor) -> str:
    """Who did it, as the person who acts now reads it. No address of a person: not all who read this may know it."""
    if event.actor_user_id is not None and event.actor_user_id == actor.user_id:
        return "you yourself"
    named = event.actor_user.get_full_name() if event.actor_user is not None else ""
    return named or {"staff": "our staff", "system": "a program"}.get(event.actor, "another person")
