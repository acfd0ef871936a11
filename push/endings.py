"""Which of a line's events mean that places have ended, or are there again, and what each browser was told of it."""

from typing import Any
from uuid import UUID

from core import clock
from outbox.models import Effect, Event
from push.models import Delivery
from queues.models import Party

Kind = Delivery.Kind

# What a party is told when its place ends. Guests who left, and those who were seated, know.
OF_STATUS: dict[str, Delivery.Kind] = {
    Party.Status.KICKED: Kind.REMOVED,
    Party.Status.NO_SHOW: Kind.NO_SHOW,
    Party.Status.CLOSED: Kind.CLOSED,
}
ENDINGS = frozenset(OF_STATUS.values())
# The events whose pushes say it; in ANNOUNCED ones the browsers of many parties are told.
_TOLD_BY = ("QUEUE_MEMBER_KICKED", "QUEUE_MEMBER_DROPPED", "PUSH_ANNOUNCED")


def changed(event: Event) -> dict[UUID, dict[str, Any]]:
    """By party: `kind` and `at` (when the place ended) of each place that a close or an undo ended or gave back.

    `undone`: an undo brought an earlier end back, which is told only to browsers that heard of the place since.
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
    """By subscription: the delivery that told it last that the place had ended, or is there again."""
    deliveries = Delivery.objects.filter(
        party_id=party.pk, kind__in=[*ENDINGS, Kind.BACK], result=Delivery.Result.SENT, subscription__isnull=False
    )
    return {each.subscription_id: each for each in deliveries.order_by("sent_at", "pk") if each.subscription_id}


def is_being_told(party: Party, *, but: Event) -> bool:
    """Whether a worker is telling an end of this place at this moment: it may have read the state before it changed. `but`: the
    event that the caller itself is at."""
    at_it = Effect.objects.filter(name="push", status=Effect.Status.PENDING, leased_until__gt=clock.NOW)
    return at_it.filter(event__party_id=party.pk, event__type__in=_TOLD_BY).exclude(event=but).exists()
