"""A receiver on loopback, a venue with a line, and one pass of timers and workers in this process."""

from collections.abc import Iterator
from typing import Any

import pytest

from core import clock
from outbox import connections
from queues import commands as queue_commands
from queues.models import Queue
from tests.webhooks.receiver import Receiver
from venues import commands as venue_commands
from venues.models import Venue
from webhooks import commands, deliveries
from webhooks.models import Endpoint, Feed


@pytest.fixture
def receiver(settings: Any) -> Iterator[Receiver]:
    """A program of the venue that this installation may reach."""
    made = Receiver()
    settings.WEBHOOK_EXTRA_HOSTS = [made.host]
    settings.WEBHOOK_TIMEOUT_S = 5.0
    yield made
    connections.pool.close()
    made.close()
    assert made.forged == []


@pytest.fixture
def venue(transactional_db: None) -> Venue:
    return venue_commands.create_venue(name="Blue Door", timezone_name="Europe/Paris")


@pytest.fixture
def line(venue: Venue) -> Queue:
    return open_line(venue)


@pytest.fixture
def hook(venue: Venue, line: Queue, receiver: Receiver) -> Endpoint:
    """Told of everything that happens from now on."""
    return made_hook(venue, receiver)


def open_line(venue: Venue, name: str = "Dinner") -> Queue:
    return queue_commands.open_line(queue_commands.NewLine(event_name=name, max_guests=100), venue=venue)


def made_hook(venue: Venue, receiver: Receiver, **more: Any) -> Endpoint:
    made = commands.create_endpoint(venue=venue, **{"url": receiver.url, "origin": "https://line.example", **more})
    receiver.secrets.append(made.secret)
    return made


def work() -> None:
    """What timers and workers do in one second."""
    for endpoint_id in commands.find_news():
        deliveries.deliver(endpoint_id)


def wait_is_over() -> None:
    """As if the waits before the next tries had passed."""
    Endpoint.objects.update(leased_until=None, woken_at=None)
    Feed.objects.update(due_at=clock.now())
