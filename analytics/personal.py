"""What guests' pages reported with words of their own (decision 0088). Facts of events hold numbers only, and stay."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from django.db.models import Q

from analytics.models import Fact
from core.change import durable
from core.json_types import View
from queues.models import Party

_MOST_AT_ONCE = 1000


def forget(line: UUID, parties: Sequence[UUID] | None) -> dict[str, int]:
    """Empties the `meta` of what the pages of these parties of the line reported, and its key; None: of all."""
    reported = Fact.objects.filter(~Q(meta={}) | Q(create_key__isnull=False), queue_id=line, version__isnull=True)
    kept = reported if parties is None else reported.filter(party_id__in=parties)
    kept.update(meta={}, create_key=None, create_asked="")
    return {}


@durable()
def forget_of_no_line(before: datetime) -> int:
    """Deletes some of the facts that belong to no line and are older; how many. No report reads them."""
    old = Fact.objects.filter(queue__isnull=True, version__isnull=True, at__lt=before)
    deleted, _ = Fact.objects.filter(pk__in=list(old.values_list("pk", flat=True)[:_MOST_AT_ONCE])).delete()
    return deleted


def export(party: Party) -> View:
    """What the party's page reported."""
    reported = Fact.objects.filter(queue_id=party.queue_id, party_id=party.pk, version__isnull=True).order_by(
        "at", "pk"
    )
    return {"reports": [{"type": each.type, "meta": each.meta} for each in reported]}
