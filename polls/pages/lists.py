"""Which polls a page lists. The pages of lines ask here too."""

from collections.abc import Collection
from uuid import UUID

from django.db.models import Case, IntegerField, Q, QuerySet, Value, When

from outbox import clock
from polls.models import Poll
from queues.models import Queue
from venues.models import User

MOST_SHOWN = 50

# Open ones first, then drafts.
_STATUS_ORDER = Case(
    When(status=Poll.Status.OPEN, then=Value(0)),
    When(status=Poll.Status.DRAFT, then=Value(1)),
    default=Value(2),
    output_field=IntegerField(),
)


def hosted(ids: Collection[UUID]) -> QuerySet[Poll]:
    """Those of these polls that are not closed, newest first."""
    return Poll.objects.filter(pk__in=ids).exclude(status=Poll.Status.CLOSED)


def of_person(user: User) -> QuerySet[Poll]:
    """The polls of all venues a person works for."""
    polls = Poll.objects.filter(venue__memberships__user=user).select_related("venue")
    return polls.order_by(_STATUS_ORDER, "-created_at", "pk")[:MOST_SHOWN]


def of_line(line: Queue) -> QuerySet[Poll]:
    """The polls for the people in this line."""
    return Poll.objects.filter(queue=line).order_by(_STATUS_ORDER, "-created_at", "pk")[:MOST_SHOWN]


def asked_in(line: Queue) -> Poll | None:
    """The poll that the people in this line may vote in now: the one opened last."""
    now = clock.now()
    begun, not_over = (
        Q(starts_at__isnull=True) | Q(starts_at__lte=now),
        Q(ends_at__isnull=True) | Q(ends_at__gt=now),
    )
    return (
        Poll.objects.filter(begun, not_over, queue=line, status=Poll.Status.OPEN).order_by("-opened_at", "pk").first()
    )
