"""Reads of venues."""

from venues.models import Venue


def venue_at(slug: str) -> Venue | None:
    """The venue that has, or once had, this slug."""
    return Venue.objects.filter(slugs__slug=slug).first()
