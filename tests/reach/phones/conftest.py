"""A provider on loopback, a venue whose texts it carries, and parties whose guests gave a number."""

from collections.abc import Callable, Iterator
from typing import Any
from uuid import uuid4

import pytest

from core import clock
from outbox import connections
from queues import commands as lines
from queues import contacts
from queues.models import Party, Queue
from reach import commands, texting
from reach.commands.texts import Texts
from reach.models import Message
from reach.providers import Channel
from reach.text_models import Provider
from reach.ways import Outgoing, Sent
from tests.reach.phones.provider import SID, TOKEN, TextProvider
from venues import commands as venue_commands
from venues.models import Venue

ORIGIN = "https://line.example"
NUMBER = "+34612345678"


@pytest.fixture
def provider(settings: Any) -> Iterator[TextProvider]:
    """Twilio and a gateway that this installation may reach."""
    made = TextProvider()
    settings.TEXT_EXTRA_HOSTS, settings.TEXT_TIMEOUT_S = [made.host], 5.0
    settings.TWILIO_API_URL = f"http://{made.host}"
    yield made
    connections.pool.close()
    made.close()
    assert made.faults == []


@pytest.fixture
def venue(transactional_db: None) -> Venue:
    return venue_commands.create_venue(name="Blue Door", timezone_name="Europe/Madrid")


@pytest.fixture
def line(venue: Venue) -> Queue:
    return lines.open_line(lines.NewLine(event_name="Dinner", max_guests=100), venue=venue)


SetUp = Callable[..., Provider]


@pytest.fixture
def set_up(venue: Venue, provider: TextProvider) -> SetUp:
    """set_up("gateway", cap_micros=…) lets the provider carry the venue's texts."""

    def do(kind: str = "gateway", **more: Any) -> Provider:
        given = {"sid": SID, "token": TOKEN} if kind == "twilio" else {"url": provider.url}
        fields = {"sender": "+15005550006", "whatsapp_sender": "+15005550006"} | given | more
        row, _ = commands.set_texts(venue_id=venue.pk, texts=Texts(kind=kind, **fields), origin=ORIGIN)
        provider.secret = row.secret
        return row

    return do


def joined(line: Queue, number: str = NUMBER, *, language: str = "en", name: str = "Ann") -> Party:
    """A party whose guest gave this number."""
    party = lines.join(line.pk, name=name).party
    chosen = contacts.Contact(number=number, ways=("sms",), language=language, origin=ORIGIN)
    commands.choose(line.pk, party_id=party.pk, contact=chosen)
    party.refresh_from_db()
    return party


def a_message(party: Party, kind: str = "called", way: str = "sms", **more: Any) -> Message:
    """A message that is due, as the planning writes it."""
    at = clock.now()
    again = Message.objects.count()
    return Message.objects.create(
        queue_id=party.queue_id, party_id=party.pk, kind=kind, way=way, again=again, made_at=at, due_at=at, **more
    )


def send(
    venue: Venue, message: Message | None = None, to: str = NUMBER, channel: Channel = Channel.SMS, **more: Any
) -> Sent:
    """One attempt of one text."""
    fields: dict[str, Any] = {
        "kind": "called",
        "title": "It is your turn",
        "body": "Dinner is ready for you. Please come by 19:30.",
        "url": f"{ORIGIN}/queue/ABCDEF/ticket",
        "language": "en",
    }
    key = message.pk if message else uuid4()
    return texting.send(Outgoing(key=key, venue_id=venue.pk, to=to, **(fields | more)), channel)
