"""What /metrics asks Postgres for: messages, texts, webhooks, retention."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from prometheus_client import REGISTRY

from config import gauges
from core import clock
from push.models import Delivery
from queues import commands as lines
from queues.models import Queue
from reach.commands.spending import QUIET
from reach.models import Message
from reach.text_models import Provider, Spent
from retention import commands as retention
from venues import commands as venue_commands
from venues.days import business_day
from venues.models import Venue
from webhooks.models import ALL, Endpoint, Feed

pytestmark = pytest.mark.django_db(transaction=True)


def told(name: str, **labels: str) -> float:
    """A gauge after it was read again."""
    gauges.refresh()
    value = REGISTRY.get_sample_value(f"tallyline_{name}", labels)
    assert value is not None, "no such gauge"
    return value


@pytest.fixture
def venue() -> Venue:
    return venue_commands.create_venue(name="Blue Door", timezone_name="Europe/Madrid")


@pytest.fixture
def line(venue: Venue) -> Queue:
    return lines.open_line(lines.NewLine(event_name="Dinner", max_guests=100), venue=venue)


def sent(line: Queue, state: str, *, ago: timedelta = timedelta(minutes=5), way: str = "sms", **more: Any) -> None:
    at = clock.now() - ago
    Message.objects.create(
        queue=line, party_id=uuid4(), kind="called", way=way, state=state, made_at=at, due_at=at, **more
    )


def test_messages_are_told_by_way_and_state_once_receipts_had_time(line: Queue) -> None:
    for state in ("sent", "failed", "failed"):
        sent(line, state)
    sent(line, "failed", detail=QUIET)  # as the venue wants it
    sent(line, "failed", ago=timedelta(seconds=30))
    sent(line, "failed", ago=timedelta(minutes=40))
    sent(line, "delivered", way="pigeon")
    assert told("messages", way="sms", state="failed") == 2
    assert told("messages", way="sms", state="sent") == 1
    assert told("messages", way="sms", state="skipped") == 1
    assert told("messages", way="email", state="failed") == 0
    assert {
        sample.labels["way"]
        for family in REGISTRY.collect()
        if family.name == "tallyline_messages"
        for sample in family.samples
    } == {"sms", "whatsapp", "email", "push"}


def test_push_messages_are_told_by_their_receipts(line: Queue) -> None:
    at = clock.now() - timedelta(minutes=5)
    rows = [("sent", at, "called"), ("sent", None, "called"), ("refused", None, "called"), ("sent", None, "test")]
    for result, received_at, kind in rows:
        Delivery.objects.create(party_id=uuid4(), kind=kind, sent_at=at, result=result, received_at=received_at)
    assert [told("messages", way="push", state=state) for state in ("delivered", "sent", "failed")] == [1, 1, 1]


def test_a_message_that_nobody_sends_is_late(line: Queue) -> None:
    assert told("messages_lag_seconds") == 0
    sent(line, "due", ago=timedelta(minutes=3))
    assert 180 <= told("messages_lag_seconds") < 240


def test_venues_are_counted_whose_texts_near_or_reach_their_cap_or_find_no_provider(venue: Venue) -> None:
    states = ("near_cap", "held_back", "failing")
    at = clock.now()
    provider = Provider.objects.create(
        venue=venue, kind="gateway", cap_micros=1_000_000, origin="https://line.example", made_at=at
    )
    today = business_day(at, venue.timezone, venue.day_ends)
    Spent.objects.create(venue=venue, day=today - timedelta(days=1), micros=1_000_000, held_back=9)
    spent = Spent.objects.create(venue=venue, day=today, micros=790_000)
    assert [told("texts_venues", state=state) for state in states] == [0, 0, 0]
    Spent.objects.filter(pk=spent.pk).update(micros=800_000)
    assert [told("texts_venues", state=state) for state in states] == [1, 0, 0]
    Spent.objects.filter(pk=spent.pk).update(held_back=1)
    Provider.objects.filter(pk=provider.pk).update(failing_since=at - timedelta(minutes=6))
    assert [told("texts_venues", state=state) for state in states] == [0, 1, 1]


def test_webhooks_are_counted_by_state_and_only_those_that_work_are_late(venue: Venue, line: Queue) -> None:
    at, before = clock.now(), clock.now() - timedelta(minutes=4)
    for number, fields in enumerate(({}, {"failing_since": before}, {"failing_since": before, "disabled_at": at})):
        endpoint = Endpoint.objects.create(
            venue=venue, name="till", url="https://till.example", secret=f"s{number}", origin="https://line.example",
            created_at=at, looked_at=at, **fields,
        )  # fmt: skip
        Feed.objects.create(
            endpoint=endpoint, stream="queue", stream_id=line.pk, version=1, seq=ALL, newest=1 if not fields else 2,
            due_at=before,
        )  # fmt: skip
    assert [told("webhooks", state=state) for state in ("healthy", "failing", "disabled")] == [1, 1, 1]
    assert told("webhooks_lag_seconds") == 0
    Feed.objects.update(newest=2)
    assert 240 <= told("webhooks_lag_seconds") < 300


@pytest.mark.parametrize("of_a_venue", [True, False])
def test_guests_that_should_be_forgotten_and_are_not_are_told(
    of_a_venue: bool, venue: Venue, line: Queue, settings: Any
) -> None:
    settings.RETENTION_DAYS = 30
    if not of_a_venue:
        line = lines.open_line(lines.NewLine(event_name="Dinner", max_guests=100))
    lines.close(line.pk)
    Queue.objects.filter(pk=line.pk).update(closed_at=clock.now() - timedelta(days=29))
    assert told("retention_late_seconds") == 0
    Queue.objects.filter(pk=line.pk).update(closed_at=clock.now() - timedelta(days=30, hours=2))
    assert 7200 <= told("retention_late_seconds") < 7260
    if of_a_venue:
        retention.keep_for(venue_id=venue.pk, days=31)
        assert told("retention_late_seconds") == 0
        retention.keep_for(venue_id=venue.pk, days=7)
    assert retention.forget_line(line.pk)
    assert told("retention_late_seconds") == 0
