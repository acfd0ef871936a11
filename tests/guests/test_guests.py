"""Who came again: known by the number alone, counted from the parties, forgotten for good."""

from datetime import timedelta
from uuid import UUID

import pytest
from django.db import transaction
from django.db.models import F

from core import clock, seen
from core.actors import Actor
from core.errors import Invalid, NotFound
from guests import commands, personal, selectors
from guests.models import Guest, Visit
from outbox.models import Event
from queues import commands as queue_commands
from queues.models import Party, Queue
from tests.guests.conftest import ANA, BEN, come, known, say
from tests.venues.people_of_venue import browser_of
from venues import commands as venue_commands
from venues.models import User, Venue

pytestmark = pytest.mark.servers


@pytest.mark.thorough
def test_a_guest_is_known_by_the_number_and_never_by_the_name(line: Queue) -> None:
    come(line, ANA, name="Ana")
    come(line, ANA, name="Mrs García", end="no_show")
    other = come(line, BEN, name="Ana", end="")
    again = come(line, ANA, end="")
    assert (known(again).visits, known(again).no_shows, known(again).name) == (1, 1, "Mrs García")
    assert (known(other).visits, known(other).no_shows, known(other).last_at) == (0, 0, None)
    assert Guest.objects.count() == 2


def test_an_undone_seat_was_no_visit(line: Queue) -> None:
    party = come(line, ANA)
    assert known(party).visits == 1 and known(party).last_at is not None
    queue_commands.undo(line.pk)
    assert known(party).visits == 0


@pytest.mark.thorough
def test_saying_the_number_again_or_another_one_counts_once(line: Queue) -> None:
    come(line, ANA)
    party = come(line, BEN, end="")
    for number in (ANA, ANA, BEN, ANA):
        say(party.pk, number)
    assert set(Guest.objects.values_list("number", flat=True)) == {ANA}, "the mistyped number is not kept"
    assert known(party).visits == 1
    say(party.pk, "")
    assert selectors.of_party(party.pk) is None and Guest.objects.count() == 1


@pytest.mark.thorough
def test_nothing_is_kept_where_the_venue_does_not_want_it(line: Queue, venue: Venue) -> None:
    come(line, ANA)
    assert commands.change_history(venue_id=venue.pk, on=False) == 1
    come(line, BEN)
    accountless = queue_commands.open_line(queue_commands.NewLine(event_name="Bar", max_guests=10))
    come(accountless, ANA)
    assert not Guest.objects.exists() and not Visit.objects.exists()
    assert Party.objects.count() == 3, "the parties stay"


@pytest.mark.thorough
def test_another_venue_knows_nothing(line: Queue, venue: Venue) -> None:
    other = venue_commands.create_venue(name="Red Door", timezone_name="UTC")
    commands.change_history(venue_id=other.pk, on=True)
    there = queue_commands.open_line(queue_commands.NewLine(event_name="Bar", max_guests=10), venue=other)
    come(line, ANA)
    party = come(there, ANA, end="")
    assert known(party).visits == 0
    with pytest.raises(NotFound):
        commands.forget_guest(known(party).guest.pk, venue_id=venue.pk)


def test_hosts_note_and_mark_and_no_event_has_the_number_or_the_note(line: Queue, venue: Venue) -> None:
    guest = known(come(line, ANA)).guest
    actor = Actor("host")
    saw = seen.shown({"notes": "", "vip": False, "not_welcome": False})
    commands.change_guest(
        guest.pk, venue_id=venue.pk, notes="Window", vip=True, not_welcome=False, saw=saw, actor=actor
    )
    with pytest.raises(seen.Overtaken):
        commands.change_guest(guest.pk, venue_id=venue.pk, notes="Bar", vip=False, not_welcome=True, saw=saw)
    with pytest.raises(Invalid, match="500"):
        commands.change_guest(guest.pk, venue_id=venue.pk, notes="x" * 501, vip=True, not_welcome=False)
    guest.refresh_from_db()
    assert (guest.notes, guest.vip, guest.not_welcome, guest.edits) == ("Window", True, False, 1)
    commands.forget_guest(guest.pk, venue_id=venue.pk)
    events = Event.objects.filter(type__startswith="VENUE_GUEST")
    assert [each.type for each in events.order_by("pk")] == [
        "VENUE_GUEST_HISTORY_CHANGED", "VENUE_GUEST_CHANGED", "VENUE_GUEST_FORGOTTEN",
    ]  # fmt: skip
    assert events.get(type="VENUE_GUEST_CHANGED").data["fields"] == ["notes", "vip"]
    for event in Event.objects.all():
        written = f"{event.data} {event.changes}"
        assert ANA not in written and ANA[3:] not in written and "Window" not in written


