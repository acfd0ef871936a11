"""Nothing of an erased guest comes back: by a receipt, a text, a page's report, a worker under way, an undo. Whatever writes
without the line's lock waits for an erasure, or the erasure for it."""

import threading
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import psycopg
import pytest
from django.db import connection, transaction
from psycopg.conninfo import make_conninfo

from analytics.commands import track
from analytics.models import Fact
from core.errors import Conflict
from guests import commands as guest_commands
from guests.models import Guest
from queues import commands as lines
from queues.contacts import Contact
from queues.models import Party, Queue
from reach import commands as reach
from reach import inbound, text_receipts
from reach.commands import heard
from reach.commands.texts import Texts
from reach.models import Message
from reach.providers import Channel
from reach.rules import State, Then
from reach.text_models import Provider, Said
from reach.ways import Result, Sent
from retention import commands
from retention.commands import erase_party
from tests.database_clock import DatabaseClock
from tests.installation import wait_until
from tests.retention.conftest import GUESTS
from tests.retention.everything import in_tables
from tests.retention.test_forgetting import reconciled
from venues.commands import change_venue
from venues.models import Venue

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def line(watch: DatabaseClock, venue: Venue) -> Queue:
    guest_commands.change_history(venue_id=venue.pk, on=True)
    return lines.open_line(lines.NewLine(event_name="Lunch", max_guests=90), venue=venue)


@pytest.fixture
def party(line: Queue) -> Party:
    """In line, with a number, of a guest who is known."""
    contact = Contact(number=GUESTS.number, email=GUESTS.email, ways=("sms", "email"), origin="https://x.example")
    joined = lines.join(line.pk, name=GUESTS.name, note=GUESTS.note, contact=contact).party
    recognise(joined)
    return joined


def recognise(party: Party) -> None:
    with transaction.atomic():
        guest_commands.recognise([party.pk])


def a_message(party: Party, way: str = "sms", **more: Any) -> Message:
    at = party.joined_at
    fields: Any = {"kind": "direct", "state": "due", "made_at": at, "due_at": at} | more
    return Message.objects.create(queue_id=party.queue_id, party_id=party.pk, way=way, **fields)


def a_provider(venue: Venue) -> Provider:
    texts = Texts(kind="gateway", url="https://gateway.example/send", sender="Casa")
    return reach.set_texts(venue_id=venue.pk, texts=texts, origin="https://x.example")[0]


# ------------------------------------------------------------------------------------------------------- one after the other
@pytest.mark.thorough
def test_a_receipt_that_comes_late_names_nothing(party: Party, venue: Venue) -> None:
    sent = a_message(party, state="sent", provider_id="SM-8877", sent_at=party.joined_at)
    under_way = a_message(party, again=1)
    erase_party(party.queue_id, party_id=party.pk)
    for message in (sent, under_way):
        receipt = text_receipts.Receipt(key=message.pk, provider_id="SM-8877", arrived=True)
        assert text_receipts.take(a_provider(venue), receipt)
    assert set(Message.objects.values_list("provider_id", flat=True)) == {""}


@pytest.mark.thorough
def test_a_worker_that_sends_meanwhile_leaves_that_it_was_sent_and_no_more(
    party: Party, settings: Any, tmp_path: Path
) -> None:
    settings.DATA_DIR, settings.EMAIL_URL = tmp_path, ""
    (tmp_path / "mail").mkdir()
    a_message(party, way="email")
    message = reach.lease()
    assert message is not None
    erase_party(party.queue_id, party_id=party.pk)
    file = tmp_path / "mail" / f"{message.pk}.eml"
    file.write_text(f"To: {GUESTS.email}")
    assert reach.settle(message, Then(State.SENT), sent=Sent(result=Result.SENT, provider_id="id-8877", segments=1))
    message.refresh_from_db()
    assert (message.state, message.provider_id, message.segments, file.exists()) == ("sent", "", 1, False)


