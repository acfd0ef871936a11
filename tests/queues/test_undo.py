"""queues/commands/undo.py: the last host action is taken back, wholly or not at all, and as another event (law 10)."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.db.models import F
from pytest_django.plugin import DjangoDbBlocker

from core import clock
from core.errors import Conflict
from outbox.models import Event
from queues import commands, rules
from queues.models import Party, Queue
from tests.queues.command_tables import ACTIONS, CONFLICTS, Act
from tests.queues.database_lines import Floor
from tests.queues.undo_lines import UNDOABLE, evening, looks

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def kept(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[Floor]:
    """The line of all tests here, made and committed once; what a test does to it is rolled back."""
    with django_db_blocker.unblock():
        floor = evening()
    yield floor
    with django_db_blocker.unblock():
        floor.remove()


@pytest.fixture
def floor(db: None, kept: Floor) -> Floor:
    """Called: Ann (first), Bob (last); waiting: Cem, Dia, Eva, Fay; gone: Gus."""
    return kept


@pytest.mark.parametrize("act", UNDOABLE.values(), ids=UNDOABLE.keys())
def test_undo_gives_the_line_back_as_it_was(act: Act, floor: Floor) -> None:
    before, version = looks(floor), floor.version
    act(floor)
    assert looks(floor) != before or act is ACTIONS["call again"]
    last = commands.last_action(floor.pk)
    assert last is not None
    undone = commands.undo(floor.pk, expected_version=last.version)
    assert undone.version == last.version == version + 1
    assert looks(floor) == before
    assert floor.version == version + 2
    event = floor.events()[-1]
    assert event.type == "QUEUE_ACTION_UNDONE"
    assert (event.actor, event.action) == ("host", "undo")
    assert (event.data["undoes"], event.data["action"]) == (last.version, last.action)


@pytest.mark.parametrize("act", UNDOABLE.values(), ids=UNDOABLE.keys())
def test_an_undone_action_can_be_done_again(act: Act, floor: Floor) -> None:
    act(floor)
    after = looks(floor)
    commands.undo(floor.pk)
    act(floor)
    assert without_times(looks(floor)) == without_times(after)


def without_times(seen: Any) -> Any:
    waiting, called, served, ended, queue = seen
    for party in called:
        del party["calledAt"]
    return waiting, called, served, ended, {**queue, "closed_at": queue["closed_at"] is not None}


# --------------------------------------------------------------------------------------------------------- further back
@pytest.mark.thorough
def test_undo_again_goes_further_back_through_a_whole_evening(floor: Floor) -> None:
    """What each undo leaves is what there was before the action, also for those called, served and undone before."""
    evening: list[Act] = [
        lambda f: commands.advance(f.pk, served_party=str(f.id("Bob"))),
        lambda f: commands.serve(f.pk, party_id=f.id("Cem")),
        lambda f: commands.pause(f.pk),
        lambda f: commands.call(f.pk, party_id=f.id("Ann")),
        lambda f: commands.put_back(f.pk, party_id=f.id("Ann")),
        lambda f: commands.reorder(f.pk, party_id=f.id("Ann"), position=9),
        lambda f: commands.edit_party(f.pk, party_id=f.id("Fay"), name="Fay F.", size=3),
        lambda f: commands.kick(f.pk, party_id=f.id("Eva")),
        lambda f: commands.resume(f.pk),
        lambda f: commands.advance(f.pk, next_party=str(f.id("Ann"))),
        lambda f: commands.no_show(f.pk, party_id=f.id("Ann")),
        lambda f: commands.put_back(f.pk, party_id=f.id("Eva")),
        lambda f: commands.close(f.pk),
    ]
    seen = []
    for act in evening:
        seen.append(looks(floor))
        act(floor)
    for expected in reversed(seen):
        commands.undo(floor.pk)
        assert looks(floor) == expected


def test_the_commonest_mistake_twice_over(floor: Floor) -> None:
    """Called, seated, and neither was meant: the deadline that the first undo renews must not bar the second."""
    commands.call(floor.pk)
    commands.serve(floor.pk, party_id=floor.id("Cem"))
    commands.undo(floor.pk)
    assert floor.called() == ["Ann", "Bob", "Cem"]
    commands.undo(floor.pk)
    assert (floor.called(), floor.waiting()[0]) == (["Ann", "Bob"], "Cem")


def test_an_undo_between_actions_is_passed_over(floor: Floor) -> None:
    commands.kick(floor.pk, party_id=floor.id("Cem"))
    commands.pause(floor.pk)
    assert commands.undo(floor.pk).action == "pause"
    commands.kick(floor.pk, party_id=floor.id("Dia"))
    assert commands.undo(floor.pk).action == "kick"
    assert commands.undo(floor.pk).action == "kick"
    assert floor.waiting() == ["Cem", "Dia", "Eva", "Fay"]


def test_when_everything_is_undone_there_is_nothing_left(db: None) -> None:
    floor = Floor.opened("Ann")
    commands.call(floor.pk)
    commands.undo(floor.pk)
    before = floor.version
    assert commands.last_action(floor.pk) is None
    for expected in (None, 1, 2, 3, 4):  # neither the opening nor the guest's join nor the undo itself
        with pytest.raises(Conflict):
            commands.undo(floor.pk, expected_version=expected)
    assert floor.version == before


def test_what_guests_do_and_the_end_of_a_wait_are_not_undone(floor: Floor) -> None:
    commands.pause(floor.pk)
    commands.leave(floor.pk, party_id=floor.id("Cem"))
    Queue.objects.filter(pk=floor.pk).update(wait_low_ms=1, wait_high_ms=2, wait_until=clock.now())
    assert commands.end_wait(floor.pk)
    assert commands.undo(floor.pk).action == "pause"
    assert floor.party("Cem").status == rules.LEFT
    assert Queue.objects.get(pk=floor.pk).wait_until is None


# ------------------------------------------------------------------------------------------------------------- deadlines
@pytest.mark.parametrize("act", ["serve", "kick, called", "put back, called", "call again", "close"])
def test_who_is_called_again_by_an_undo_gets_the_whole_window(act: str, floor: Floor) -> None:
    """Or the sweep would take them for a no-show a moment later."""
    ann = floor.id("Ann")
    Party.objects.filter(pk=ann).update(call_deadline=clock.now() + timedelta(milliseconds=1))
    ACTIONS[act](floor)
    commands.undo(floor.pk)
    party = Party.objects.get(pk=ann)
    assert party.status == rules.CALLED
    assert party.call_deadline is not None
    assert party.call_deadline - clock.now() > timedelta(seconds=110)
    assert commands.expire_call(floor.pk, party_id=ann) is False


def test_what_was_told_and_counted_never_runs_backwards(floor: Floor) -> None:
    cem = floor.id("Cem")
    commands.call(floor.pk)
    told = [(event.type, event.party_id) for event in floor.events() if event.type.startswith("QUEUE_POSITION")]
    commands.undo(floor.pk)
    party = Party.objects.get(pk=cem)
    assert (party.call_count, party.told_position_2) == (1, True)
    commands.call(floor.pk)
    again = [(event.type, event.party_id) for event in floor.events() if event.type.startswith("QUEUE_POSITION")]
    assert again == told
    calls = [event.data["round"] for event in floor.events() if event.party_id == cem and event.type.endswith("CALLED")]
    assert calls == [1, 2]  # so that the second call is pushed to the phone, too


# -------------------------------------------------------------------------------------------------------------- walk-ins
def test_an_undone_walk_in_is_gone_and_its_ticket_is_not_given_again(floor: Floor) -> None:
    commands.add_walk_in(floor.pk, name="Wes")
    ticket = floor.party("Wes").ticket
    commands.undo(floor.pk)
    assert "Wes" not in floor.waiting()
    assert floor.party("Wes").status == rules.KICKED
    commands.join(floor.pk, name="Wes")
    assert floor.party("Wes").ticket == ticket + 1


def test_a_walk_in_that_left_cannot_be_undone(floor: Floor) -> None:
    commands.add_walk_in(floor.pk, name="Wes")
    commands.leave(floor.pk, party_id=floor.id("Wes"))
    with pytest.raises(Conflict):
        commands.undo(floor.pk)
    assert floor.party("Wes").status == rules.LEFT


# ------------------------------------------------------------------------------------------------------------- conflicts
@pytest.mark.parametrize(("act", "meanwhile"), CONFLICTS.values(), ids=CONFLICTS.keys())
def test_what_has_changed_since_is_not_undone(act: Act, meanwhile: Act, floor: Floor) -> None:
    act(floor)
    meanwhile(floor)
    before = looks(floor), floor.version, Event.objects.count()
    with pytest.raises(Conflict):
        commands.undo(floor.pk)
    assert (looks(floor), floor.version, Event.objects.count()) == before


def test_the_host_undoes_what_they_saw_or_nothing(floor: Floor) -> None:
    commands.pause(floor.pk)
    seen = commands.last_action(floor.pk)
    assert seen is not None
    commands.kick(floor.pk, party_id=floor.id("Cem"))  # a colleague, on another tablet
    with pytest.raises(Conflict):
        commands.undo(floor.pk, expected_version=seen.version)
    assert "Cem" not in floor.waiting()
    commands.undo(floor.pk, expected_version=seen.version + 1)
    assert "Cem" in floor.waiting()


def test_two_undos_of_the_same_action_take_back_one(floor: Floor) -> None:
    commands.pause(floor.pk)
    commands.kick(floor.pk, party_id=floor.id("Cem"))
    seen = commands.last_action(floor.pk)
    assert seen is not None
    commands.undo(floor.pk, expected_version=seen.version)
    with pytest.raises(Conflict):
        commands.undo(floor.pk, expected_version=seen.version)
    assert Queue.objects.get(pk=floor.pk).paused


# ---------------------------------------------------------------------------------------------- places of those who joined
def test_who_comes_back_stands_before_all_who_joined_since(floor: Floor) -> None:
    commands.kick(floor.pk, party_id=floor.id("Eva"))
    commands.kick(floor.pk, party_id=floor.id("Fay"))
    commands.join(floor.pk, name="New")
    commands.undo(floor.pk)
    assert floor.waiting() == ["Cem", "Dia", "Fay", "New"]
    commands.undo(floor.pk)
    assert floor.waiting() == ["Cem", "Dia", "Eva", "Fay", "New"]


def test_a_reopened_line_is_the_old_one_and_goes_on(floor: Floor) -> None:
    before = floor.waiting(), floor.called()
    commands.close(floor.pk)
    assert (floor.waiting(), floor.called()) == ([], [])
    commands.undo(floor.pk)
    assert (floor.waiting(), floor.called()) == before
    commands.join(floor.pk, name="New")
    assert commands.close_if_over(floor.pk) is False


def test_undoing_a_move_that_renumbered_all_ranks_keeps_later_joins_behind(floor: Floor) -> None:
    Party.objects.filter(queue=floor.queue).update(rank=F("rank") + 100 * rules.RANK_STEP)
    for rank, name in enumerate(("Cem", "Dia", "Eva")):  # no room between them
        Party.objects.filter(pk=floor.id(name)).update(rank=500 * rules.RANK_STEP + rank)
    Party.objects.filter(pk=floor.id("Fay")).update(rank=600 * rules.RANK_STEP)
    commands.reorder(floor.pk, party_id=floor.id("Fay"), position=2)
    assert floor.waiting() == ["Cem", "Fay", "Dia", "Eva"]
    commands.join(floor.pk, name="New")
    assert floor.waiting() == ["Cem", "Fay", "Dia", "Eva", "New"]
    commands.undo(floor.pk)
    assert floor.waiting() == ["Cem", "Dia", "Eva", "Fay", "New"]
