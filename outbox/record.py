"""`record()`: the only way an event is written."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from typing import Any
from uuid import UUID

import orjson
from django.db import connection, transaction
from django.utils.module_loading import import_string

from core.actors import Actor
from outbox import dispatcher
from outbox.effects import AT_ONCE, EFFECTS

# A worker is normally woken within milliseconds of the commit; the sweep sends what is still due after this.
GRACE = timedelta(seconds=1)

# One statement, because the line stays locked until it is done.
_INSERT = """
WITH new AS (
    SELECT *
      FROM unnest(%(stream_ids)s::uuid[], %(versions)s::bigint[], %(seqs)s::int[], %(types)s::text[],
                  %(parties)s::uuid[], %(data)s::text[]::jsonb[], %(changes)s::text[]::jsonb[])
           WITH ORDINALITY AS new (stream_id, version, seq, type, party, data, changes, n)),
inserted AS (
    INSERT INTO outbox_event
           (stream, stream_id, version, seq, type, at, actor, actor_user_id, action, party_id, data, changes)
    SELECT %(stream)s, stream_id, version, seq, type, %(at)s, %(actor)s, %(actor_user)s, %(action)s, party, data, changes
      FROM new
     ORDER BY n
    RETURNING id, stream_id, version, seq)
INSERT INTO outbox_effect (event_id, name, status, attempts, due_at, last_error)
SELECT id, name, 'pending', 0, %(due_at)s, ''
  FROM inserted
  JOIN new USING (stream_id, version, seq)
  JOIN unnest(%(of)s::int[], %(names)s::text[]) WITH ORDINALITY AS due (n, name, place) USING (n)
 ORDER BY place
RETURNING id, name"""


@dataclass(slots=True, kw_only=True)
class NewEvent:
    """An event to record. `version` and `stream_id` are set where one transaction makes several versions or changes several
    streams; `effects` where they are others than effects.EFFECTS lists for the type."""

    type: str
    version: int | None = None
    stream_id: UUID | None = None
    party_id: UUID | None = None
    data: dict[str, Any] = field(default_factory=dict)
    changes: dict[str, Any] = field(default_factory=dict)
    effects: tuple[str, ...] | None = None


class OutsideTransaction(RuntimeError):
    """record() was called outside the transaction that changes the state."""


def record(
    events: Sequence[NewEvent],
    *,
    stream: str,
    stream_id: UUID,
    version: int,
    at: datetime,
    actor: Actor,
    action: str,
) -> None:
    """Writes the events of one change, and their effects, beside the state (law 4); wakes the workers after the commit.

    Raises OutsideTransaction unless a transaction is open, KeyError for an event type that effects.EFFECTS does not list.
    """
    if not connection.in_atomic_block:
        raise OutsideTransaction(f"{action}: events are recorded in the transaction that changes the state")
    versions = [version if event.version is None else event.version for event in events]
    stream_ids = [event.stream_id or stream_id for event in events]
    effects = [
        (n, name)
        for n, event in enumerate(events, 1)
        for name in (EFFECTS[event.type] if event.effects is None else event.effects)
    ]
    with connection.cursor() as cursor:
        cursor.execute(
            _INSERT,
            {
                "stream": stream,
                "stream_ids": stream_ids,
                "versions": versions,
                "seqs": _places(zip(stream_ids, versions, strict=True)),
                "at": at,
                "actor": actor.kind,
                "actor_user": actor.user_id,
                "action": action,
                "types": [event.type for event in events],
                "parties": [event.party_id for event in events],
                "data": [_json(event.data) for event in events],
                "changes": [_json(event.changes) for event in events],
                "of": [n for n, _ in effects],
                "names": [name for _, name in effects],
                "due_at": at + GRACE,
            },
        )
        wake_ups: list[dispatcher.Due] = cursor.fetchall()
    for event in events:
        if path := AT_ONCE.get(event.type):
            import_string(path)(event.stream_id or stream_id, actor=actor)
    transaction.on_commit(partial(dispatcher.after_commit, stream, stream_id, wake_ups), robust=True)


def _places(changes: Iterable[tuple[UUID, int]]) -> list[int]:
    """The place of each event within its change, from 0."""
    seen: Counter[tuple[UUID, int]] = Counter()
    places = []
    for each in changes:
        places.append(seen[each])
        seen[each] += 1
    return places


def _json(value: dict[str, Any]) -> str:
    return orjson.dumps(value).decode()
