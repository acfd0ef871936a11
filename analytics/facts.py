"""`keep`: the effect `analytics` of every event (outbox.effects)."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from analytics.models import Fact
from outbox.models import Event
from queues import replayed
from queues.models import Party, Queue

STREAM = "queue"
JOINED, QUOTED, CALLED, SERVED, LEFT, KICKED, DROPPED, PUT_BACK, CLOSED, UNDONE = (
    "QUEUE_MEMBER_JOINED", "QUEUE_MEMBER_QUOTED", "QUEUE_MEMBER_CALLED", "QUEUE_MEMBER_SERVED", "QUEUE_MEMBER_LEFT",
    "QUEUE_MEMBER_KICKED", "QUEUE_MEMBER_DROPPED", "QUEUE_MEMBER_PUT_BACK", "QUEUE_CLOSED", "QUEUE_ACTION_UNDONE",
)  # fmt: skip
# Events at which a party's wait is measured; the others happen while it waits.
_WAITED = {CALLED, SERVED, LEFT, KICKED, DROPPED}
# What facts are made of. Django and Postgres spend time on each column, and the rows have 46 and 47 (decision 0081).
_OF_QUEUE = ("venue_id", "opened_at", "time_scale")
_OF_PARTY = ("queue_id", "size", "quote_low_ms", "quote_high_ms", "joined_at", "called_at")


def keep(events: Sequence[Event]) -> None:
    """Writes one fact per event, idempotently: the party's id, the time, its size, wait and quote.

    Runs in one transaction with the effects' marks (outbox.work). A replayed line's times are scaled back to the line's own
    time; its quotes are in that time already, because its pace is (queues.commands.hosts).
    """
    lines, guests = Queue.objects.only(*_OF_QUEUE), Party.objects.only(*_OF_PARTY)
    queues = lines.in_bulk({event.stream_id for event in events if event.stream == STREAM})
    parties = guests.in_bulk({event.party_id for event in events if event.party_id and event.type != JOINED})
    facts = [_fact(event, queues.get(event.stream_id), parties.get(event.party_id)) for event in events]
    Fact.objects.bulk_create(facts, ignore_conflicts=True)


def _fact(event: Event, queue: Queue | None, party: Party | None) -> Fact:
    return Fact(
        event=event,
        type=event.type,
        queue=queue,
        venue_id=queue.venue_id if queue else None,
        party_id=event.party_id,
        version=event.version,
        seq=event.seq,
        undoes=event.data.get("undoes") if event.type == UNDONE else None,
        at=replayed.line_time(queue, event.at) if queue else event.at,
        reason=str(event.data.get("reason", ""))[:16],
        **(_of_party(queue, event, party) if queue and event.party_id else {}),
    )


def _of_party(queue: Queue, event: Event, party: Party | None) -> dict[str, Any]:
    """The party's columns of a fact. Its join time never changes; a quote given by a host comes with its own event."""
    if event.type == JOINED:
        # From the event, not from the row: a host may have corrected the size later.
        joined = event.changes["parties"][str(event.party_id)]
        return {
            "size": joined["size"][1],
            "quoted_low_ms": joined["quote_low_ms"][1],
            "quoted_high_ms": joined["quote_high_ms"][1],
            "quote_model": event.data.get("model"),
            "older_low_ms": event.data.get("olderLowMs"),
            "older_high_ms": event.data.get("olderHighMs"),
        }
    if party is None or party.queue_id != queue.pk:
        return {}
    known = {"size": party.size, "quoted_low_ms": party.quote_low_ms, "quoted_high_ms": party.quote_high_ms}
    if event.type == QUOTED:
        known |= {"quoted_low_ms": event.data["waitLowMs"], "quoted_high_ms": event.data["waitHighMs"]}
    if event.type in _WAITED:
        waited_ms = (event.at - party.joined_at) * queue.time_scale // timedelta(milliseconds=1)
        known["waited_ms"] = max(0, waited_ms)  # the database's clock may have been set back in between
    if event.type == SERVED and party.called_at is not None:
        called_ms = (party.called_at - party.joined_at) * queue.time_scale // timedelta(milliseconds=1)
        known["called_ms"] = min(max(0, called_ms), known["waited_ms"])
    return known
