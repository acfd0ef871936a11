"""One worker's turn with a receiver: when it ends, and who comes next."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from core import clock
from queues import commands as queue_commands
from queues.models import Queue
from tests.webhooks.conftest import open_line, wait_is_over, work
from tests.webhooks.receiver import Receiver, Reply
from venues import commands as venue_commands
from venues.models import Venue
from webhooks import by_hand, commands, deliveries, sender
from webhooks.commands import deliveries as noting
from webhooks.models import Attempt, Endpoint, Feed


def left(endpoint: Endpoint) -> timedelta:
    """How long the endpoint still rests."""
    endpoint.refresh_from_db()
    return (endpoint.leased_until or clock.now()) - clock.now()


def shown(venue: Venue, endpoint: Endpoint) -> dict[str, Any]:
    """The webhook as the API shows it."""
    key = venue_commands.create_api_key(venue=venue, name="till")[1]
    return dict(Client().get(f"/api/webhooks/{endpoint.pk}", headers={"api-key": key}).json())


# -------------------------------------------------------------------------------------------------------------- its end
@pytest.mark.thorough
def test_one_that_asks_for_a_rest_gets_it_for_all_its_lines(
    hook: Endpoint, venue: Venue, line: Queue, receiver: Receiver
) -> None:
    receiver.reply = Reply(429, {"Retry-After": "600"})
    other = open_line(venue, "Lunch")
    queue_commands.join(line.pk)
    work()
    assert Attempt.objects.get().detail == "HTTP 429, and asks to wait 600 s"
    assert timedelta(seconds=590) < left(hook) <= timedelta(seconds=600)
    queue_commands.join(other.pk)
    work()
    assert len(receiver.refused) == 1
    told = shown(venue, hook)
    assert told["nextTryAt"] - clock.milliseconds(clock.now()) in range(590_000, 600_001)
    assert told["failingSince"] and told["disabledAt"] is None
    receiver.reply = Reply()
    Endpoint.objects.update(leased_until=None, woken_at=None)
    work()
    feed = Feed.objects.get(attempts=1)
    assert feed.due_at - clock.now() > timedelta(seconds=580), "the message itself waits as long"
    wait_is_over()
    work()
    assert sorted(receiver.types()) == ["line.opened", "party.joined", "party.joined"]
    assert shown(venue, hook)["nextTryAt"] is None


def test_one_that_takes_nothing_rests_shortly_at_first_and_longer_then(
    hook: Endpoint, line: Queue, receiver: Receiver
) -> None:
    receiver.reply = Reply(500)
    queue_commands.join(line.pk)
    work()
    assert noting.FIRST_REST - timedelta(seconds=2) < left(hook) <= noting.FIRST_REST
    wait_is_over()
    Endpoint.objects.update(failing_since=clock.now() - noting.AT_FIRST)
    work()
    assert noting.REST - timedelta(seconds=2) < left(hook) <= noting.REST


def test_one_that_hangs_ends_the_turn_at_once(
    hook: Endpoint, venue: Venue, receiver: Receiver, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.WEBHOOK_TIMEOUT_S = 0.2
    monkeypatch.setattr(deliveries, "PATIENCE_S", 0.2)
    receiver.reply = Reply(how="hang")
    for number in range(3):
        open_line(venue, f"Line {number}")
    work()
    assert Attempt.objects.count() == 1


def test_a_worker_that_lost_its_turn_sends_nothing_more(
    hook: Endpoint, venue: Venue, line: Queue, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It stood still, and another has told the same lines further: what it sent now would come behind later events."""
    other = open_line(venue, "Lunch")
    for pk in (line.pk, other.pk):
        queue_commands.join(pk)
    send = sender.send

    def slow(*args: Any) -> Any:
        outcome = send(*args)
        Endpoint.objects.update(leased_until=clock.now() + timedelta(seconds=15))  # the other worker's
        return outcome

    monkeypatch.setattr(deliveries, "send", slow)
    work()
    assert len(receiver.received) == 1


def test_a_worker_that_stood_still_beyond_its_lease_sends_nothing(
    hook: Endpoint, line: Queue, receiver: Receiver
) -> None:
    queue_commands.join(line.pk)
    commands.find_news()
    turn = commands.begin_turn(hook.pk)
    assert turn is not None and not turn.is_over
    turn.leased_at -= noting.LEASE.total_seconds()
    assert list(deliveries._tell(turn, turn.feeds[0], until=float("inf"))) == []
    assert receiver.received == []


def test_a_webhook_that_is_removed_while_it_is_told_ends_quietly(
    hook: Endpoint, venue: Venue, line: Queue, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    send = sender.send

    def removed(*args: Any) -> Any:
        outcome = send(*args)
        commands.remove_endpoint(hook.pk, venue_id=venue.pk)
        return outcome

    for _ in range(2):
        queue_commands.join(line.pk)
    monkeypatch.setattr(deliveries, "send", removed)
    work()
    assert len(receiver.received) == 1 and not Attempt.objects.exists()


def test_a_test_of_a_webhook_that_is_removed_meanwhile_is_answered(
    hook: Endpoint, venue: Venue, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    send = sender.send

    def removed(*args: Any) -> Any:
        commands.remove_endpoint(hook.pk, venue_id=venue.pk)
        return send(*args)

    monkeypatch.setattr(by_hand, "send", removed)
    assert by_hand.send_test(hook).taken and not Attempt.objects.exists()


def test_a_message_that_is_held_up_is_seen_while_others_arrive(
    hook: Endpoint, venue: Venue, line: Queue, receiver: Receiver
) -> None:
    receiver.refuses = lambda message: message.line == line.code
    queue_commands.join(line.pk)
    work()
    open_line(venue, "Lunch")
    Endpoint.objects.update(leased_until=None, woken_at=None)
    work()
    assert receiver.types() == ["line.opened"]
    told = shown(venue, hook)
    assert told["failingSince"] is None and told["nextTryAt"] > clock.milliseconds(clock.now())
