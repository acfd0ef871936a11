"""Days of a restaurant, with the timers' pass each night: at the end no table has anything personal, the log still proves the
state, and each month's report is what it was before its guests were forgotten."""

import random
from dataclasses import asdict
from datetime import date, timedelta
from typing import Any

import pytest
from django.db import connection

from analytics import reports
from analytics.periods import Period
from core.errors import Refused
from outbox import work
from outbox.models import Effect, Event
from push import commands as push_commands
from queues import commands
from queues.contacts import Contact
from queues.models import Queue
from retention import timers
from retention.commands import erase_party
from rooms import commands as rooms
from tests.database_clock import DatabaseClock
from tests.installation import FULL
from tests.retention.everything import in_tables
from tests.retention.test_forgetting import reconciled
from venues.models import Venue

# At full size a year; in `make test` so many days that the first are forgotten while the last come.
DAYS, PARTIES = (365, 12) if FULL else (36, 4)
PERIOD = 30 if FULL else 4
CANARY = "quillfeather"
pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.faults, pytest.mark.timeout(1500 if FULL else 240)]


class Evening:
    """One line of one day. Every text in it has a canary of the day."""

    def __init__(self, venue: Venue, day: int) -> None:
        self.rng = random.Random(day)
        self.word = f"{CANARY}-{day}"
        new = commands.NewLine(event_name="Dinner", max_guests=200, contact_info=self.word)
        self.code = commands.open_line(new, venue=venue, key=f"key-of-the-host-{self.word}").code

    def play(self) -> None:
        """Guests come and go; hosts write, correct and undo."""
        for number in range(PARTIES):
            contact = Contact(number=f"+34600{self.rng.randrange(10**6):06}", email=f"{self.word}@aviary.example")
            name = f"{self.word} {number}"
            party = commands.join(
                self.code, name=name, size=self.rng.randint(1, 6), note=name, key=f"key {name}", contact=contact
            ).party
            some: list[Any] = [
                lambda pk=party.pk, name=name: commands.edit_party(self.code, party_id=pk, name=f"{name} II", note=f"{name} III"),
                lambda: commands.undo(self.code),
                lambda pk=party.pk: commands.message_party(self.code, party_id=pk, text=f"for {self.word}"),
                lambda: commands.send_message(self.code, text=f"all hail {self.word}"),
                lambda: commands.pause(self.code, reason=f"because of {self.word}"),
                lambda pk=party.pk: self._subscribe(pk),
                lambda pk=party.pk: commands.call(self.code, party_id=pk),
                lambda pk=party.pk: commands.serve(self.code, party_id=pk),
                lambda pk=party.pk: commands.leave(self.code, party_id=pk),
            ]  # fmt: skip
            for each in self.rng.sample(some, 5):
                try:
                    each()
                except Refused:
                    continue
            commands.resume(self.code)
        if self.rng.random() < 0.3:
            guest = self.rng.choice(list(Queue.objects.get(code=self.code).parties.values_list("pk", flat=True)))
            erase_party(self.code, party_id=guest)
        commands.close(self.code)

    def _subscribe(self, party: Any) -> None:
        push_commands.subscribe(
            queue_id=Queue.objects.get(code=self.code).pk, party_id=party,
            endpoint=f"https://fcm.googleapis.com/fcm/send/{self.word}-{party}", p256dh="B" + "A" * 86, auth="A" * 22,
        )  # fmt: skip


def report(venue: Venue, first: date) -> Any:
    """All figures of some days."""
    told = reports.of_venue(venue, Period(first, first + timedelta(days=PERIOD - 1)))
    return (
        asdict(told.total),
        [asdict(each) for each in told.dates.values()],
        [asdict(each.figures) for each in told.hours],
    )


def keep_facts() -> None:
    """What workers do of the day's effects; nothing is pushed here."""
    due = Effect.objects.filter(status="pending", name__in=["analytics", "guests"]).order_by("pk")
    work.perform(*due.values_list("pk", flat=True))


def test_after_so_many_days_nothing_personal_is_left_and_all_counts_are_the_same(
    watch: DatabaseClock, venue: Venue
) -> None:
    began = watch.now.date()
    told: dict[date, Any] = {}
    for day in range(DAYS):
        room = rooms.create(rooms.NewRoom(title="Louder?"), venue=venue)
        rooms.add_participant(room.pk, name=f"{CANARY}-{day}", key=f"key-{CANARY}-{day}-of-a-participant")
        Evening(venue, day).play()
        rooms.close(room.pk)
        keep_facts()
        watch.forward(days=1)
        if (day + 1) % PERIOD == 0:
            first = began + timedelta(days=day + 1 - PERIOD)
            told[first] = report(venue, first)
            assert told[first][0]["parties"] >= PERIOD * PARTIES
        timers.forget_due()
        if day % 10 == 0:
            with connection.cursor() as cursor:
                cursor.execute("ANALYZE")
    forgotten = Queue.objects.exclude(forgotten_at=None).count()
    assert forgotten == DAYS - 29, "the days before the last thirty"
    assert in_tables([f"{CANARY}-{DAYS - 1} "]), "the last day is known"
    assert in_tables([f"{CANARY}-0 "]) == [], "the first is not"
    watch.forward(days=31)
    timers.forget_due()
    assert in_tables([CANARY, "aviary.example", "+34600"]) == []
    assert {first: report(venue, first) for first in told} == told
    assert "no differences" in reconciled()
    counts = [each.data["parties"] for each in Event.objects.filter(type="QUEUE_FORGOTTEN").order_by("pk")]
    assert len(counts) == DAYS
    assert min(counts) >= PARTIES - 1, "all but one who was erased before"
