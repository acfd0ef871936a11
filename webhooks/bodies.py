"""What programs send to the API of webhooks."""

from typing import Any, ClassVar

from msgspec import UNSET, UnsetType, field

from outbox.addresses import LONGEST_ADDRESS
from web.bodies import Body, default
from web.body_types import Milliseconds, OneOf, Text
from webhooks.events import TYPES
from webhooks.models import LONGEST_NAME


class Name(Text, longest=LONGEST_NAME, blank=True):
    """What an owner calls a webhook."""


class Url(Text, longest=LONGEST_ADDRESS):
    """An https address."""


class EventType(OneOf, words=tuple(dict.fromkeys(TYPES.values()))):
    """A type of events."""


class MessageId(Text, longest=80):
    """The `webhook-id` of a message."""


class NewWebhookBody(Body):
    """POST /api/webhooks: the address, and the types of events that it is told of; none: all."""

    example: ClassVar[dict[str, Any]] = {
        "url": "https://till.example.com/tallyline",
        "name": "Till",
        "events": ["party.joined", "party.seated"],
    }

    url: Url
    name: Name = default(Name(""))
    events: list[EventType] = field(default_factory=list)


class WebhookBody(Body):
    """PATCH /api/webhooks/{id}: what is not sent stays."""

    example: ClassVar[dict[str, Any]] = {"name": "Till"}

    url: Url | UnsetType = UNSET
    name: Name | UnsetType = UNSET
    events: list[EventType] | UnsetType = UNSET


class ReplayBody(Body):
    """POST .../replay: everything that happened from this time on is sent again, in order."""

    example: ClassVar[dict[str, Any]] = {"from": 1_760_000_000_000}

    since: Milliseconds = field(name="from")


class SendBody(Body):
    """POST .../send: one message again, by its `webhook-id`; without one, a test."""

    example: ClassVar[dict[str, Any]] = {"id": None}

    id: MessageId | None = None
