"""Messages that a person sends: a test, or one event again. They are answered at once and move nothing."""

from uuid import uuid4

from django.conf import settings

from core import clock
from core.errors import TooMany
from outbox.models import Event
from webhooks import commands, events, refusals, streams
from webhooks.deliveries import bodies_of, secrets_of
from webhooks.lanes import BY_HAND, entered
from webhooks.models import Endpoint
from webhooks.sender import Outcome, send


def send_test(endpoint: Endpoint) -> Outcome:
    """Sends a message of type webhook.test. Raises TooMany."""
    body = events.body(events.TEST, clock.now(), {"venue": str(endpoint.venue_id)})
    return _sent(endpoint, None, events.TEST, f"msg_test_{uuid4().hex}", body)


def send_again(endpoint: Endpoint, event: Event) -> Outcome:
    """Sends an event again, with the same id and the same bytes. Raises TooMany."""
    code = streams.code_of(event.stream, event.stream_id)
    (body,) = bodies_of(endpoint, [event], code)
    return _sent(endpoint, event, events.TYPES[event.type], events.message_id(event), body)


def _sent(endpoint: Endpoint, event: Event | None, kind: str, message_id: str, body: bytes) -> Outcome:
    """Sends a message while the page or program waits. Raises TooMany while others wait for slow receivers."""
    with entered(BY_HAND) as free:
        if not free:
            raise TooMany(refusals.RECEIVERS_WAIT, retry_after_s=round(settings.WEBHOOK_TIMEOUT_S))
        outcome = send(endpoint.url, message_id, body, secrets_of(endpoint))
    commands.keep_single_answer(endpoint, event, kind, outcome)
    return outcome
