"""A line, a push service on loopback, and what performs effects in this process."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from outbox import connections, work
from outbox.models import Effect
from push import commands, vapid
from push.models import Subscription
from queues import commands as queue_commands
from queues.models import Party, Queue
from tests.push.service import Browser, PushService

Join = Callable[..., Party]


@pytest.fixture
def service(settings: Any) -> Iterator[PushService]:
    """A push service that this installation trusts, with its own keys."""
    made = PushService()
    settings.PUSH_EXTRA_HOSTS = [made.host]
    settings.PUSH_TIMEOUT_S = 5.0
    settings.VAPID_PRIVATE_KEY = "q1dXpw3UpT5VOmu_cf_v6ih07Aems3njxI-JWgLcM94"
    made.public_key = vapid.public_key()
    yield made
    connections.pool.close()
    made.close()
    assert made.faults == []


@pytest.fixture
def line(transactional_db: None) -> Queue:
    """An open line."""
    return queue_commands.open_line(queue_commands.NewLine(event_name="Café Blue", max_guests=100))


@pytest.fixture
def join(line: Queue) -> Callable[..., Party]:
    """join("Ann") puts a party in line."""
    return lambda name="": queue_commands.join(line.pk, name=name).party


def subscribe(party: Party, browser: Browser) -> Subscription:
    """As the API does it."""
    return commands.subscribe(
        queue_id=party.queue_id,
        party_id=party.pk,
        endpoint=browser.endpoint,
        p256dh=browser.p256dh,
        auth=browser.auth,
    )


def pushes(event_type: str | None = None) -> list[Effect]:
    """The push effects, oldest first."""
    found = Effect.objects.filter(name="push").select_related("event").order_by("pk")
    return list(found.filter(event__type=event_type) if event_type else found)


def perform() -> None:
    """Does every push effect that is not done, once, as a worker would."""
    for effect in pushes():
        if effect.status == Effect.Status.PENDING:
            work.perform(effect.pk)


def the_push(event_type: str) -> Effect:
    (effect,) = pushes(event_type)
    return effect


def call(line: Queue, party: Party) -> Effect:
    """Calls the party and returns the newest call's effect."""
    queue_commands.call(line.pk, party_id=party.pk)
    return pushes("QUEUE_MEMBER_CALLED")[-1]
