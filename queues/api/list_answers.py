"""What the lists of lines and parties answer (queues/api/lists.py)."""

from typing import Any

from rest_framework import serializers

from core.clock import milliseconds
from queues.models import Party, Queue
from web.paging import NEXT
from web.serializers import Moment, Ms


class ListedLine(serializers.Serializer[Any]):
    """A line of the venue."""

    id = serializers.UUIDField()
    code = serializers.CharField()
    eventName = serializers.CharField()
    serviceId = serializers.UUIDField(allow_null=True)
    maxGuests = serializers.IntegerField()
    openedAt = Moment()
    lastEntryAt = Moment(allow_null=True)
    closedAt = Moment(allow_null=True)
    closeReason = serializers.CharField(help_text="Empty while it is open.")
    paused = serializers.BooleanField()
    waiting = serializers.IntegerField(help_text="Parties.")
    called = serializers.IntegerField(help_text="Parties.")
    version = serializers.IntegerField()


class ListedLines(serializers.Serializer[Any]):
    """Lines, the newest first."""

    lines = ListedLine(many=True)
    next = serializers.CharField(allow_null=True, help_text=NEXT)


class ListedParty(serializers.Serializer[Any]):
    """A party of a line, also one that is in line no more."""

    id = serializers.UUIDField()
    ticket = serializers.IntegerField()
    name = serializers.CharField()
    size = serializers.IntegerField()
    note = serializers.CharField()
    section = serializers.CharField()
    status = serializers.ChoiceField(choices=Party.Status.values)
    nearby = serializers.BooleanField()
    walkIn = serializers.BooleanField(source="walk_in")
    hasPhone = serializers.BooleanField(source="has_phone")
    joinedAt = Moment(source="joined_at")
    quoteLowMs = Ms(source="quote_low_ms")
    quoteHighMs = Ms(source="quote_high_ms")
    calledAt = Moment(source="called_at", allow_null=True)
    deadline = Moment(source="call_deadline", allow_null=True)
    lateAt = Moment(source="late_at", allow_null=True)
    endedAt = Moment(source="ended_at", allow_null=True)
    tableIds = serializers.ListField(
        source="tables", child=serializers.IntegerField(), help_text="Where it was seated."
    )


class ListedParties(serializers.Serializer[Any]):
    """Parties in the order of their tickets."""

    parties = ListedParty(many=True)
    next = serializers.CharField(allow_null=True, help_text=NEXT)


def line_view(row: Queue, counts: dict[str, int]) -> dict[str, Any]:
    """A line; `counts`: its parties by status."""
    return {
        "id": str(row.pk),
        "code": row.code,
        "eventName": row.event_name,
        "serviceId": str(row.service_id) if row.service_id else None,
        "maxGuests": row.max_guests,
        "openedAt": milliseconds(row.opened_at),
        "lastEntryAt": milliseconds(row.last_entry_at),
        "closedAt": milliseconds(row.closed_at),
        "closeReason": row.close_reason,
        "paused": row.paused,
        "waiting": counts.get(Party.Status.WAITING, 0),
        "called": counts.get(Party.Status.CALLED, 0),
        "version": row.version,
    }
