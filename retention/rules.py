"""How long what is personal is kept, and why staff erase a guest. Pure but for the setting."""

from datetime import datetime, timedelta
from uuid import UUID

from django.conf import settings

from retention.models import Keeping

# Why staff have a guest erased. There is no free text: it would be one more place for names.
REASONS = {
    "asked": "The guest asked for it",
    "mistake": "Entered by mistake",
    "duty": "The law or an authority asks for it",
}
GUEST_ASKED = "ticket"


def days_of(venue_id: UUID | None) -> int:
    """Days that the venue keeps guests' data after the close; the installation's where it chose none, or without a venue."""
    chosen = Keeping.objects.filter(venue_id=venue_id).values_list("days", flat=True).first() if venue_id else None
    return chosen or settings.RETENTION_DAYS


def due_at(closed_at: datetime, venue_id: UUID | None) -> datetime:
    """When a line or room that was closed then is forgotten."""
    return closed_at + timedelta(days=days_of(venue_id))
