"""Seating at tables: what two lines of one venue share, what is refused, undone, freed by itself, and proved."""

from collections.abc import Callable
from typing import Any

import pytest

from core import clock
from core.errors import Conflict, Invalid, NotFound, Refused
from core.times_of_day import time_of_day
from outbox.models import Event
from queues import commands, reconcile, selectors, sitting, story, timers
from queues.models import Party, Queue
from tests.database_clock import DatabaseClock
from tests.queues.dining_room import DiningRoom
from tests.queues.service_lines import MADRID, service
from venues import commands as venue_commands

pytestmark = pytest.mark.django_db


@pytest.fixture
def room(db: None) -> DiningRoom:
    return DiningRoom.made()


def differences(line: Queue) -> list[str]:
    """What `manage.py reconcile` finds in the line itself."""
    return [*reconcile.replayed(line.pk), *reconcile.structure(line.pk)]


def told(line: Queue) -> list[str]:
    """The line's story."""
    events = Event.objects.filter(stream_id=line.pk).order_by("version", "seq")
    tickets = {str(party.pk): party.ticket for party in line.parties.all()}
    return [sentence.text for sentence in story.tell(events, zone=MADRID, tickets=tickets)]


def board(line: Queue) -> sitting.TablesNow:
    row = selectors.current_row(line.pk)
    found = sitting.tables_now(line, row, clock.now()) if row else None
    assert found is not None
    return found


def test_a_party_sits_at_its_tables_until_they_are_freed(room: DiningRoom) -> None:
    line = room.line()
    party = room.seat(line, "3", "4", size=7)
    assert (party.tables, party.seated_at, party.status) == (room.ids("3", "4"), party.ended_at, "served")
    assert room.sits() == {"3": [party.pk], "4": [party.pk]}
    freed = commands.free_table(line.pk, party_id=party.pk)
    assert freed.freed_at is not None and room.sits() == {}
    assert "The host seated no. 1 at tables 3, 4, after less than a minute" in told(line)
    assert "The host freed tables 3, 4 of no. 1, after less than a minute" in told(line)
    assert differences(line) == []


def test_a_table_that_another_line_has_taken_is_refused_with_who_sits_there(room: DiningRoom) -> None:
    bar, dinner = room.line("Bar"), room.line("Dinner")
    there = room.seat(bar, "4")
    assert there.seated_at is not None
    since = time_of_day(there.seated_at, "Europe/Madrid")
    version = dinner.version
    with pytest.raises(Conflict) as refused:
        room.seat(dinner, "3", "4", size=6)
    assert refused.value.message == (f"Table 4 is taken: #1 of Bar sits there since {since}. Nothing was done.")
    assert [party.status for party in dinner.parties.all()] == ["waiting"] and version == 1
    assert room.sits() == {"4": [there.pk]}
    with pytest.raises(Conflict, match="Table 4 is taken: #1 sits there since"):
        room.seat(bar, "4")


REFUSED: dict[str, tuple[type[Refused], Callable[[DiningRoom, Queue, Party], Any], str]] = {
    "no such table": (
        NotFound,
        lambda room, line, party: commands.serve(line.pk, party_id=party.pk, table_ids=[2**40]),
        "There is no such table any more",
    ),
    "tables that cannot be joined": (
        Conflict,
        lambda room, line, party: commands.serve(line.pk, party_id=party.pk, table_ids=room.ids("1", "3")),
        "Tables 1 and 3 cannot be joined",
    ),
    "too many tables": (
        Invalid,
        lambda room, line, party: commands.serve(line.pk, party_id=party.pk, table_ids=room.ids("1", "3", "4", "5")),
        "at most 3 tables",
    ),
    "free, not seated": (
        NotFound,
        lambda room, line, party: commands.free_table(line.pk, party_id=party.pk),
        "not in line",
    ),
    "move, not seated": (
        NotFound,
        lambda room, line, party: commands.change_table(line.pk, party_id=party.pk, table_ids=room.ids("1")),
        "not in line",
    ),
    "a wish for a section that is none": (
        Invalid,
        lambda room, line, party: commands.edit_party(line.pk, party_id=party.pk, section="Roof"),
        "does not seat in this section",
    ),
    "a guest's wish for a section that is none": (
        Invalid,
        lambda room, line, party: commands.join(line.pk, section="Roof"),
        "does not seat in this section",
    ),
}


@pytest.mark.parametrize(("error", "act", "words"), REFUSED.values(), ids=REFUSED.keys())
def test_what_cannot_be_is_refused_and_changes_nothing(
    error: type[Refused], act: Callable[[DiningRoom, Queue, Party], Any], words: str, room: DiningRoom
) -> None:
    line = room.line()
    party = commands.join(line.pk).party
    line.refresh_from_db()
    with pytest.raises(error, match=words):
        act(room, line, party)
    assert Queue.objects.get(pk=line.pk).version == line.version


