"""The rooms that a page lists."""

from collections.abc import Collection
from uuid import UUID

from django.db.models import QuerySet

from rooms.models import Room
from venues.models import Venue

MOST_SHOWN = 50


def hosted(ids: Collection[UUID]) -> QuerySet[Room]:
    """Those of these rooms that are open, newest first."""
    return Room.objects.filter(pk__in=ids, status=Room.Status.OPEN)


def of_venues(venues: Collection[Venue]) -> QuerySet[Room]:
    """The rooms of these venues, open ones first."""
    rooms = Room.objects.filter(venue__in=venues).select_related("venue")
    return rooms.order_by("-status", "-opened_at", "pk")[:MOST_SHOWN]
