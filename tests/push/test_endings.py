"""Who is told that a place has ended, or is there again: each phone once per occurrence, and nothing that is not so any more."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from core import clock
from outbox import work
from outbox.models import Effect
from push.models import Delivery
from queues import commands as queue_commands
from queues.models import Party, Queue
from tests.push.conftest import Join, perform, pushes, subscribe
from tests.push.service import Browser, PushService

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.thorough]

Phone = Callable[[Party], Browser]


@pytest.fixture
def phone(service: PushService) -> Phone:
    """phone(party) is a browser that has been told all there was until now, and forgotten it."""

    def subscribed(party: Party) -> Browser:
        browser = service.browser()
        subscribe(party, browser)
        work_off()
        browser.received.clear()
        return browser

    return subscribed


def work_off() -> None:
    """Does every effect of pushes as workers would; twice, for that must not matter."""
    for _ in range(2):
        for effect in Effect.objects.filter(name="announce"):
            work.perform(effect.pk)
        perform()


def again() -> None:
    """As after crashes between push services' answers and the marks; what only writes here is done with its mark."""
    Effect.objects.filter(name="push").update(status="pending")
    work_off()


def end(line: Queue, party: Party, how: str) -> None:
    """Ends the party's place by the command of that name."""
    if how in ("no_show", "expire_call"):
        queue_commands.call(line.pk, party_id=party.pk)
    if how == "expire_call":
        Party.objects.filter(pk=party.pk).update(call_deadline=clock.now() - timedelta(seconds=1))
    if how == "close":
        queue_commands.close(line.pk)
    else:
        getattr(queue_commands, how)(line.pk, party_id=party.pk)


ENDINGS = [
    ("kick", "removed", "You are no longer in line"),
    ("no_show", "no_show", "Your turn has passed"),
    ("expire_call", "no_show", "Your turn has passed"),
    ("close", "closed", "The line has closed"),
]


@pytest.mark.parametrize(("how", "kind", "title"), ENDINGS)
def test_the_end_of_a_place_is_told_once(
    line: Queue, join: Join, phone: Phone, how: str, kind: str, title: str
) -> None:
    party = join("Zoë Canary")
    browser = phone(party)
    end(line, party, how)
    work_off()
    again()
    assert browser.kinds == [kind]
    [message] = browser.received
    assert message.payload["title"] == title and "Café Blue" in message.payload["body"]
    assert message.payload["url"] == f"/queue/{line.code}/ticket"
    assert "Canary" not in str(message.payload) and str(party.pk) not in str(message.payload)


@pytest.mark.parametrize("how", ["leave", "serve"])
def test_guests_who_left_or_were_seated_are_told_nothing(line: Queue, join: Join, phone: Phone, how: str) -> None:
    party = join()
    browser = phone(party)
    end(line, party, how)
    queue_commands.close(line.pk)
    work_off()
    assert browser.kinds == []


@pytest.mark.parametrize(
    ("how", "kind", "way"),
    [
        ("kick", "removed", "undo"),
        ("kick", "removed", "put_back"),
        ("no_show", "no_show", "undo"),
        ("no_show", "no_show", "put_back"),
        ("expire_call", "no_show", "put_back"),
        ("close", "closed", "undo"),
    ],
)
def test_a_guest_who_was_told_is_told_of_the_way_back_and_of_the_next_end(
    line: Queue, join: Join, phone: Phone, how: str, kind: str, way: str
) -> None:
    party = join()
    browser = phone(party)
    for n in (1, 2):
        end(line, party, how)
        work_off()
        queue_commands.undo(line.pk) if way == "undo" else queue_commands.put_back(line.pk, party_id=party.pk)
        work_off()
        again()
        assert [each for each in browser.kinds if each in (kind, "back")] == [kind, "back"] * n
    backs = {message.payload["title"] for message in browser.received if message.kind == "back"}
    assert backs == {"You are back in line"}


