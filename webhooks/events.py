"""What a webhook is told: the types by their names outside, and the message of an event.

Pure: a message is made of the event's row and of what never changes (code, ticket numbers), so that an event sent again has the
same bytes.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

import orjson

from outbox.models import Event

TEST = "webhook.test"

# Event of the log -> type outside. What is not here is no webhook's business: NOT_TOLD says why.
TYPES: dict[str, str] = {
    "QUEUE_OPENED": "line.opened",
    "QUEUE_EDITED": "line.changed",
    "QUEUE_PAUSED": "line.paused",
    "QUEUE_RESUMED": "line.resumed",
    "QUEUE_LAST_ENTRY": "line.entry_over",
    "QUEUE_MESSAGE_SENT": "line.message",
    "QUEUE_MESSAGE_CLEARED": "line.message_cleared",
    "QUEUE_ACTION_UNDONE": "line.action_undone",
    "QUEUE_WAIT_SET": "line.wait_set",
    "QUEUE_WAIT_CLEARED": "line.wait_cleared",
    "QUEUE_WAIT_OVER": "line.wait_over",
    "QUEUE_CLOSED": "line.closed",
    "QUEUE_MEMBER_JOINED": "party.joined",
    "QUEUE_MEMBER_EDITED": "party.changed",
    "QUEUE_MEMBER_QUOTED": "party.quoted",
    "QUEUE_MEMBER_NEARBY": "party.nearby",
    "QUEUE_MEMBER_MOVED": "party.moved",
    "QUEUE_MEMBER_LET_PASS": "party.let_pass",
    "QUEUE_MEMBER_ASKED_TIME": "party.asked_more_time",
    "QUEUE_MEMBER_GIVEN_TIME": "party.given_more_time",
    "QUEUE_MEMBER_CALLED": "party.called",
    "QUEUE_MEMBER_LATE": "party.late",
    "QUEUE_MEMBER_MESSAGED": "party.message",
    "QUEUE_MEMBER_MESSAGE_CLEARED": "party.message_cleared",
    "QUEUE_MEMBER_TOOK_TICKET": "party.took_ticket",
    "QUEUE_MEMBER_SERVED": "party.seated",
    "QUEUE_TABLE_CHANGED": "party.table_changed",
    "QUEUE_TABLE_FREED": "party.table_freed",
    "QUEUE_MEMBER_LEFT": "party.left",
    "QUEUE_MEMBER_KICKED": "party.removed",
    "QUEUE_MEMBER_DROPPED": "party.no_show",
    "QUEUE_MEMBER_PUT_BACK": "party.put_back",
    "POLL_OPENED": "poll.opened",
    "POLL_CLOSED": "poll.closed",
    "POLL_SEALED": "poll.sealed",
    "POLL_RESET": "poll.reset",
    "ROOM_OPENED": "room.opened",
    "ROOM_CLOSED": "room.closed",
}
ALL_TYPES = tuple(TYPES.values())
# Events of lines, polls and rooms that are not told.
NOT_TOLD = {
    "QUEUE_REPLAYED": "a rehearsal",
    "QUEUE_VISIT_ASKED": "between a guest and the page",
    "QUEUE_VISIT_ANSWERED": "between a guest and the page",
    "QUEUE_MEMBER_CHOSE_WAYS": "between a guest and the page",
    "QUEUE_MEMBER_ASKED_CODE": "between a guest and the page",
    "QUEUE_MEMBER_PROVED_NUMBER": "between a guest and the page",
    "QUEUE_MEMBER_RECOGNISED": "the console's list alone",
    "QUEUE_MEMBER_WROTE": "between a guest and the host",
    "QUEUE_MEMBER_STOPPED_TEXTS": "between a guest and the page",
    "QUEUE_MEMBER_STARTED_TEXTS": "between a guest and the page",
    "QUEUE_LAPSED_DISMISSED": "the console's list alone",
    "QUEUE_MEMBER_ASKED_NOTICE": "between a guest and the page",
    "QUEUE_POSITION_2": "a guest's notice",
    "QUEUE_POSITION_5": "a guest's notice",
    "QUEUE_POSITION_NOTICE": "a guest's notice",
    "QUEUE_QUESTIONS_SHOWN": "told by the poll",
    "QUEUE_TOKEN_RENEWED": "a host's proof",
    "QUEUE_FORGOTTEN": "retention: old lines have no feeds any more",
    "QUEUE_MEMBER_ERASED": "retention",
    "POLL_CREATED": "a draft",
    "POLL_EDITED": "a draft",
    "POLL_CODES_ADDED": "voters' proofs",
    "POLL_TOKEN_RENEWED": "a host's proof",
    "POLL_DELETED": "its venue is not known any more",
    "ROOM_TOKEN_RENEWED": "a host's proof",
    "ROOM_DELETED": "its venue is not known any more",
    "ROOM_FORGOTTEN": "retention",
}
KINDS = {"queue": "line", "poll": "poll", "room": "room"}

# Fields of a party that a venue's program is told when an event changes them, by their names outside.
_PARTY_FIELDS = {
    "size": "size",
    "name": "name",
    "note": "note",
    "status": "status",
    "nearby": "nearby",
    "walk_in": "walkIn",
    "joined_at": "joinedAt",
    "called_at": "calledAt",
    "call_deadline": "callDeadline",
    "ended_at": "endedAt",
    "quote_low_ms": "waitLowMs",
    "quote_high_ms": "waitHighMs",
}


def types_of(chosen: Iterable[str]) -> list[str]:
    """The events of the log that an endpoint which chose these types (none: all) is told of."""
    wanted = set(chosen)
    return [event for event, outside in TYPES.items() if not wanted or outside in wanted]


def message_id(event: Event) -> str:
    """The `webhook-id`: the same whenever the event is sent."""
    return f"msg_{event.stream_id.hex}_{event.version}_{event.seq}"


def message(event: Event, *, venue: UUID, code: str, tickets: Mapping[str, int]) -> bytes:
    """The body for an event of a line, poll or room with this code. `tickets`: ticket numbers by party id (`parties_of`)."""
    data: dict[str, Any] = {
        "venue": str(venue),
        KINDS[event.stream]: {"id": str(event.stream_id), "code": code},
        "version": event.version,
        "seq": event.seq,
        "by": event.actor,
    }
    changed = event.changes.get("parties", {})
    if parties := [_party(pk, changed.get(pk, {}), tickets) for pk in parties_of(event)]:
        data["parties"] = parties
    if event.data:
        data["details"] = event.data
    return body(TYPES[event.type], event.at, data)


def body(kind: str, at: datetime, data: Mapping[str, Any]) -> bytes:
    """A message as the specification has it: type, timestamp (ISO 8601, UTC), data."""
    timestamp = at.isoformat(timespec="milliseconds").replace("+00:00", "Z")
    return orjson.dumps({"type": kind, "timestamp": timestamp, "data": data})


def parties_of(event: Event) -> list[str]:
    """The ids of the parties that an event is about: its own first."""
    own = [str(event.party_id)] if event.party_id else []
    return own + [pk for pk in sorted(event.changes.get("parties", {})) if pk not in own]


def _party(pk: str, fields: Mapping[str, Any], tickets: Mapping[str, int]) -> dict[str, Any]:
    told = {outside: fields[name][1] for name, outside in _PARTY_FIELDS.items() if name in fields}
    return {"id": pk, "ticket": tickets.get(pk), **told}
