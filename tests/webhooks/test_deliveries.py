"""What a venue's program is told: in order, at least once, signed; what becomes of receivers that fail."""

from datetime import timedelta
from typing import Any

import pytest

from core import clock, sweep
from mail.models import Mail
from outbox.effects import EFFECTS
from outbox.models import Event
from queues import commands as queue_commands
from queues.models import Queue
from tests.resolver import Resolver
from tests.venues.people_of_venue import PASSWORD
from tests.webhooks.conftest import made_hook, open_line, wait_is_over, work
from tests.webhooks.receiver import Receiver, Reply
from venues import commands as venue_commands
from venues.models import Venue
from webhooks import commands, deliveries, events
from webhooks.commands import deliveries as noting
from webhooks.models import BEHIND, Attempt, Endpoint, Feed


def test_every_event_is_told_or_it_is_said_why_not() -> None:
    ours = {name for name in EFFECTS if name.startswith(("QUEUE_", "POLL_", "ROOM_"))}
    assert ours == set(events.TYPES) | set(events.NOT_TOLD)
    assert not set(events.TYPES) & set(events.NOT_TOLD)
    assert len(set(events.ALL_TYPES)) == len(events.TYPES)


def test_what_happens_is_told_in_its_order_and_nothing_of_before(venue: Venue, receiver: Receiver) -> None:
    line = open_line(venue)
    queue_commands.join(line.pk, name="Before")
    made_hook(venue, receiver)
    ann = queue_commands.join(line.pk, name="Ann", size=3).party
    queue_commands.call(line.pk, party_id=ann.pk)
    queue_commands.serve(line.pk, party_id=ann.pk)
    work()
    assert receiver.types() == ["party.joined", "party.called", "party.seated"]
    assert [each.place for each in receiver.received] == sorted(each.place for each in receiver.received)
    data = receiver.received[0].message["data"]
    assert data["line"] == {"id": str(line.pk), "code": line.code}
    [party] = data["parties"]
    assert (party["id"], party["ticket"], party["name"], party["size"]) == (str(ann.pk), 2, "Ann", 3)
    work()
    assert len(receiver.received) == 3
    assert not Feed.objects.filter(BEHIND).exists()


def test_a_line_that_is_opened_later_is_told_from_its_beginning(
    hook: Endpoint, venue: Venue, receiver: Receiver
) -> None:
    line = open_line(venue, "Brunch")
    queue_commands.join(line.pk)
    work()
    told = [each.type for each in receiver.received if each.line == line.code]
    assert told == ["line.opened", "party.joined"]


def test_another_venues_lines_are_not_told(hook: Endpoint, receiver: Receiver) -> None:
    other = venue_commands.create_venue(name="Red Door", timezone_name="Europe/Paris")
    queue_commands.join(open_line(other).pk)
    queue_commands.join(queue_commands.open_line(queue_commands.NewLine(event_name="No venue", max_guests=9)).pk)
    work()
    assert receiver.received == []


def test_only_chosen_types_are_told(venue: Venue, line: Queue, receiver: Receiver) -> None:
    made_hook(venue, receiver, events=["party.left", "line.closed"])
    ann = queue_commands.join(line.pk).party
    queue_commands.leave(line.pk, party_id=ann.pk)
    queue_commands.close(line.pk)
    work()
    assert receiver.types() == ["party.left", "line.closed"]


def test_an_event_that_is_not_taken_keeps_the_later_ones_of_its_line_waiting(
    hook: Endpoint, venue: Venue, line: Queue, receiver: Receiver
) -> None:
    other = open_line(venue, "Lunch")
    work()
    receiver.received.clear()
    receiver.refuses = lambda message: message.line == line.code and message.type == "party.joined"
    queue_commands.join(line.pk)
    queue_commands.pause(line.pk)
    queue_commands.join(other.pk)
    work()
    assert [(each.line, each.type) for each in receiver.received] == [(other.code, "party.joined")]
    refused, receiver.refuses = receiver.refused[0], lambda message: False
    work()
    assert len(receiver.received) == 1, "it is not tried before its wait is over"
    wait_is_over()
    work()
    assert receiver.types() == ["party.joined", "party.joined", "line.paused"]
    again = receiver.received[1]
    assert (again.id, again.body) == (refused.id, refused.body)


