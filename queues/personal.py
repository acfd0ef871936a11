"""What is personal in lines: taken out of rows and events alike, so that a replay goes on giving the rows (decision 0088).

An event keeps that a name was changed, and when, but not the names. Both functions are named in retention/table.py.
"""

from collections.abc import Collection, Iterator, Sequence
from itertools import islice
from typing import Any
from uuid import UUID

import orjson
from django.db import connection
from django.db.models import Q

from core.clock import milliseconds
from core.json_types import View
from outbox.models import Event
from queues.fields import STREAM
from queues.models import Party, Queue, SentAction

# Texts that events record too. An empty text stands in their place, in the rows as in the events.
PARTY_TEXTS = ("name", "note", "message", "answer_words")
LINE_TEXTS = ("message", "pause_reason", "contact_info")
# Of an event's data: the host's words to everybody; and the hashes of a guest's or host's idempotency key and of its body.
_DATA_TEXTS, _DATA_HASHES = ("text",), ("key", "asked")
# A party that has something of its own in its row.
HAS_TEXT = Q(name__gt="") | Q(note__gt="") | Q(message__gt="") | Q(answer_words__gt="") | Q(join_key__isnull=False)
# What a refused press of a host on an erased party says.
REFUSED = "It was refused."
_CHUNK = 1000
_REWRITE = """
UPDATE outbox_event e SET data = new.data, changes = new.changes
  FROM unnest(%s::bigint[], %s::text[]::jsonb[], %s::text[]::jsonb[]) AS new (id, data, changes) WHERE e.id = new.id"""


def forget(line: UUID, parties: Sequence[UUID] | None) -> dict[str, int]:
    """Forgets these parties of the line; None: all, and what was said to all. Under the line's lock (law 2)."""
    rows = Party.objects.filter(queue_id=line)
    rows = rows if parties is None else rows.filter(pk__in=parties)
    blank: dict[str, Any] = dict.fromkeys(PARTY_TEXTS, "")
    count = rows.filter(HAS_TEXT).update(**blank, join_key=None, join_asked="")
    if parties is None:
        of_line: dict[str, Any] = dict.fromkeys(LINE_TEXTS, "")
        Queue.objects.filter(pk=line).update(**of_line, create_key=None, create_asked="")
        SentAction.objects.filter(queue_id=line).delete()
    else:
        sent = SentAction.objects.filter(queue_id=line, party_id__in=parties)
        sent.update(asked="", details="")  # as of one that came by its form (queues/api/actions.py)
        sent.exclude(refusal="").update(refusal=REFUSED)
    _rewrite(line, parties)
    return {"parties": count}


def _rewrite(line: UUID, parties: Sequence[UUID] | None) -> None:
    """Takes the same texts out of the line's events."""
    events = Event.objects.filter(stream=STREAM, stream_id=line)
    only = None if parties is None else {str(each) for each in parties}
    if only is not None:
        events = events.filter(changes__parties__has_any_keys=sorted(only))
    told = events.only("pk", "party_id", "data", "changes").iterator(_CHUNK)
    changed = (each for each in told if blanked(each.data, each.changes, only, own=str(each.party_id)))
    with connection.cursor() as cursor:
        while chunk := list(islice(changed, _CHUNK)):
            data, changes = (
                [orjson.dumps(getattr(each, name)).decode() for each in chunk] for name in ("data", "changes")
            )
            cursor.execute(_REWRITE, [[each.pk for each in chunk], data, changes])


def blanked(data: View, changes: View, parties: Collection[str] | None, *, own: str = "") -> bool:
    """Takes the texts out of an event's data and changes; whether there were any. `own`: the party that it is about. Pure."""
    found = [
        _blanked(fields, PARTY_TEXTS)
        for pk, fields in changes.get("parties", {}).items()
        if parties is None or pk in parties
    ]
    if parties is None:
        found.append(_blanked(changes.get("queue", {}), LINE_TEXTS))
        for name in _DATA_TEXTS:
            if data.get(name):
                data[name] = ""
                found.append(True)
    if parties is None or own in parties:
        found += [data.pop(name, None) is not None for name in _DATA_HASHES]
    return any(found)


def _blanked(fields: dict[str, list[Any]], names: Sequence[str]) -> bool:
    """The same for the changed fields of one row: [before, after], of which None stays None."""
    found = False
    for name in names:
        if any(fields.get(name, ())):
            fields[name] = [None if value is None else "" for value in fields[name]]
            found = True
    return found


def export(party: Party) -> View:
    """What is kept of the party: its row, and what happened to it, in order."""
    return {
        "line": {
            "code": party.queue.code,
            "name": party.queue.event_name,
            "openedAt": milliseconds(party.queue.opened_at),
        },
        "ticket": party.ticket,
        "name": party.name,
        "size": party.size,
        "note": party.note,
        "noteByHost": party.note_by_host,
        "section": party.section,
        "status": party.status,
        "message": party.message,
        "joinedAt": milliseconds(party.joined_at),
        "calledAt": milliseconds(party.called_at),
        "seatedAt": milliseconds(party.seated_at),
        "endedAt": milliseconds(party.ended_at),
        "quotedMs": [party.quote_low_ms, party.quote_high_ms],
        "answer": party.answer,
        "answerWords": party.answer_words,
        "erasedAt": milliseconds(party.erased_at),
        "history": list(_history(party)),
    }


def _history(party: Party) -> Iterator[View]:
    own = str(party.pk)
    events = Event.objects.filter(stream=STREAM, stream_id=party.queue_id, changes__parties__has_key=own)
    for event in events.order_by("version", "seq").iterator(_CHUNK):
        texts = {name: values for name, values in event.changes["parties"][own].items() if name in PARTY_TEXTS}
        yield {"type": event.type, "at": milliseconds(event.at), "by": event.actor} | (
            {"texts": texts} if texts else {}
        )
