"""Messages that a person sends: a test, or one event again. They are answered at once and move nothing."""

from uuid import uuid4

from core import clock
from outbox.models import Event
from webhooks import commands, events, streams
from webhooks.deliveries import bodies_of, secrets_of
from webhooks.models import Endpoint
from webhooks.sender import Outcome, send


def send_test(endpoint: Endpoint) -> Outcome:
    """Sends a message of type webhook.test."""
    body = events.body(events.TEST, clock.now(), {"venue": str(endpoint.venue_id)})
    outcome = send(endpoint.url, f"msg_test_{uuid4().hex}", body, secrets_of(endpoint))
    commands.keep_single_answer(endpoint, None, events.TEST, outcome)
    return outcome


def send_again(endpoint: Endpoint, event: Event) -> Outcome:
    """Sends an event again, with the same id and the same bytes."""
    code = streams.code_of(event.stream, event.stream_id)
    (body,) = bodies_of(endpoint, [event], code)
    outcome = send(endpoint.url, events.message_id(event), body, secrets_of(endpoint))
    commands.keep_single_answer(endpoint, event, events.TYPES[event.type], outcome)
    return outcome