def test_a_message_is_sent_again_when_its_answer_was_not_noted(
    hook: Endpoint, line: Queue, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As when a worker is killed between the answer and its commit: at least once."""
    queue_commands.join(line.pk)

    def killed(*_: Any) -> bool:
        raise SystemExit

    with monkeypatch.context() as patch, pytest.raises(SystemExit):
        patch.setattr(commands, "keep_answer", killed)
        work()
    wait_is_over()
    work()
    first, second = receiver.received
    assert (first.id, first.body) == (second.id, second.body)


def test_two_workers_do_not_send_at_once(hook: Endpoint, line: Queue, receiver: Receiver) -> None:
    queue_commands.join(line.pk)
    work_to_do = commands.find_news()
    assert commands.begin_turn(hook.pk) is not None
    for endpoint_id in work_to_do:
        deliveries.deliver(endpoint_id)
    assert receiver.received == []


def test_a_killed_workers_turn_is_taken_by_another(hook: Endpoint, line: Queue, receiver: Receiver) -> None:
    queue_commands.join(line.pk)
    assert commands.begin_turn(hook.pk) is not None
    Endpoint.objects.update(leased_until=clock.now() - timedelta(seconds=1))
    work()
    assert receiver.types() == ["party.joined"]


def test_events_of_one_change_are_told_though_the_worker_ends_between_them(
    hook: Endpoint, line: Queue, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two events make one version: the first of them does not count as all of it."""
    ann = queue_commands.join(line.pk).party
    queue_commands.edit_party(line.pk, party_id=ann.pk, size=2, quote_ms=(60_000, 120_000))
    work()
    told = receiver.types()
    assert told == ["party.joined", "party.changed", "party.quoted"]
    feed = Feed.objects.get()
    newest = Event.objects.filter(stream_id=line.pk).order_by("-version", "-seq").first()
    assert newest is not None and newest.seq == 1
    Feed.objects.filter(pk=feed.pk).update(version=newest.version, seq=0)
    work()
    assert receiver.types() == [*told, "party.quoted"]


# ------------------------------------------------------------------------------------------------------------- bad receivers
@pytest.mark.parametrize(
    ("reply", "detail"),
    [
        (Reply(500), "HTTP 500"),
        (Reply(404), "HTTP 404"),
        (Reply(302, {"Location": "http://169.254.169.254/latest"}), "HTTP 302, and redirects are not followed"),
        (Reply(how="hang"), "no answer within 1 s"),
        (Reply(how="drop"), "no connection (ConnectionResetError)"),
    ],
)
def test_what_a_bad_receiver_does_is_listed_and_it_is_asked_again(
    reply: Reply, detail: str, hook: Endpoint, line: Queue, receiver: Receiver, settings: Any
) -> None:
    settings.WEBHOOK_TIMEOUT_S = 1.0
    receiver.reply = reply
    queue_commands.join(line.pk)
    work()
    attempt = Attempt.objects.get()
    assert (attempt.result, attempt.detail, attempt.type) == ("failed", detail, "party.joined")
    hook.refresh_from_db()
    assert hook.failing_since is not None
    receiver.reply = Reply()
    wait_is_over()
    work()
    assert receiver.types() == ["party.joined"]
    hook.refresh_from_db()
    assert hook.failing_since is None


@pytest.mark.thorough
def test_an_event_is_given_up_after_a_day_of_tries(hook: Endpoint, line: Queue, receiver: Receiver) -> None:
    assert timedelta(hours=24) < sum(noting.WAITS, timedelta()) < timedelta(hours=30)
    receiver.refuses = lambda message: message.type == "party.joined"
    queue_commands.join(line.pk)
    queue_commands.pause(line.pk)
    for _ in range(len(noting.WAITS) + 1):
        wait_is_over()
        work()
    assert receiver.types() == ["line.paused"]
    assert len(receiver.refused) == len(noting.WAITS) + 1
    assert list(Attempt.objects.order_by("pk").values_list("result", flat=True)[len(noting.WAITS) :]) == [
        "given up",
        "taken",
    ]


def disabled() -> int:
    """How many endpoints the timers disable now."""
    return sweep.each(commands.failing(), commands.disable_endpoint)


def test_one_that_takes_nothing_for_three_days_is_disabled_and_its_owner_told(
    hook: Endpoint, venue: Venue, line: Queue, receiver: Receiver
) -> None:
    venue_commands.create_host(email="manager@example.com", venue=venue, password=PASSWORD, role="manager")
    owners = [f"the-owner-of-a-restaurant-with-a-long-name-{n}@example.com" for n in (1, 2)]
    for email in owners:
        venue_commands.create_host(email=email, venue=venue, password=PASSWORD, role="owner")
    receiver.reply = Reply(500)
    queue_commands.join(line.pk)
    work()
    assert disabled() == 0
    Endpoint.objects.update(failing_since=clock.now() - timedelta(days=3))
    assert disabled() == 1
    assert disabled() == 0
    assert sorted(Mail.objects.values_list("kind", "to")) == [("webhook_disabled", email) for email in owners]
    receiver.reply = Reply()
    wait_is_over()
    work()
    assert receiver.received == []
    commands.enable_endpoint(hook.pk, venue_id=venue.pk)
    work()
    assert receiver.types() == ["party.joined"]


def test_one_that_is_gone_is_disabled_at_once(hook: Endpoint, line: Queue, receiver: Receiver) -> None:
    receiver.reply = Reply(410)
    queue_commands.join(line.pk)
    work()
    hook.refresh_from_db()
    assert hook.disabled_at is not None
    assert Attempt.objects.get().detail == "HTTP 410"


def test_a_receiver_that_is_down_is_not_asked_for_each_line(hook: Endpoint, venue: Venue, receiver: Receiver) -> None:
    receiver.reply = Reply(503)
    for number in range(8):
        open_line(venue, f"Line {number}")
    work()
    assert len(receiver.refused) == deliveries.MOST_FAILURES
    work()
    assert len(receiver.refused) == deliveries.MOST_FAILURES


# ---------------------------------------------------------------------------------------------------- secrets, replay, X4
def test_a_new_secret_signs_beside_the_old_one_for_a_day(
    hook: Endpoint, venue: Venue, line: Queue, receiver: Receiver
) -> None:
    old = hook.secret
    new = commands.rotate_secret(hook.pk, venue_id=venue.pk).secret
    receiver.secrets.append(new)
    queue_commands.join(line.pk)
    work()
    assert receiver.received[0].by == {old, new}
    Endpoint.objects.update(secret_before_until=clock.now() - timedelta(seconds=1))
    queue_commands.pause(line.pk)
    work()
    assert receiver.received[1].by == {new}


def test_a_replay_has_the_same_bytes_in_the_same_order(
    hook: Endpoint, venue: Venue, line: Queue, receiver: Receiver
) -> None:
    ann = queue_commands.join(line.pk, name="Ann").party
    work()
    since = clock.now()
    queue_commands.call(line.pk, party_id=ann.pk)
    queue_commands.edit_party(line.pk, party_id=ann.pk, name="Anna")
    queue_commands.close(line.pk)
    work()
    before = [(each.id, each.body) for each in receiver.received]
    receiver.received.clear()
    assert commands.replay(hook.pk, venue_id=venue.pk, since=since) == 1
    work()
    assert [(each.id, each.body) for each in receiver.received] == before[1:]
    receiver.received.clear()
    commands.replay(hook.pk, venue_id=venue.pk, since=hook.created_at)
    work()
    assert [(each.id, each.body) for each in receiver.received] == before


def test_a_name_that_leads_to_an_inner_address_is_not_connected_to(
    hook: Endpoint, line: Queue, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also when it led elsewhere as the webhook was made (rebinding)."""
    Endpoint.objects.update(url="https://till.example.com/hook")
    for address in ("127.0.0.1", "10.0.0.8", "169.254.169.254", "::1"):
        Resolver(monkeypatch, [address])
        queue_commands.pause(line.pk)
        queue_commands.resume(line.pk)
        wait_is_over()
        work()
    assert set(Attempt.objects.values_list("detail", flat=True)) == {"its name leads to an address that is not public"}
    assert receiver.received == receiver.refused == []
