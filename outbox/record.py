"""`record()`: the only way an event is written."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from typing import Any
from uuid import UUID

from django.db import connection, transaction

from outbox import relay
from outbox.actors import Actor
from outbox.effects import EFFECTS
from outbox.models import Effect, Event

# The wake-up after commit normally comes within milliseconds; the sweeper looks after those that did not get one.
GRACE = timedelta(seconds=1)


@dataclass(slots=True, kw_only=True)
class Happening:
    """One thing a command did, as it will stand in the event row."""

    type: str
    party_id: UUID | None = None
    data: dict[str, Any] = field(default_factory=dict)
    changes: dict[str, Any] = field(default_factory=dict)


class OutsideTransaction(RuntimeError):
    """An event was recorded where its state could not be committed with it."""


def record(
    happenings: Sequence[Happening],
    *,
    stream: str,
    stream_id: UUID,
    version: int,
    at: datetime,
    actor: Actor,
    action: str,
) -> list[Event]:
    """Writes the events of one change, and their effects, beside the state (law 4); wakes the workers after the commit.

    Raises OutsideTransaction unless a transaction is open, KeyError for an event type that effects.EFFECTS does not list.
    """
    if not connection.in_atomic_block:
        raise OutsideTransaction(f"{action}: events are recorded in the transaction that changes the state")
    events = Event.objects.bulk_create(
        Event(
            stream=stream,
            stream_id=stream_id,
            version=version,
            seq=seq,
            type=happening.type,
            at=at,
            actor=actor.kind,
            actor_user_id=actor.user_id,
            action=action,
            party_id=happening.party_id,
            data=happening.data,
            changes=happening.changes,
        )
        for seq, happening in enumerate(happenings)
    )
    effects = Effect.objects.bulk_create(
        Effect(event=event, name=name, due_at=at + GRACE) for event in events for name in EFFECTS[event.type]
    )
    wake_ups = [(effect.pk, effect.name) for effect in effects]
    transaction.on_commit(partial(relay.after_commit, stream, stream_id, wake_ups), robust=True)
    return events
