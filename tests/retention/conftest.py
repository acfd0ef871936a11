"""A restaurant with its clock, a line that knows its guests well, and a year that has gone by."""

from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from analytics.commands import track
from outbox import dispatcher, work
from outbox.models import Effect
from push import commands as push_commands
from queues import commands
from queues.contacts import Contact
from queues.models import Queue
from tests.database_clock import DatabaseClock, moved_clock
from tests.queues import service_lines
from venues.models import Venue


@dataclass(frozen=True)
class Guests:
    """Values that stand in no text of ours, for each kind of thing that is personal."""

    name: str = "Quillfeather"
    note: str = "by-the-aviary"
    message: str = "your-canaries-sing"
    said: str = "everybody-to-the-cage"
    paused: str = "feeding-the-canaries"
    contact: str = "+1-555-0177-canary"
    endpoint: str = "canary-endpoint-8877"
    page: str = "page-of-quillfeather"
    number: str = "+34600887711"
    email: str = "canary@aviary.example"

    @property
    def all(self) -> list[str]:
        return [
            self.name,
            self.note,
            self.message,
            self.said,
            self.paused,
            self.contact,
            self.endpoint,
            self.page,
            self.number,
            self.email,
        ]


GUESTS = Guests()


@pytest.fixture
def watch(transactional_db: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[DatabaseClock]:
    """Monday noon, in Madrid. Effects wait until a test performs them."""
    monkeypatch.setattr(dispatcher, "after_commit", lambda *_: None)
    with moved_clock(service_lines.at("2026-03-23 12:00")) as moved:
        yield moved


@pytest.fixture
def venue(watch: DatabaseClock) -> Venue:
    return service_lines.restaurant()


def full_line(venue: Venue | None) -> Queue:
    """An open line in which all that is personal was said once: by guests, by hosts, and undone again."""
    new = commands.NewLine(event_name="Lunch", max_guests=90, contact_info=GUESTS.contact)
    code = commands.open_line(new, venue=venue, key="key-of-a-host-8877").code
    contact = Contact(
        number=GUESTS.number, email=GUESTS.email, ways=("sms", "email"), language="es", origin="https://x.example"
    )
    first = commands.join(
        code, name=f"{GUESTS.name} I", size=2, note=GUESTS.note, key="key-of-a-guest-8877", contact=contact
    ).party
    second = commands.join(code, name=f"{GUESTS.name} II", size=4).party
    commands.change_party(code, party_id=first.pk, size=3, note=f"{GUESTS.note} II")
    commands.edit_party(code, party_id=second.pk, name=f"{GUESTS.name} III", note=GUESTS.note)
    commands.undo(code)
    walk_in = commands.add_walk_in(code, name=f"{GUESTS.name} IV", note=GUESTS.note).party
    commands.undo(code)
    commands.message_party(code, party_id=second.pk, text=GUESTS.message)
    commands.send_message(code, text=GUESTS.said)
    commands.pause(code, reason=GUESTS.paused)
    commands.resume(code)
    push_commands.subscribe(
        queue_id=first.queue_id,
        party_id=first.pk,
        endpoint=f"https://fcm.googleapis.com/fcm/send/{GUESTS.endpoint}",
        p256dh="B" + "A" * 86,
        auth="A" * 22,
    )
    track(type="seen", session_id=str(first.queue_id), party_id=str(first.pk), meta={"page": GUESTS.page})
    commands.call(code, party_id=first.pk)
    commands.serve(code, party_id=first.pk)
    assert walk_in.name
    return Queue.objects.get(code=code)


def perform_all() -> None:
    """Keeps the facts of all events; what is pushed is not pushed here."""
    for effect_id in Effect.objects.filter(name="analytics", status="pending").values_list("pk", flat=True):
        work.perform(effect_id)