def test_a_line_without_a_venue_has_no_tables(room: DiningRoom) -> None:
    line = commands.open_line(commands.NewLine(event_name="Truck", max_guests=9))
    party = commands.join(line.pk).party
    with pytest.raises(NotFound):
        commands.serve(line.pk, party_id=party.pk, table_ids=room.ids("1"))
    assert sitting.tables_now(line, {}, clock.now()) is None and sitting.coming_free(line, clock.now()) == ()


def test_a_table_given_back_twice_says_that_it_is_free(room: DiningRoom) -> None:
    line = room.line()
    party = room.seat(line, "1")
    commands.free_table(line.pk, party_id=party.pk)
    with pytest.raises(Conflict, match="#1 sits at no table any more"):
        commands.free_table(line.pk, party_id=party.pk)


@pytest.mark.thorough
def test_a_party_moves_to_another_table_and_its_turn_goes_on(room: DiningRoom) -> None:
    line = room.line()
    party, other = room.seat(line, "1"), room.seat(line, "2")
    with pytest.raises(Conflict, match="Table 2 is taken: #2"):
        commands.change_table(line.pk, party_id=party.pk, table_ids=room.ids("2"))
    moved = commands.change_table(line.pk, party_id=party.pk, table_ids=room.ids("3"))
    assert room.sits() == {"3": [party.pk], "2": [other.pk]} and moved.seated_at == party.seated_at
    commands.undo(line.pk)
    assert room.sits() == {"1": [party.pk], "2": [other.pk]}
    plain = commands.serve(line.pk, party_id=commands.join(line.pk).party.pk)
    commands.change_table(line.pk, party_id=plain.pk, table_ids=room.ids("4", "5"))
    assert room.sits()["4"] == room.sits()["5"] == [plain.pk]
    assert differences(line) == []


# ------------------------------------------------------------------------------------------------------------------- undo
def test_undo_of_seating_frees_the_table_and_undo_of_freeing_takes_it_again(room: DiningRoom) -> None:
    line = room.line()
    party = room.seat(line, "1")
    commands.free_table(line.pk, party_id=party.pk)
    assert commands.undo(line.pk).action == "free_table"
    assert room.sits() == {"1": [party.pk]}
    assert commands.undo(line.pk).action == "serve"
    party.refresh_from_db()
    assert room.sits() == {} and (party.status, party.tables, party.seated_at) == ("waiting", [], None)
    assert differences(line) == []


def test_undo_of_freeing_is_refused_once_another_line_has_the_table(room: DiningRoom) -> None:
    bar, dinner = room.line("Bar"), room.line("Dinner")
    party = room.seat(bar, "1")
    commands.free_table(bar.pk, party_id=party.pk)
    there = room.seat(dinner, "1")
    with pytest.raises(Conflict, match="Table 1 is taken: #1 of Dinner"):
        commands.undo(bar.pk)
    assert room.sits() == {"1": [there.pk]} and differences(bar) == differences(dinner) == []
    # It bars nothing: what was done before it is named, and taken back.
    seating = commands.last_action(bar.pk)
    assert seating is not None and seating.action == "serve"
    commands.undo(bar.pk, expected_version=seating.version)
    assert bar.parties.get().status == "waiting"
    commands.free_table(dinner.pk, party_id=there.pk)
    assert room.sits() == {} and differences(bar) == differences(dinner) == []


def test_undo_of_freeing_is_named_again_once_the_other_line_gives_the_table_back(room: DiningRoom) -> None:
    bar, dinner = room.line("Bar"), room.line("Dinner")
    party = room.seat(bar, "1")
    commands.free_table(bar.pk, party_id=party.pk)
    there = room.seat(dinner, "1")
    assert [each.action for each in commands.actions_to_undo(bar.pk)] == ["serve"]
    commands.change_table(dinner.pk, party_id=there.pk, table_ids=room.ids("2"))
    assert [each.action for each in commands.actions_to_undo(bar.pk)] == ["free_table", "serve"]
    last = commands.last_action(bar.pk)
    assert last is not None
    commands.undo(bar.pk, expected_version=last.version)
    assert room.sits() == {"1": [party.pk], "2": [there.pk]}


def test_a_seated_party_that_is_put_back_leaves_its_table_and_undo_seats_it_there(room: DiningRoom) -> None:
    line = room.line()
    party = room.seat(line, "1")
    commands.put_back(line.pk, party_id=party.pk)
    assert room.sits() == {}
    commands.undo(line.pk)
    assert room.sits() == {"1": [party.pk]} and differences(line) == []


