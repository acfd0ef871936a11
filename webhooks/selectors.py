"""Reads of webhooks."""

import re
from collections.abc import Iterable, Sequence
from datetime import datetime
from uuid import UUID

from django.db.models import Min

from core.errors import existing
from core.identifiers import as_uuid
from outbox.models import Event
from venues.models import Venue
from webhooks import refusals, streams
from webhooks.events import TYPES, message_id
from webhooks.models import BEHIND, Attempt, Endpoint, Feed

MOST_ATTEMPTS = 100
# A receiver that took so long for its newest answer is slow (webhooks/lanes.py).
SLOW_MS = 1_000
_MESSAGE_ID = re.compile(r"msg_([0-9a-f]{32})_([0-9]{1,18})_([0-9]{1,5})")


def endpoint_of(venue: Venue, wanted: str) -> Endpoint:
    """The webhook of the venue with this id, in any spelling. Raises NotFound."""
    known = as_uuid(wanted)
    return existing(venue.webhooks.filter(pk=known).first() if known else None, refusals.NO_WEBHOOK)


def newest_attempts(endpoint: Endpoint, *, before: int | None = None) -> Sequence[Attempt]:
    """The newest answers of a webhook; `before`: those older than the one with this number."""
    rows = endpoint.attempts.select_related("event")
    return list((rows if before is None else rows.filter(pk__lt=before)).order_by("-pk")[:MOST_ATTEMPTS])


def newest_took_ms(endpoint_id: UUID) -> int | None:
    """How long its newest answer took, a test's too; None for one that was never sent a message."""
    answers = Attempt.objects.filter(endpoint_id=endpoint_id).order_by("-at", "-pk")
    return answers.values_list("took_ms", flat=True).first()


def venue_id_of(endpoint_id: UUID) -> UUID | None:
    """Whose it is; None when it was removed."""
    return Endpoint.objects.filter(pk=endpoint_id).values_list("venue_id", flat=True).first()


def next_tries(endpoints: Iterable[Endpoint]) -> dict[UUID, datetime]:
    """When each of these endpoints is sent again what it has not taken. An endpoint that took everything is left out."""
    enabled = {each.pk: each.leased_until for each in endpoints if each.disabled_at is None}
    waiting = Feed.objects.filter(BEHIND, endpoint__in=list(enabled), attempts__gt=0)
    soonest = dict(waiting.values_list("endpoint").annotate(soonest=Min("due_at")).order_by())
    # A receiver that is down rests, whatever is due.
    return {pk: max(filter(None, (due, enabled[pk]))) for pk, due in soonest.items()}


def id_of(attempt: Attempt) -> str | None:
    """The `webhook-id` of the message that was sent; None for a test."""
    return message_id(attempt.event) if attempt.event is not None else None


def event_of(endpoint: Endpoint, wanted: str) -> Event:
    """The event of a `webhook-id`, if it is one of the endpoint's venue. Raises NotFound."""
    found = _MESSAGE_ID.fullmatch(wanted)
    event = None
    if found is not None:
        rows = Event.objects.filter(stream_id=UUID(found[1]), version=int(found[2]), seq=int(found[3]))
        event = rows.filter(type__in=list(TYPES)).first()
    if event is not None and not streams.is_of(event.stream, event.stream_id, endpoint.venue_id):
        event = None
    return existing(event, refusals.NO_EVENT, field="id")
