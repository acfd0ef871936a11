"""A line is forgotten when its venue's days are over: nothing personal is left, and everything that is counted is the same."""

import io
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext

from analytics.models import Fact
from core.errors import Invalid
from outbox.models import Event
from push.models import Delivery, Subscription
from queues import commands as lines
from queues.models import Party, Queue
from reach.text_models import Said
from retention import commands, selectors, timers
from retention.models import Keeping
from rooms import commands as rooms
from rooms.models import Participant, Room
from tests.database_clock import DatabaseClock
from tests.retention.conftest import GUESTS, full_line, perform_all
from tests.retention.everything import in_tables
from venues.models import Venue
from webhooks.events import TYPES, message

pytestmark = pytest.mark.django_db(transaction=True)
KEPT_OF_EVENTS = ("stream_id", "version", "seq", "type", "at", "actor", "action", "party_id")


def reconciled() -> str:
    out = io.StringIO()
    call_command("reconcile", stdout=out)
    return out.getvalue()


def counted() -> Any:
    """What must be as before: facts, all that events say but texts, times and counts of the parties."""
    of_parties = [
        "ticket",
        "size",
        "status",
        "joined_at",
        "called_at",
        "ended_at",
        "quote_low_ms",
        "quote_high_ms",
        "edits",
    ]
    told = Event.objects.exclude(type="QUEUE_FORGOTTEN").order_by("stream_id", "version", "seq")
    return [
        list(Fact.objects.filter(version__isnull=False).order_by("pk").values()),
        list(told.values_list(*KEPT_OF_EVENTS)),
        list(Party.objects.order_by("pk").values_list(*of_parties)),
        list(Delivery.objects.order_by("pk").values_list("party_id", "kind", "sent_at", "result")),
    ]


def closed(venue: Venue | None = None) -> Queue:
    """A line that knows a lot, closed now."""
    line = full_line(venue)
    lines.close(line.pk)
    perform_all()
    return Queue.objects.get(pk=line.pk)


@pytest.mark.thorough
def test_a_line_is_forgotten_after_its_days_and_counts_the_same(watch: DatabaseClock, venue: Venue) -> None:
    line = closed(venue)
    before, search = counted(), [*GUESTS.all, *keys_of(line)]
    assert {value for value in search if not in_tables([value])} == set(), "the search does not see what is there"
    watch.forward(days=29, hours=23, minutes=59)
    assert timers.forget_due() == 0
    watch.forward(minutes=2)
    assert timers.forget_due() == 1
    assert in_tables(search) == []
    assert counted() == before
    assert "no differences" in reconciled()
    event = Event.objects.get(type="QUEUE_FORGOTTEN")
    assert event.data == {"sessionId": str(line.pk), "parties": 3, "contacts": 1, "guests": 0, "devices": 1}
    line.refresh_from_db()
    assert (line.forgotten_at, line.version) == (event.at, event.version)
    assert timers.forget_due() == 0
    assert not Subscription.objects.exists()


def keys_of(line: Queue) -> list[str]:
    """The hashes of idempotency keys by which a guest or host could be found again."""
    data = Event.objects.filter(stream_id=line.pk, data__has_key="key").values_list("data__key", flat=True)
    joined = line.parties.exclude(join_key=None).values_list("join_key", flat=True)
    return [str(each) for each in (line.create_key, *joined, *data)]


@pytest.mark.thorough
def test_each_venue_has_its_days_and_lines_without_one_have_the_installations(
    watch: DatabaseClock, venue: Venue, settings: Any
) -> None:
    settings.RETENTION_DAYS = 5
    of_venue, of_none = closed(venue), closed()
    commands.keep_for(venue_id=venue.pk, days=3)
    watch.forward(days=4)
    assert timers.forget_due() == 1
    assert list(Queue.objects.filter(forgotten_at=None)) == [of_none]
    watch.forward(days=2)
    timers.forget_due()
    assert not Queue.objects.filter(forgotten_at=None).exists()
    assert list(Queue.objects.order_by("forgotten_at", "pk")) == [of_venue, of_none]


@pytest.mark.thorough
def test_a_longer_time_keeps_also_lines_that_are_closed_already(watch: DatabaseClock, venue: Venue) -> None:
    line = closed(venue)
    commands.keep_for(venue_id=venue.pk, days=90)
    watch.forward(days=60)
    assert timers.forget_due() == 0
    assert not commands.forget_line(line.pk)
    commands.keep_for(venue_id=venue.pk, days=60)
    assert timers.forget_due() == 1
    days = [event.changes["retention"]["days"] for event in Event.objects.filter(type="VENUE_RETENTION_CHANGED")]
    assert days == [[30, 90], [90, 60]]
    assert Keeping.objects.get().days == 60


