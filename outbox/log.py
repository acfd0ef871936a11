"""The events of a line, poll or room as sentences for staff, as story.html shows them."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.conf import settings

from outbox.models import Event
from web.admin_columns import list_of

MOST_TOLD = 200


@dataclass(frozen=True, slots=True)
class Sentence:
    """One event in words. `at` is in the zone of its line, poll or room."""

    event_id: int
    at: datetime
    text: str
    party_id: UUID | None


def who(event: Event, *, system: str = "the clock") -> str:
    """The actor, by the address they signed in with if they did."""
    if event.actor_user is not None:
        return f"{event.actor} {event.actor_user.email}"
    return {"system": system, "staff": "staff"}.get(event.actor, f"the {event.actor}")


def log_of(stream: str, row: Any, verbs: Mapping[str, str]) -> dict[str, Any]:
    """For story.html: the last MOST_TOLD events of `row`, newest last, in its zone or else the installation's.

    `verbs`: what its actor did, by the event's type.
    """
    zone = row.zone or settings.TIME_ZONE
    events = Event.objects.filter(stream=stream, stream_id=row.pk).select_related("actor_user")
    newest = list(events.order_by("-version", "-seq")[: MOST_TOLD + 1])
    return {
        "sentences": [_sentence(event, ZoneInfo(zone), verbs) for event in newest[:MOST_TOLD][::-1]],
        "story_zone": zone,
        "story_cut": MOST_TOLD if len(newest) > MOST_TOLD else 0,
        "events_url": list_of("outbox_event", stream_id__exact=row.pk),
    }


def _sentence(event: Event, zone: ZoneInfo, verbs: Mapping[str, str]) -> Sentence:
    text = f"{who(event)} {verbs.get(event.type, event.type)}."
    return Sentence(event_id=event.pk, at=event.at.astimezone(zone), text=text[:1].upper() + text[1:], party_id=None)