@pytest.mark.thorough
def test_texts_that_come_or_went_meanwhile_are_not_kept(party: Party, venue: Venue) -> None:
    message, provider = a_message(party), a_provider(venue)
    erase_party(party.queue_id, party_id=party.pk)
    heard.keep_hosts(message.pk, venue_id=venue.pk, text=GUESTS.message, channel=Channel.SMS)
    assert not Said.objects.exists()
    # Found before the erasure, kept after it; and one that comes as a whole after it, twice.
    found: Any = {"venue_id": venue.pk, "party": party, "channel": Channel.SMS, "meaning": ""}
    assert heard.keep_heard(**found, text=GUESTS.message, outside_id="SM1") is not None
    for _ in range(2):
        inbound.take(provider, inbound.Heard(id="SM2", number=GUESTS.number, text=GUESTS.message, channel=Channel.SMS))
    assert [(each.party_id, each.text) for each in Said.objects.all()] == [(None, ""), (None, "")]
    assert in_tables([GUESTS.message, GUESTS.number, GUESTS.name, GUESTS.email]) == []


@pytest.mark.thorough
def test_what_a_page_reports_of_an_erased_guest_or_a_forgotten_line_has_no_words(
    party: Party, watch: DatabaseClock
) -> None:
    erase_party(party.queue_id, party_id=party.pk)
    told: Any = {"type": "seen", "session_id": str(party.queue_id), "meta": {"page": GUESTS.page}}
    track(**told, party_id=str(party.pk), key="key-of-a-page-8877", asked="x")
    assert Fact.objects.get(type="seen").meta == {} and in_tables([GUESTS.page]) == []
    lines.close(party.queue_id)
    track(**told)
    assert in_tables([GUESTS.page])
    watch.forward(days=31)
    assert commands.forget_line(party.queue_id)
    track(**told)
    assert in_tables([GUESTS.page]) == []


@pytest.mark.thorough
def test_the_guest_is_not_known_again_by_an_event_that_is_told_late(party: Party) -> None:
    erase_party(party.queue_id, party_id=party.pk)
    recognise(party)
    assert not Guest.objects.exists()
    assert in_tables([GUESTS.number]) == []


@pytest.mark.thorough
def test_an_erased_place_does_not_come_back_and_gets_no_words(party: Party) -> None:
    line = party.queue_id
    lines.kick(line, party_id=party.pk)
    erase_party(line, party_id=party.pk)
    for act in (lambda: lines.put_back(line, party_id=party.pk), lambda: lines.undo(line)):
        with pytest.raises(Conflict):
            act()
    assert lines.last_action(line) is None
    other = lines.join(line, name="Ben").party
    lines.serve(line, party_id=other.pk)
    erase_party(line, party_id=other.pk)
    with pytest.raises(Conflict):
        lines.undo(line)
    party.refresh_from_db()
    assert (party.status, party.name) == ("kicked", "")
    assert "no differences" in reconciled()


@pytest.mark.thorough
def test_an_erased_guest_is_not_asked_how_it_was_and_answers_nothing(
    party: Party, venue: Venue, watch: DatabaseClock
) -> None:
    change_venue(venue_id=venue.pk, ask_after_min=5)
    other = lines.join(party.queue_id, name="Ben", contact=Contact(number="+34600887700", ways=("sms",))).party
    for each in (party, other):
        lines.serve(party.queue_id, party_id=each.pk)
    watch.forward(minutes=6)
    assert lines.ask_about_visit(party.queue_id, party_id=party.pk)
    for each in (party, other):
        erase_party(party.queue_id, party_id=each.pk)
        with pytest.raises(Conflict):
            lines.answer_visit(party.queue_id, party_id=each.pk, answer=5, words=GUESTS.note)
    assert not lines.ask_about_visit(party.queue_id, party_id=other.pk)
    assert in_tables([GUESTS.note]) == []