@pytest.mark.thorough
def test_an_open_line_is_never_forgotten(watch: DatabaseClock, venue: Venue) -> None:
    line = full_line(venue)
    watch.forward(days=400)
    assert timers.forget_due() == 0
    assert not commands.forget_line(line.pk)
    assert in_tables([GUESTS.name])


@pytest.mark.thorough
def test_a_long_line_is_forgotten_in_batches_each_of_which_is_whole(
    watch: DatabaseClock, venue: Venue, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever ends a run, rows and events are in step, and the next run goes on."""
    monkeypatch.setattr(commands, "MOST_PARTIES", 1)
    line = closed(venue)
    watch.forward(days=31)
    named = line.parties.exclude(name="")
    left = []
    while commands.forget_line(line.pk):
        left.append(named.count())
        assert "no differences" in reconciled()
    assert left == [2, 1, 0] or left == [2, 0], left
    assert in_tables(GUESTS.all) == []
    events = Event.objects.filter(type="QUEUE_FORGOTTEN").order_by("version")
    assert sum(each.data["parties"] for each in events) == 3


@pytest.mark.thorough
def test_a_run_that_fails_in_the_middle_has_forgotten_nothing_of_this_line(
    watch: DatabaseClock, venue: Venue, monkeypatch: pytest.MonkeyPatch
) -> None:
    line = closed(venue)
    watch.forward(days=31)

    def fail(*_: object) -> None:
        raise RuntimeError("the process dies here")

    monkeypatch.setattr("analytics.personal.forget", fail)
    with pytest.raises(RuntimeError):
        commands.forget_line(line.pk)
    assert line.parties.filter(name__startswith=GUESTS.name).count() == 3
    assert Subscription.objects.exists()
    assert timers.forget_due() == 0, "one line that fails does not stop the pass"
    monkeypatch.undo()
    assert commands.forget_line(line.pk)
    assert in_tables(GUESTS.all) == []


def test_participants_of_a_room_are_forgotten(watch: DatabaseClock, venue: Venue) -> None:
    room = rooms.create(rooms.NewRoom(title="Lights?"), venue=venue)
    rooms.add_participant(room.pk, name=GUESTS.name, key="key-of-a-voter-8877")
    rooms.close(room.pk)
    watch.forward(days=31)
    assert timers.forget_due() == 1
    assert in_tables([GUESTS.name]) == []
    assert Participant.objects.get().create_key is None
    assert Event.objects.get(type="ROOM_FORGOTTEN").data == {"roomId": str(room.pk), "participants": 1}
    assert Room.objects.get().forgotten_at is not None
    assert timers.forget_due() == 0
    assert "no differences" in reconciled()


@pytest.mark.thorough
def test_looking_for_what_is_due_reads_an_index_alone(watch: DatabaseClock, venue: Venue) -> None:
    """Of a year of lines that were forgotten no row is read again."""
    closed(venue)
    watch.forward(days=31)
    timers.forget_due()
    with connection.cursor() as cursor, CaptureQueriesContext(connection) as asked:
        selectors.due("line", watch.now, most=50)
        cursor.execute("SET enable_seqscan = off")
        cursor.execute("EXPLAIN " + asked.captured_queries[0]["sql"])
        plan = "\n".join(row for (row,) in cursor)
        cursor.execute("RESET enable_seqscan")
    assert "queue_to_forget" in plan, plan


@pytest.mark.thorough
def test_sent_before_but_not_delivered_is_not_told_with_names_afterwards(watch: DatabaseClock, venue: Venue) -> None:
    """What stands in the log is all that a replay to a webhook sends."""
    line = closed(venue)
    watch.forward(days=31)
    timers.forget_due()
    events = Event.objects.filter(stream_id=line.pk).exclude(type__in=["QUEUE_FORGOTTEN"]).order_by("version", "seq")
    told = b"".join(
        message(event, venue=venue.pk, code=line.code, tickets={}) for event in events if event.type in TYPES
    )
    assert told
    assert not [value for value in GUESTS.all if value.encode() in told]


@pytest.mark.parametrize("days", [0, -1, 3651])
def test_days_out_of_range_are_refused_with_their_name(watch: DatabaseClock, venue: Venue, days: int) -> None:
    with pytest.raises(Invalid, match="days must be from 1 to 3650") as refused:
        commands.keep_for(venue_id=venue.pk, days=days)
    assert refused.value.field == "days"
    assert not Keeping.objects.exists()


def test_texts_from_numbers_in_no_line_go_after_thirty_days(watch: DatabaseClock, venue: Venue) -> None:
    Said.objects.create(venue=venue, by=Said.By.GUEST, channel="sms", at=watch.now, outside_id="SM1")
    watch.forward(days=29)
    assert timers.forget_due() == 0
    watch.forward(days=2)
    assert timers.forget_due() == 1
    assert not Said.objects.exists()