# ------------------------------------------------------------------------------------------------------------- the board
def test_who_sits_stays_at_the_table_after_the_line_has_closed_and_is_freed_from_it(room: DiningRoom) -> None:
    lunch = room.line("Lunch")
    party = room.seat(lunch, "1")
    commands.close(lunch.pk)
    dinner = room.line("Dinner")
    assert board(dinner).at[room.tables["1"]].party == party
    commands.free_table(sitting.line_at_table(dinner, str(party.pk)), party_id=party.pk)
    assert board(dinner).at == {} and differences(lunch) == []


def test_parties_of_other_venues_are_neither_seen_nor_freed(room: DiningRoom) -> None:
    other = venue_commands.create_venue(name="Red Door", timezone_name="Europe/Madrid")
    line = commands.open_line(commands.NewLine(event_name="Other", max_guests=9), venue=other)
    party = room.seat(room.line(), "1")
    with pytest.raises(NotFound):
        sitting.line_at_table(line, str(party.pk))
    stranger = commands.join(line.pk).party
    with pytest.raises(NotFound):
        commands.serve(line.pk, party_id=stranger.pk, table_ids=room.ids("2"))


def test_a_service_with_sections_seats_in_those_only(room: DiningRoom) -> None:
    terrace = commands.open_service(service(room.venue, name="Terrace", sections=["terrace"]).pk)
    assert [table.name for table in board(terrace).tables] == ["1", "2"]
    assert [table.name for table in board(room.line()).tables] == ["1", "2", "3", "4", "5"]
    assert sitting.sections(room.line("Other")) == ["Terrace", "Inside"] and sitting.sections(terrace) == []
    roof = commands.open_service(service(room.venue, name="Roof", sections=["Roof"]).pk)
    assert len(board(roof).tables) == 5, "a section that is none leaves all"


@pytest.mark.thorough
def test_a_party_that_was_passed_over_too_often_comes_first(room: DiningRoom) -> None:
    line = room.line()
    for table in ("1", "2"):
        room.seat(line, table)
    first = commands.join(line.pk, size=2, name="Ann").party
    large = [commands.join(line.pk, size=4).party for _ in range(4)]

    def heads(table: str) -> str:
        return board(line).suggestions[room.tables[table]].proposals[0].party.id

    for party, table in zip(large[:3], ["3", "4", "5"], strict=True):
        assert heads(table) == str(party.pk)
        commands.serve(line.pk, party_id=party.pk, table_ids=room.ids(table))
    commands.free_table(line.pk, party_id=large[0].pk)
    assert heads("3") == str(first.pk), "three from behind were seated before it"
    venue_commands.change_venue(venue_id=room.venue.pk, passed_over=4)
    assert heads("3") == str(large[3].pk)


def test_a_wish_is_kept_until_its_section_is_no_more(room: DiningRoom) -> None:
    line = room.line()
    party = commands.join(line.pk, size=2, section=" terrace ").party
    assert party.section == "Terrace" and differences(line) == []
    assert not board(line).suggestions[room.tables["3"]].proposals
    venue_commands.rename_section(venue_id=room.venue.pk, section="Terrace", name="Garden")
    assert board(line).suggestions[room.tables["3"]].proposals[0].party.id == str(party.pk)
    assert commands.edit_party(line.pk, party_id=party.pk, section="").section == ""


# ------------------------------------------------------------------------------------------------------------------ turns
@pytest.mark.thorough
@pytest.mark.django_db(transaction=True)
def test_turns_are_learnt_and_a_forgotten_table_is_freed_by_itself(watch: DatabaseClock) -> None:
    room = DiningRoom.made()
    line = room.line()
    parties = [room.seat(line, "1")]
    assert sitting.past_turns(room.venue.pk, clock.now()) == {}
    for _ in range(6):
        watch.forward(minutes=30)
        commands.free_table(line.pk, party_id=parties[-1].pk)
        parties.append(room.seat(line, "1"))
    sits = board(line).at[room.tables["1"]]
    assert (sits.expected_ms, sits.sat_ms) == (30 * 60_000, 0)
    watch.forward(minutes=20)
    assert board(line).at[room.tables["1"]].sat_ms == 20 * 60_000
    watch.forward(hours=5, minutes=39)
    timers.sweep()
    assert set(room.sits()) == {"1"}
    watch.forward(minutes=1)
    assert timers.sweep() == 1
    assert room.sits() == {} and differences(line) == []
    assert told(line)[-1] == "Nobody freed table 1 of no. 7 for 360 min: it was freed by itself"
    assert sitting.past_turns(room.venue.pk, watch.now) == {0: [30 * 60_000] * 6}
