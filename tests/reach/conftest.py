"""A venue that offers three ways, a guest with all of them, and one pass of workers in this process."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.db.models import F

from outbox import work
from outbox.models import Effect
from queues import commands as queue_commands
from queues.contacts import Contact
from queues.models import Party, Queue
from reach import commands, sending
from reach.models import Message
from reach.ways import WAYS
from tests.mail.mail_server import MailServer
from tests.push.conftest import service as service
from tests.reach.texts import WAY, Texts, texts
from venues import commands as venue_commands
from venues.models import Venue

NUMBER, EMAIL, ORIGIN = "+34600111222", "ana.canary@example.com", "https://line.example.com"
Join = Callable[..., Party]


@pytest.fixture
def gateway(monkeypatch: pytest.MonkeyPatch) -> Texts:
    """The way of texts, empty."""
    monkeypatch.setitem(WAYS, WAY.name, WAY)
    texts.received, texts.answers = [], []
    return texts


@pytest.fixture
def mails(settings: Any) -> Iterator[MailServer]:
    with MailServer().running() as made:
        settings.EMAIL_BACKEND = "mail.in_time.InTime"
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", made.port
        yield made


@pytest.fixture
def venue(transactional_db: None, gateway: Texts) -> Venue:
    made = venue_commands.create_venue(name="Blue Door", timezone_name="Europe/Madrid")
    commands.set_channels(venue_id=made.pk, ways=["push", "text", "email"], fallback_s=45)
    return made


@pytest.fixture
def line(venue: Venue) -> Queue:
    return queue_commands.open_line(queue_commands.NewLine(event_name="Dinner", max_guests=100), venue=venue)


@pytest.fixture
def join(line: Queue) -> Join:
    """join(number=..., email=...) puts a party in line; its confirmation is told and forgotten."""

    def joined(*, number: str = NUMBER, email: str = EMAIL, told: bool = True, **more: Any) -> Party:
        contact = Contact(number=number, email=email, origin=ORIGIN, **more)
        party = queue_commands.join(line.pk, name="Zoë Canary", contact=contact).party
        if told:
            work_off()
            texts.received.clear()
        return party

    return joined


def work_off() -> None:
    """What workers do until nothing is due; twice, for that must not matter."""
    for _ in range(2):
        for effect in Effect.objects.filter(status="pending", name__in=("reach", "announce", "push")).order_by("pk"):
            work.perform(effect.pk)
        sending.send_due()


def pass_time(seconds: float) -> None:
    """As if so many seconds had passed since now, as messages see it."""
    by = timedelta(seconds=seconds)
    Message.objects.update(due_at=F("due_at") - by, made_at=F("made_at") - by)
    Message.objects.filter(leased_until__isnull=False).update(leased_until=F("leased_until") - by)


def states(party: Party, kind: str = "called") -> dict[str, str]:
    """The state of each way's message of that kind, first the one made first."""
    found = Message.objects.filter(party_id=party.pk, kind=kind).order_by("made_at", "pk")
    return dict(found.values_list("way", "state"))