@pytest.mark.parametrize(("how", "kind"), [("kick", "removed"), ("no_show", "no_show"), ("close", "closed")])
def test_what_is_taken_back_before_it_is_told_is_not_told(
    line: Queue, join: Join, phone: Phone, how: str, kind: str
) -> None:
    party = join()
    browser = phone(party)
    end(line, party, how)
    queue_commands.undo(line.pk)
    work_off()
    assert set(browser.kinds) <= {"called"}
    end(line, party, how)
    queue_commands.undo(line.pk)
    end(line, party, how)
    work_off()
    assert [each for each in browser.kinds if each != "called"] == [kind]


def test_the_way_back_waits_for_an_end_that_is_being_told(line: Queue, join: Join, phone: Phone) -> None:
    """A worker is at it and may have read the old state: whether the guest was told is known when it is done."""
    party = join()
    browser = phone(party)
    end(line, party, "kick")
    [ending] = pushes("QUEUE_MEMBER_KICKED")
    Effect.objects.filter(pk=ending.pk).update(leased_until=clock.now() + timedelta(minutes=1))
    queue_commands.put_back(line.pk, party_id=party.pk)
    work_off()
    [back] = pushes("QUEUE_MEMBER_PUT_BACK")
    assert (back.status, browser.kinds) == (Effect.Status.PENDING, [])
    Effect.objects.filter(pk=ending.pk).update(leased_until=None)
    work_off()
    back.refresh_from_db()
    assert (back.status, browser.kinds) == (Effect.Status.DONE, [])


def test_back_as_a_called_party_is_said_with_the_time_that_is_left(line: Queue, join: Join, phone: Phone) -> None:
    party = join()
    browser = phone(party)
    end(line, party, "no_show")
    work_off()
    queue_commands.undo(line.pk)
    work_off()
    [*_, back] = browser.received
    assert back.kind == "back" and "is ready for you. Please come" in back.payload["body"]
    assert back.headers["Urgency"] == "high" and int(back.headers["TTL"]) <= line.call_window_s


def test_undoing_a_way_back_tells_the_end_again(line: Queue, join: Join, phone: Phone) -> None:
    party = join()
    browser = phone(party)
    end(line, party, "kick")
    work_off()
    queue_commands.put_back(line.pk, party_id=party.pk)
    work_off()
    queue_commands.undo(line.pk)
    work_off()
    assert browser.kinds == ["removed", "back", "removed"]


def test_an_end_that_came_to_a_browser_that_is_gone_needs_no_way_back(
    line: Queue, join: Join, phone: Phone, service: PushService
) -> None:
    party = join()
    browser = phone(party)
    end(line, party, "kick")
    work_off()
    newer = service.browser()
    queue_commands.put_back(line.pk, party_id=party.pk)
    subscribe(party, newer)
    work_off()
    assert browser.kinds == ["removed", "back"] and "back" not in newer.kinds


def test_closing_a_long_line_tells_all_in_few_statements(service: PushService, line: Queue, join: Join) -> None:
    """The close itself sends no push, and telling the parties costs no statement per party."""
    few, many = (_close_with(line if n == 3 else _another(), n, service) for n in (3, 60))
    assert few == many
    assert Delivery.objects.filter(kind="closed").count() == 0
    assert len(pushes("PUSH_ANNOUNCED")) == 63


def _another() -> Queue:
    return queue_commands.open_line(queue_commands.NewLine(event_name="Other", max_guests=100))


def _close_with(line: Queue, parties: int, service: PushService) -> int:
    for _ in range(parties):
        subscribe(queue_commands.join(line.pk).party, service.browser())
    with CaptureQueriesContext(connection) as closing:
        queue_commands.close(line.pk)
    [effect] = Effect.objects.filter(name="announce", event__stream_id=line.pk)
    with CaptureQueriesContext(connection) as telling:
        work.perform(effect.pk)
    return len(closing) + len(telling)
