"""Persons who may and may not enter, and at least one row of every model."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, time
from typing import Any
from uuid import uuid4

import pytest
from axes.models import AccessAttempt, AccessLog
from django.core.management import call_command
from django.db import transaction
from django.test import Client

from analytics import facts
from analytics.commands import choose_weekly_mail
from core.actors import SYSTEM, Actor, Press
from guests import commands as guest_commands
from outbox import dispatcher
from outbox.models import Effect, Event
from polls import commands as poll_commands
from push import commands as push_commands
from push.models import Delivery
from queues import commands
from queues.contacts import Contact
from queues.models import Party, Queue
from reach import commands as reach_commands
from reach.commands import heard, proofs, spending
from reach.commands.texts import Texts
from reach.news import News
from reach.providers import Channel
from retention.commands import keep_for
from rooms import commands as room_commands
from rooms.ticks import Tick
from venues import commands as venue_commands
from venues.hours import Span
from venues.logos import Logo
from venues.models import User, Venue
from venues.pairing import digits_of
from webhooks import commands as webhook_commands
from webhooks.sender import Outcome

PASSWORD = "correct horse battery"


@pytest.fixture
def venue(db: None) -> Venue:
    """A restaurant far from UTC."""
    return venue_commands.create_venue(name="Nopa", timezone_name="America/Los_Angeles")


@pytest.fixture
def boss(db: None) -> User:
    """A superuser."""
    return venue_commands.create_user(email="boss@example.com", password=PASSWORD, is_staff=True, is_superuser=True)


@pytest.fixture
def clerk(boss: User) -> User:
    """Staff, but no superuser."""
    return venue_commands.create_user(email="clerk@example.com", password=PASSWORD, is_staff=True)


@pytest.fixture
def host(venue: Venue) -> User:
    """Runs the venue's lines and has no business in the admin."""
    return venue_commands.create_host(email="maria@example.com", venue=venue, password=PASSWORD)


@pytest.fixture
def signed_in() -> Callable[[User], Client]:
    """A browser in which a user has signed in."""

    def sign_in(user: User) -> Client:
        client = Client()
        client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
        return client

    return sign_in


@pytest.fixture
def as_boss(boss: User, signed_in: Callable[[User], Client]) -> Client:
    """The superuser's browser."""
    return signed_in(boss)


@pytest.fixture
def as_clerk(clerk: User, signed_in: Callable[[User], Client]) -> Client:
    """The browser of a person who is staff without further rights."""
    return signed_in(clerk)


@pytest.fixture
def line(venue: Venue) -> Queue:
    """An open line of the venue."""
    return commands.open_line(commands.NewLine(event_name="Friday night", max_guests=400), venue=venue)


@pytest.fixture
def join(line: Queue) -> Callable[..., Party]:
    """join("Anna", 4) puts a party in line."""
    return lambda name="", size=2: commands.join(line.pk, name=name, size=size).party


@dataclass(frozen=True, slots=True)
class Everything:
    """What `everything` made, as far as tests ask for it."""

    line: Queue
    parties: list[Party]


@pytest.fixture(scope="module")
def everything(django_db_setup: None, django_db_blocker: Any) -> Iterator[Everything]:
    """An evening: 20 parties in all states, a closed line, keys, pushes, facts, dead effects, sign-ins.

    Committed once for a module, since it takes a second, and taken away after it.
    """
    with django_db_blocker.unblock(), pytest.MonkeyPatch.context() as patch:
        patch.setattr(dispatcher, "after_commit", lambda *arguments: None)
        yield evening()
        call_command("flush", interactive=False, verbosity=0)


