"""Guests of parties in line: known once the history begins, marked in the console's list, and several with one number."""

from collections.abc import Callable

import pytest
from django.db import transaction

from guests import commands, selectors
from guests.models import Guest, Visit
from outbox.models import Event
from queues import commands as queue_commands
from queues.contacts import Contact
from queues.models import Party, Queue
from reach import numbers
from tests.guests.conftest import ANA, BEN, come, known
from tests.page_client import page
from tests.venues.people_of_venue import browser_of
from venues.models import Venue

pytestmark = pytest.mark.servers


def mark(party: Party, *, vip: bool = False, not_welcome: bool = False) -> None:
    guest = known(party).guest
    commands.change_guest(guest.pk, venue_id=guest.venue_id, notes="", vip=vip, not_welcome=not_welcome)


def joined(line: Queue, typed: str = "", *, name: str = "") -> Party:
    """A party whose guest typed this number when it joined; the worker has done its part."""
    contact = Contact(number=numbers.parse(typed, region="ES")) if typed else None
    party = queue_commands.join(line.pk, name=name, contact=contact).party
    with transaction.atomic():
        commands.recognise([party.pk])
    return party


@pytest.mark.thorough
def test_a_history_that_begins_knows_who_is_in_line(line: Queue, venue: Venue) -> None:
    commands.change_history(venue_id=venue.pk, on=False)
    gone = joined(line, ANA)
    queue_commands.serve(line.pk, party_id=gone.pk)
    first, second, other, without = (joined(line, typed) for typed in (ANA, ANA, BEN, ""))
    assert not Guest.objects.exists(), "off means that nothing is kept"
    commands.change_history(venue_id=venue.pk, on=True)
    assert set(Visit.objects.values_list("party", flat=True)) == {first.pk, second.pk, other.pk}
    assert Guest.objects.count() == 2 and known(first).guest == known(second).guest
    assert (known(first).guest.first_at, known(first).guest.seen_at) == (first.joined_at, second.joined_at)
    assert selectors.of_party(without.pk) is None
    event = Event.objects.filter(type="VENUE_GUEST_HISTORY_CHANGED").latest("pk")
    assert event.data["recognised"] == 2
    commands.change_history(venue_id=venue.pk, on=True, months=9)
    assert Visit.objects.count() == 3, "nobody is known twice"


@pytest.mark.thorough
def test_two_spellings_of_a_number_are_one_guest(line: Queue) -> None:
    parties = [joined(line, typed) for typed in (ANA, "612 34 56 78", "(+34) 612-345-678", "0034 612345678")]
    assert {known(each).guest.number for each in parties} == {ANA}


@pytest.mark.thorough
def test_the_list_says_who_is_a_vip_and_who_is_not_welcome(line: Queue) -> None:
    waiting, called, both, plain = (joined(line, f"+3461234567{digit}", name=f"P{digit}") for digit in range(4))
    queue_commands.call(line.pk, party_id=called.pk)
    mark(waiting, vip=True)
    mark(called, not_welcome=True)
    mark(both, vip=True, not_welcome=True)
    shown = rows(line)
    assert [words(shown, each) for each in (waiting, called, both, plain)] == [
        ["VIP"], ["not welcome"], ["not welcome", "VIP"], [],
    ]  # fmt: skip
    assert "VIP" not in browser_of("").get(f"/queue/{line.code}").content.decode()


def rows(line: Queue) -> str:
    return page(browser_of("host"), f"/queue/{line.code}/host")


def words(shown: str, party: Party) -> list[str]:
    """What the party's row says of its guest."""
    row = shown.partition(f'data-party="{party.pk}"')[2].partition("</li>")[0]
    return [word for word in ("not welcome", "VIP") if f">{word}</span>" in row]


CHANGES: dict[str, Callable[[Party, Venue], object]] = {
    "a mark that is set": lambda party, venue: mark(party, vip=True, not_welcome=True),
    "a mark that is taken away": lambda party, venue: mark(party),
    "a guest who is forgotten": lambda party, venue: commands.forget_guest(known(party).guest.pk, venue_id=venue.pk),
    "a history that ends": lambda party, venue: commands.change_history(venue_id=venue.pk, on=False),
    "a party that joins": lambda party, venue: joined(party.queue, ANA),
}


@pytest.mark.parametrize("what", CHANGES)
def test_consoles_draw_the_list_again_after(line: Queue, venue: Venue, what: str) -> None:
    party = joined(line, ANA)
    mark(party, vip=True)
    before = Queue.objects.get(pk=line.pk).version
    CHANGES[what](party, venue)
    event = Event.objects.filter(type="QUEUE_MEMBER_RECOGNISED", version__gt=before).latest("pk")
    assert Queue.objects.get(pk=line.pk).version >= event.version > before
    assert event.data.keys() == {"sessionId", "partyId"} and event.changes == {}, "the log says nothing of the guest"


@pytest.mark.thorough
def test_consoles_draw_only_the_party_whose_guest_is_another_now(line: Queue) -> None:
    first = joined(line, ANA)
    mark(first, vip=True)
    told = Event.objects.filter(type="QUEUE_MEMBER_RECOGNISED", pk__gt=Event.objects.latest("pk").pk)
    second = joined(line, ANA)
    with transaction.atomic():
        commands.recognise([first.pk, second.pk])
    assert [event.party_id for event in told.all()] == [second.pk], "what is known already changes no line"


def test_guests_without_a_mark_change_no_line(line: Queue) -> None:
    joined(line, ANA)
    party = joined(line, ANA)
    commands.change_guest(
        known(party).guest.pk, venue_id=known(party).guest.venue_id, notes="Window", vip=False, not_welcome=False
    )
    assert not Event.objects.filter(type="QUEUE_MEMBER_RECOGNISED").exists()


@pytest.mark.thorough
def test_a_host_sees_who_else_came_with_the_number(line: Queue, venue: Venue) -> None:
    other_line = queue_commands.open_line(queue_commands.NewLine(event_name="Bar", max_guests=9), venue=venue)
    come(line, ANA, name="Ana")
    child, twin = joined(line, ANA, name="Leo"), joined(line, ANA, name="Ana")
    joined(other_line, ANA, name="Mia")
    host = browser_of("host")
    shown = " ".join(page(host, f"/queue/{line.code}/host/guest/{child.ticket}").split())
    assert (
        f"Same number: #{twin.ticket} in this line; 1 in other lines; came as <bdi>Mia</bdi>, <bdi>Ana</bdi>." in shown
    )
    alone = joined(line, BEN, name="Ben")
    assert "Same number" not in page(host, f"/queue/{line.code}/host/guest/{alone.ticket}")
