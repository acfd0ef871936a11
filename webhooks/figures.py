"""What operators watch of webhooks (config/gauges.py). Counts only; no address."""

from dataclasses import dataclass

from django.db.models import Count, Q

from core import clock
from webhooks.models import BEHIND, Endpoint, Feed

HEALTHY = Q(disabled_at=None, failing_since=None)


@dataclass(frozen=True, slots=True)
class Figures:
    """`counts`: endpoints by state: healthy, failing, disabled. `lag_s`: how long the oldest message for a healthy one has
    waited."""

    counts: dict[str, int]
    lag_s: float


def now() -> Figures:
    """The figures at this instant."""
    at = clock.now()
    counts = Endpoint.objects.aggregate(
        healthy=Count("pk", filter=HEALTHY),
        failing=Count("pk", filter=Q(disabled_at=None, failing_since__isnull=False)),
        disabled=Count("pk", filter=Q(disabled_at__isnull=False)),
    )
    due = Feed.objects.filter(BEHIND, due_at__lte=at, endpoint__in=Endpoint.objects.filter(HEALTHY))
    oldest = due.order_by("due_at", "pk").values_list("due_at", flat=True).first()
    return Figures(counts=counts, lag_s=(at - oldest).total_seconds() if oldest else 0.0)