def evening(named: Callable[[str, int], str] = lambda name, _: name) -> Everything:
    """Makes all rows. `named` may replace the usual names; its argument is the most characters allowed."""
    venue = venue_commands.create_venue(name=named("Nopa", 120), timezone_name="America/Los_Angeles")
    eve = venue_commands.create_host(email=f"{named('eve', 60)}@example.com", venue=venue)
    choose_weekly_mail(eve.memberships.get(), language="en", origin="https://x.example")
    address = f"{named('new', 60)}@example.com"
    venue_commands.invite(venue_id=venue.pk, role="host", email=address, origin="https://x.example", actor=SYSTEM)
    code = venue_commands.offer_device_code(venue_id=venue.pk, name=named("Bar", 80), actor=SYSTEM)
    venue_commands.pair_device(digits=digits_of(code.pk), described="Chrome", key="a tablet")
    venue_commands.set_logo(venue_id=venue.pk, logo=Logo(b"picture", "0123456789abcdef0123"))
    venue_commands.add_tables(venue_id=venue.pk, names=[named("7", 20)], seats=2, section=named("Terrace", 40))
    line = commands.open_line(commands.NewLine(event_name=named("Friday night", 120), max_guests=400), venue=venue)
    venue_commands.create_service(venue_id=venue.pk, name=named("Dinner", 120), week=[(Span(time(18), time(22)),)] * 7)
    venue_commands.set_exception(
        venue_id=venue.pk, service_id=None, day=date(2027, 1, 1), name=named("New Year’s Day", 120)
    )
    sizes = [1 + number % 5 for number in range(20)]
    parties = [
        commands.join(line.pk, name=named(f"Guest {number}", 80), size=size).party for number, size in enumerate(sizes)
    ]
    for party in parties[:6]:
        commands.call(line.pk, party_id=party.pk)
    commands.serve(line.pk, party_id=parties[0].pk)
    commands.no_show(line.pk, party_id=parties[1].pk)
    commands.kick(line.pk, party_id=parties[7].pk)
    commands.leave(line.pk, party_id=parties[8].pk)
    guest_commands.change_history(venue_id=venue.pk, on=True)
    with transaction.atomic():
        reach_commands.keep([(parties[0].pk, Contact(number="+34612345678"))], at=line.opened_at)
        guest_commands.recognise([parties[0].pk])
    press = Press(id=uuid4(), asked="", action="clear-message", at=line.opened_at)
    commands.clear_message(line.pk, actor=Actor("host", press=press))
    old = commands.open_line(commands.NewLine(event_name="Thursday", max_guests=10))
    commands.join(old.pk, name="Late")
    commands.close(old.pk)
    subscription = push_commands.subscribe(
        queue_id=line.pk, party_id=parties[2].pk, endpoint="https://fcm.googleapis.com/fcm/send/secret-address",
        p256dh="secret-key", auth="secret-auth",
    )  # fmt: skip
    push_commands.record_delivery(
        subscription, party_id=parties[2].pk, kind=Delivery.Kind.CALLED, result=Delivery.Result.SENT, detail="201"
    )
    for event in Event.objects.filter(stream="queue").order_by("pk"):
        facts.keep([event])
    hook = webhook_commands.create_endpoint(
        venue=venue, url="https://till.example/secret-path", name=named("Till", 80), origin="https://x.example"
    )
    webhook_commands.keep_single_answer(hook, None, "webhook.test", Outcome(True, "HTTP 204", 20))
    reach_commands.set_channels(venue_id=venue.pk, ways=["sms"], fallback_s=45)
    contact = Contact(number="+12125550123", ways=("sms",), origin="https://x.example")
    reach_commands.choose(line.pk, party_id=parties[2].pk, contact=contact)
    with transaction.atomic():
        reach_commands.add_messages([(parties[2], News("called", round=1), "sms")], at=line.opened_at)
    texts = Texts(kind="twilio", sid="AC" + "1" * 32, token="secret-token", sender=named("+15550100006", 40))
    reach_commands.set_texts(venue_id=venue.pk, texts=texts, origin="https://x.example")
    with transaction.atomic():
        proofs.begin(parties[2].pk, venue.pk, "+12125550123", at=line.opened_at)
    spending.pay(venue_id=venue.pk, number="+12125550123", channel=Channel.SMS, segments=1)
    heard.keep_heard(
        venue_id=venue.pk, party=parties[2], text="secret words", channel=Channel.SMS, outside_id="SM1", meaning=""
    )
    heard.stop(venue_id=venue.pk, number="+12125550123")
    some = list(Effect.objects.order_by("pk").values_list("pk", flat=True)[:3])
    Effect.objects.filter(pk__in=some).update(status=Effect.Status.DEAD, attempts=12, last_error="no route to host")
    venue_commands.create_api_key(venue=venue, name=named("Website", 80))
    keep_for(venue_id=venue.pk, days=14)
    poll = poll_commands.create(
        poll_commands.NewPoll(
            title=named("Dessert?", 200), choices=[named("Yes", 100), named("No", 100)], dedupe="code"
        ),
        venue=venue,
        open_now=True,
    )
    poll_commands.add_codes(poll.pk, count=2)
    room = room_commands.create(room_commands.NewRoom(title=named("Music louder?", 200)), venue=venue)
    room_commands.add_participant(room.pk, name=named("Guest 1", 80))
    room_commands.keep(room.pk, [Tick(1_780_000_000, 1, 0), Tick(1_780_000_001, 1, 2)])
    shared: dict[str, Any] = {"ip_address": "192.0.2.1", "username": "eve@example.com", "user_agent": "test"}
    AccessAttempt.objects.create(failures_since_start=3, path_info="/sign-in", **shared)
    AccessLog.objects.create(path_info="/sign-in", **shared)
    return Everything(line=line, parties=parties)


def post_action(client: Client, model: str, action: str, *rows: Any, **extra: str) -> list[str]:
    """Chooses rows in a list, runs an action, and returns what the page says afterwards."""
    data = {"action": action, "_selected_action": [str(row.pk) for row in rows], **extra}
    answer = client.post(f"/admin/{model}/", data, follow=True)
    assert answer.status_code == 200
    return [str(message) for message in answer.context["messages"]]
