"""What is personal in push: the addresses of browsers (decision 0088). That a message was sent, and when, stays."""

from collections.abc import Sequence
from urllib.parse import urlsplit
from uuid import UUID

from core.clock import milliseconds
from core.json_types import View
from push.models import Delivery, Subscription
from queues.models import Party


def forget(line: UUID, parties: Sequence[UUID] | None) -> dict[str, int]:
    """Deletes the subscriptions of these parties of the line; None: of all. Under the line's lock (law 2)."""
    rows = Subscription.objects.filter(queue_id=line)
    deleted, _ = (rows if parties is None else rows.filter(party_id__in=parties)).order_by().delete()
    return {"devices": deleted}


def export(party: Party) -> View:
    """The browsers that are told, by their push services, and what they were told. Endpoints and keys are secrets."""
    deliveries = Delivery.objects.filter(party_id=party.pk).order_by("sent_at", "pk")
    return {
        "devices": [
            {
                "service": urlsplit(each.endpoint).hostname,
                "language": each.language,
                "since": milliseconds(each.created_at),
            }
            for each in Subscription.objects.filter(party=party).order_by("created_at", "pk")
        ],
        "messages": [
            {"kind": each.kind, "at": milliseconds(each.sent_at), "result": each.result} for each in deliveries
        ],
    }
