"""Reads of lists that are as long as a venue's past, page by page (web/paging.py)."""

from collections import defaultdict
from collections.abc import Sequence
from uuid import UUID

from django.db.models import Count, QuerySet

from queues.models import Party, Queue


def lines_of(venue_id: UUID, *, open_only: bool) -> QuerySet[Queue]:
    """Lines of a venue, to be paged by `opened_at` (index queue_of_venue)."""
    rows: QuerySet[Queue] = Queue.objects.filter(venue_id=venue_id)
    return rows.filter(closed_at=None) if open_only else rows


def counts_in(lines: Sequence[Queue]) -> dict[UUID, dict[str, int]]:
    """How many parties wait and are called in each of these lines."""
    found: dict[UUID, dict[str, int]] = defaultdict(dict)
    rows = Party.objects.filter(queue__in=[line.pk for line in lines], status__in=Party.IN_LINE)
    for queue_id, status, parties in rows.values_list("queue_id", "status").annotate(parties=Count("pk")).order_by():
        found[queue_id][status] = parties
    return found


def parties_of(queue_id: UUID, *, after: int, most: int) -> Sequence[Party]:
    """Parties of a line, in or out of it, behind this ticket. By index one_party_per_ticket."""
    return list(Party.objects.filter(queue_id=queue_id, ticket__gt=after).order_by("ticket")[:most])
