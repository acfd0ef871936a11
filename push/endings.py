"""What each browser was told about the end and the return of a place."""

from uuid import UUID

from core import clock
from outbox.models import Effect, Event
from push.models import Delivery
from queues.models import Party
from reach.endings import ENDINGS
from reach.notices import Kind

# The events whose pushes tell of an end; a PUSH_ANNOUNCED event is for one of many parties.
_TOLD_BY = ("QUEUE_MEMBER_KICKED", "QUEUE_MEMBER_DROPPED", "PUSH_ANNOUNCED")


def newest_told(party: Party) -> dict[UUID, Delivery]:
    """By subscription: the last delivery that told of the place's end or return."""
    deliveries = Delivery.objects.filter(
        party_id=party.pk, kind__in=[*ENDINGS, Kind.BACK], result=Delivery.Result.SENT, subscription__isnull=False
    )
    return {each.subscription_id: each for each in deliveries.order_by("sent_at", "pk") if each.subscription_id}


def is_being_told(party_id: UUID, *, but: Event) -> bool:
    """Whether a worker is now sending the end of this place: it may have read the state before the change. `but`: the event that
    the caller performs itself."""
    at_it = Effect.objects.filter(name="push", status=Effect.Status.PENDING, leased_until__gt=clock.NOW)
    return at_it.filter(event__party_id=party_id, event__type__in=_TOLD_BY).exclude(event=but).exists()