@pytest.mark.thorough
def test_of_one_guest_also_the_marks_of_presses_and_keys_go(line: Queue) -> None:
    party = lines.join(line.pk, name=GUESTS.name, key="key-of-a-guest-8877").party
    other = lines.join(line.pk, name="Ben", key="key-of-another-8877").party
    mine, theirs = (str(Party.objects.get(pk=each.pk).join_key) for each in (party, other))
    for pk in (party.pk, other.pk):
        line.sent_actions.create(
            action_id=uuid4(), asked="a" * 32, action="edit", party_id=pk, pressed_at=line.opened_at, at=line.opened_at,
            refusal=f"{GUESTS.name} has left.", details="b" * 16,
        )  # fmt: skip
    erase_party(line.pk, party_id=party.pk)
    rows = line.sent_actions.order_by("pk").values_list("asked", "details", "refusal")
    assert list(rows) == [("", "", "It was refused."), ("a" * 32, "b" * 16, f"{GUESTS.name} has left.")]
    assert in_tables([mine]) == []
    assert in_tables([theirs])


# ------------------------------------------------------------------------------------------------------------- at once
HELD: dict[str, list[str]] = {
    "a receipt": ["UPDATE reach_message SET provider_id = 'canary-8877' WHERE party_id = %(party)s"],
    "a host's text": [
        "SELECT 1 FROM queues_party WHERE id = %(party)s FOR NO KEY UPDATE",
        """INSERT INTO reach_said (venue_id, party_id, by, channel, text, at, meaning, outcome, message)
           VALUES (%(venue)s, %(party)s, 'host', 'sms', 'canary-8877', now(), '', '', %(id)s)""",
    ],
    "a page's report": [
        "SELECT 1 FROM queues_party WHERE id = %(party)s FOR NO KEY UPDATE",
        """INSERT INTO analytics_fact (type, queue_id, venue_id, party_id, at, meta, reason)
           VALUES ('seen', %(line)s, %(venue)s, %(party)s, now(), '{"page": "canary-8877"}', '')""",
    ],
    "a guest who is being known": [
        "SELECT 1 FROM venues_venue WHERE id = %(venue)s FOR NO KEY UPDATE",
        """INSERT INTO guests_guest (id, venue_id, number, notes, vip, not_welcome, edits, first_at, seen_at)
           VALUES (%(id)s, %(venue)s, '+canary-8877', '', false, false, 0, now(), now())""",
        "INSERT INTO guests_visit (party_id, guest_id) VALUES (%(party)s, %(id)s)",
    ],
}


WAITING = """SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"""


@pytest.mark.thorough
@pytest.mark.parametrize("what", HELD)
def test_an_erasure_waits_for_who_writes_at_the_same_time(line: Queue, venue: Venue, what: str) -> None:
    """Control: the erasure stands until the other has committed what it has written."""
    party = lines.join(line.pk, name=GUESTS.name).party
    a_message(party)
    values = {"party": party.pk, "venue": venue.pk, "line": line.pk, "id": uuid4()}
    erasing = threading.Thread(target=_erase, args=[party.queue_id, party.pk])
    with psycopg.connect(make_conninfo(**_place())) as other:
        for statement in HELD[what]:
            other.execute(statement.encode(), values)
        erasing.start()
        _wait_until_someone_waits()
        assert erasing.is_alive()
    erasing.join(10)
    assert Party.objects.get(pk=party.pk).erased_at is not None
    assert in_tables(["canary-8877"]) == []


def _erase(line: UUID, party: UUID) -> None:
    try:
        erase_party(line, party_id=party, reason="asked")
    finally:
        connection.close()


def _place() -> dict[str, Any]:
    found = connection.get_connection_params()
    return {name: found[name] for name in ("dbname", "user", "password", "host", "port") if found.get(name)}


def _wait_until_someone_waits() -> None:
    def waits() -> bool:
        with connection.cursor() as cursor:
            cursor.execute(WAITING)
            return bool(cursor.fetchone()[0])

    wait_until(waits, what="the erasure to wait for the other's lock")
