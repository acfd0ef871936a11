"""The lines, polls and rooms of a venue as webhooks read them: whose they are, their code, and their newest version."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from django.db.models import Q

from outbox.models import Event
from polls.models import Poll
from queues.models import Party, Queue
from rooms.models import Room
from webhooks.events import parties_of

_MODELS: dict[str, Any] = {"queue": Queue, "poll": Poll, "room": Room}


class Stream(NamedTuple):
    """One line, poll or room at its newest version."""

    kind: str
    id: UUID
    venue_id: UUID
    version: int


def of_venues(venues: Iterable[UUID], *, open_since: datetime | None) -> list[Stream]:
    """Those of these venues that are open, or were after `open_since` (None: all)."""
    found = []
    for kind, model in _MODELS.items():
        rows = model.objects.filter(venue_id__in=list(venues))
        if open_since is not None:
            rows = rows.filter(Q(closed_at=None) | Q(closed_at__gt=open_since))
        found += [Stream(kind, *row) for row in rows.values_list("pk", "venue_id", "version")]
    return found


def code_of(stream: str, stream_id: UUID) -> str:
    """Its code; empty where it was deleted."""
    return str(_MODELS[stream].objects.filter(pk=stream_id).values_list("code", flat=True).first() or "")


def tickets_of(events: Iterable[Event]) -> Mapping[str, int]:
    """The ticket numbers of all parties that these events are about, by party id."""
    ids = {pk for event in events for pk in parties_of(event)}
    found = Party.objects.filter(pk__in=ids).values_list("pk", "ticket") if ids else ()
    return {str(pk): ticket for pk, ticket in found}


def is_of(stream: str, stream_id: UUID, venue_id: UUID) -> bool:
    """Whether it is the venue's, and is still there."""
    return bool(_MODELS[stream].objects.filter(pk=stream_id, venue_id=venue_id).exists())
