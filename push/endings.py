"""Which events end or restore places, and what each browser was told about that."""

from typing import Any
from uuid import UUID

from core import clock
from outbox.models import Effect, Event
from push.models import Delivery
from queues.models import Party

Kind = Delivery.Kind

# The message for each way a place ends. Guests who left or were seated know it and get none.
OF_STATUS: dict[str, Delivery.Kind] = {
    Party.Status.KICKED: Kind.REMOVED,
    Party.Status.NO_SHOW: Kind.NO_SHOW,
    Party.Status.CLOSED: Kind.CLOSED,
}
ENDINGS = frozenset(OF_STATUS.values())
# The events whose pushes tell of an end; a PUSH_ANNOUNCED event is for one of many parties.
_TOLD_BY = ("QUEUE_MEMBER_KICKED", "QUEUE_MEMBER_DROPPED", "PUSH_ANNOUNCED")


def changed(event: Event) -> dict[UUID, dict[str, Any]]:
    """By party: `kind` and `at` (when the place ended) of each place that a close or an undo ended or restored.

    `undone`: an undo restored an earlier end; only browsers that were told of the place in between hear of it.
    """
    told: dict[UUID, dict[str, Any]] = {}
    for party_id, fields in event.changes.get("parties", {}).items():
        before, after = fields.get("status", (None, None))
        if after in OF_STATUS and before in Party.IN_LINE:
            undone = event.type == "QUEUE_ACTION_UNDONE"
            told[UUID(party_id)] = {"kind": OF_STATUS[after], "at": fields["ended_at"][1], "undone": undone}
        elif before in OF_STATUS and after in Party.IN_LINE:
            told[UUID(party_id)] = {"kind": Kind.BACK, "at": None}
    return told


def newest_told(party: Party) -> dict[UUID, Delivery]:
    """By subscription: the last delivery that told of the place's end or return."""
    deliveries = Delivery.objects.filter(
        party_id=party.pk, kind__in=[*ENDINGS, Kind.BACK], result=Delivery.Result.SENT, subscription__isnull=False
    )
    return {each.subscription_id: each for each in deliveries.order_by("sent_at", "pk") if each.subscription_id}


def is_being_told(party: Party, *, but: Event) -> bool:
    """Whether a worker is now sending the end of this place: it may have read the state before the change. `but`: the event that
    the caller performs itself."""
    at_it = Effect.objects.filter(name="push", status=Effect.Status.PENDING, leased_until__gt=clock.NOW)
    return at_it.filter(event__party_id=party.pk, event__type__in=_TOLD_BY).exclude(event=but).exists()
