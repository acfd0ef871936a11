"""What programs send to the API of webhooks."""

from typing import Annotated, Any, ClassVar

from msgspec import Meta, field

from web.bodies import Body, default
from web.body_types import Milliseconds, OneOf, Text
from webhooks.events import ALL_TYPES
from webhooks.models import LONGEST_NAME, LONGEST_URL


class Name(Text, longest=LONGEST_NAME, blank=True):
    """What an owner calls a webhook."""


class Url(Text, longest=LONGEST_URL):
    """An https address."""


class EventType(OneOf, words=ALL_TYPES):
    """A type of events."""


class MessageId(Text, longest=80):
    """The `webhook-id` of a message."""


class WebhookBody(Body):
    """POST /api/webhooks and PUT /api/webhooks/{id}: the address, and the types of events that it is told of; none: all."""

    example: ClassVar[dict[str, Any]] = {
        "url": "https://till.example.com/tallyline",
        "name": "Till",
        "events": ["party.joined", "party.seated"],
    }

    url: Url
    name: Name = default(Name(""))
    events: Annotated[list[EventType], Meta(max_length=len(ALL_TYPES))] = field(default_factory=list)


class ReplayBody(Body):
    """POST .../replay: everything that happened from this time on is sent again, in order."""

    example: ClassVar[dict[str, Any]] = {"from": 1_760_000_000_000}

    since: Milliseconds = field(name="from")


class SendBody(Body):
    """POST .../send: one message again, by its `webhook-id`; without one, a test."""

    example: ClassVar[dict[str, Any]] = {"id": None}

    id: MessageId | None = None