@pytest.mark.parametrize("months", [0, 61])
def test_months_have_bounds(venue: Venue, months: int) -> None:
    with pytest.raises(Invalid, match="1 to 60"):
        commands.change_history(venue_id=venue.pk, on=True, months=months)


@pytest.mark.thorough
def test_who_does_not_come_any_more_is_forgotten(line: Queue, venue: Venue) -> None:
    come(line, ANA)
    come(line, BEN)
    Guest.objects.filter(number=ANA).update(seen_at=F("seen_at") - timedelta(days=181))
    Guest.objects.filter(number=BEN).update(seen_at=F("seen_at") - timedelta(days=179))
    with transaction.atomic():
        assert commands.forget([line.pk]) == 1
    assert commands.forget_old() == 0
    assert [each.guest.number for each in selectors.newest(venue)] == [BEN]
    Guest.objects.update(seen_at=clock.now() - timedelta(days=181))
    assert commands.forget_old() == 1
    assert [each.data["forgotten"] for each in Event.objects.filter(type="VENUE_GUESTS_FORGOTTEN")] == [1, 1]


def test_a_guest_who_asks_to_be_erased_is_erased_with_all_visits(line: Queue) -> None:
    come(line, ANA)
    party = come(line, ANA, end="")
    with transaction.atomic():
        assert commands.forget_guests_of(line.venue_id, [party.pk]) == 1
    assert not Guest.objects.exists() and not Visit.objects.exists() and Party.objects.count() == 2


@pytest.mark.thorough
def test_newest_guests_come_first_page_by_page(line: Queue, venue: Venue, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(selectors, "PER_PAGE", 2)
    for digit in range(5):
        come(line, f"+3461234567{digit}")
    Guest.objects.update(seen_at=clock.now())  # all at the same moment
    seen, after = [], None
    while found := selectors.newest(venue, after=after):
        seen += [each.guest.number for each in found]
        after = found[-1].guest.pk
    assert len(seen) == len(set(seen)) == 5


@pytest.mark.thorough
@pytest.mark.parametrize(
    ("words", "found"),
    [("612 34 56", [ANA]), ("0612345678", [ANA]), (ANA, [ANA]), ("ana", [ANA]), ("terr", [BEN]), ("12", []), ("%", [])],
)
def test_search_by_number_name_and_note(line: Queue, venue: Venue, words: str, found: list[str]) -> None:
    come(line, ANA, name="Ana")
    ben = known(come(line, BEN, name="Ben")).guest
    commands.change_guest(ben.pk, venue_id=venue.pk, notes="Terrace", vip=False, not_welcome=False)
    assert [each.guest.number for each in selectors.search(venue, words)] == found


def test_retention_is_told_what_is_kept_and_takes_what_is_over(line: Queue, venue: Venue) -> None:
    party = come(line, ANA)
    commands.change_guest(known(party).guest.pk, venue_id=venue.pk, notes="Window", vip=True, not_welcome=False)
    shown = personal.export(party)
    assert (shown["number"], shown["notes"], shown["vip"], shown["visits"]) == (ANA, "Window", True, 1)
    with transaction.atomic():
        assert personal.forget(line.pk, None) == {"guests": 0}, "the venue keeps guests for six months"
    Guest.objects.update(seen_at=clock.now() - timedelta(days=200))
    with transaction.atomic():
        assert personal.forget(line.pk, None) == {"guests": 1}
    assert personal.export(party) == {}
    say(party.pk, ANA)
    with transaction.atomic():
        assert personal.forget(line.pk, [party.pk]) == {"guests": 1}, "who is erased is not kept at all"


def test_staff_read_no_digit_of_a_number_in_the_admin(venue: Venue) -> None:
    """Also not its last ones, and not in the log, which keeps how a row is called."""
    at = clock.now()
    guest = Guest.objects.create(pk=UUID(int=0), venue=venue, number=ANA, first_at=at, seen_at=at)
    for text in (str(guest), repr(guest)):
        assert not set(ANA[3:]) & set(text), text  # its id has none of these digits
    User.objects.filter(email="owner@example.com").update(is_staff=True, is_superuser=True)
    shown = browser_of("owner").get("/admin/guests/guest/").content.decode()
    assert str(guest) in shown and ANA[3:] not in shown
