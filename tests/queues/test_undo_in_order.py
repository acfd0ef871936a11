"""Undo goes back one action after the other, through what hosts and the clock did, in one order (decision 0074)."""

from collections.abc import Callable
from contextlib import suppress
from datetime import datetime, timedelta
from functools import partial
from random import Random

import pytest

from core import clock
from core.errors import Conflict, Refused
from queues import commands, reconcile, rules
from tests.queues.command_tables import Act
from tests.queues.database_lines import Floor
from tests.queues.undo_lines import UNDOABLE, evening, looks

pytestmark = pytest.mark.django_db

WINDOW_S = 30


@pytest.fixture
def floor() -> Floor:
    """Called for half a minute: Ann (first), Bob (last); waiting: Cem, Dia, Eva, Fay; gone: Gus."""
    return evening(WINDOW_S)


@pytest.fixture
def later(monkeypatch: pytest.MonkeyPatch) -> Callable[[], None]:
    """A call window passes at each call of this."""
    real, passed = clock.now, timedelta()

    def now(**options: str) -> datetime:
        return real(**options) + passed

    def pass_a_window() -> None:
        nonlocal passed
        passed += timedelta(seconds=WINDOW_S + 1)

    monkeypatch.setattr(clock, "now", now)
    return pass_a_window


def run_out(floor: Floor, name: str, later: Callable[[], None]) -> None:
    """The party's call runs out, and the clock looks."""
    later()
    commands.expire_call(floor.pk, party_id=floor.id(name))


def run_out_of(floor: Floor, nth: int, later: Callable[[], None]) -> None:
    """The same, of the nth party that is called."""
    run_out(floor, floor.called()[nth], later)


def test_a_no_show_of_the_clock_is_undone_with_the_call_that_followed(floor: Floor, later: Callable[[], None]) -> None:
    commands.pause(floor.pk)
    run_out(floor, "Ann", later)
    assert floor.called() == ["Bob", "Cem"]
    newest, paused, *_ = commands.actions_to_undo(floor.pk)
    assert (newest.by_clock, newest.at_once, paused.at_once) == (True, True, True)
    assert commands.undo(floor.pk, expected_version=newest.version).action == "no_show"
    assert (floor.called(), floor.waiting()) == (["Ann", "Bob"], ["Cem", "Dia", "Eva", "Fay"])
    party = floor.party("Ann")
    assert (party.lapsed, commands.expire_call(floor.pk, party_id=party.pk)) == (False, False)
    assert commands.undo(floor.pk).action == "pause"


def test_a_lateness_is_no_step_of_undo_and_what_hosts_did_is_reached(floor: Floor, later: Callable[[], None]) -> None:
    """Also the call of the late party: the clock of a call bars nothing."""
    commands.edit_line(floor.pk, auto_no_show=False, auto_advance=False)
    commands.call(floor.pk)
    for name in ("Ann", "Bob", "Cem"):
        run_out(floor, name, later)
        assert floor.party(name).late_at is not None
    assert [each.action for each in commands.actions_to_undo(floor.pk)] == ["call", "edit_line", "call", "call"]
    assert commands.undo(floor.pk).action == "call"
    assert (floor.called(), floor.waiting()[0]) == (["Ann", "Bob"], "Cem")
    assert floor.party("Ann").late_at is not None


def test_a_call_of_the_clock_is_taken_back_and_its_lateness_stays(floor: Floor, later: Callable[[], None]) -> None:
    commands.edit_line(floor.pk, auto_no_show=False)
    run_out(floor, "Ann", later)
    assert floor.called() == ["Ann", "Bob", "Cem"]
    commands.undo(floor.pk)
    assert (floor.called(), floor.waiting()[0]) == (["Ann", "Bob"], "Cem")
    assert floor.party("Ann").late_at is not None


@pytest.mark.thorough
def test_undo_steps_over_what_the_clock_did_unless_that_must_go_first(floor: Floor, later: Callable[[], None]) -> None:
    """The button names what a host did; what the clock did is in the list, and can be taken back in its own right."""
    commands.edit_line(floor.pk, auto_advance=False)
    commands.call(floor.pk, party_id=floor.id("Eva"))
    commands.kick(floor.pk, party_id=floor.id("Dia"))
    run_out(floor, "Eva", later)
    no_show, kick, call, *_ = commands.actions_to_undo(floor.pk)
    assert [each.action for each in (no_show, kick, call)] == ["no_show", "kick", "call"]
    assert [each.at_once for each in (no_show, kick, call)] == [True, True, False]
    assert commands.last_action(floor.pk) == kick
    commands.undo(floor.pk, expected_version=kick.version)
    assert "Dia" in floor.waiting() and floor.party("Eva").status == rules.NO_SHOW
    # Her call cannot be taken back before the no-show is.
    assert commands.last_action(floor.pk) == no_show
    with pytest.raises(Conflict):
        commands.undo(floor.pk, expected_version=call.version)
    commands.undo(floor.pk, expected_version=no_show.version)
    commands.undo(floor.pk, expected_version=call.version)
    assert (floor.called(), floor.waiting()) == (["Ann", "Bob"], ["Cem", "Dia", "Eva", "Fay"])


@pytest.mark.thorough
def test_actions_of_hosts_and_the_clock_are_undone_in_one_order(floor: Floor, later: Callable[[], None]) -> None:
    commands.kick(floor.pk, party_id=floor.id("Dia"))
    run_out(floor, "Ann", later)
    commands.serve(floor.pk, party_id=floor.id("Cem"))
    named = commands.actions_to_undo(floor.pk)
    assert [each.action for each in named] == ["serve", "no_show", "kick", "call", "call"]
    assert [each.by_clock for each in named] == [False, True, False, False, False]
    for each in named:
        assert commands.undo(floor.pk, expected_version=each.version).version == each.version
    assert (floor.called(), floor.waiting()) == ([], ["Ann", "Bob", "Cem", "Dia", "Eva", "Fay"])
    assert commands.actions_to_undo(floor.pk) == []


def test_what_cannot_be_taken_back_does_not_bar_what_was_done_before_it(floor: Floor) -> None:
    commands.kick(floor.pk, party_id=floor.id("Dia"))
    commands.call(floor.pk, party_id=floor.id("Eva"))
    commands.leave(floor.pk, party_id=floor.id("Eva"))
    last = commands.last_action(floor.pk)
    assert last is not None and last.action == "kick"
    with pytest.raises(Conflict, match="has changed since"):
        commands.undo(floor.pk)  # not named: only the newest can be meant
    commands.undo(floor.pk, expected_version=last.version)
    assert floor.waiting() == ["Cem", "Dia", "Fay"]
    assert floor.party("Eva").status == rules.LEFT


def test_after_ten_minutes_nothing_is_undone(floor: Floor, later: Callable[[], None]) -> None:
    commands.pause(floor.pk)
    for _ in range(20):
        later()
    assert commands.last_action(floor.pk) is None
    with pytest.raises(Conflict, match="nothing to undo"):
        commands.undo(floor.pk)


@pytest.mark.thorough
@pytest.mark.parametrize("seed", range(8))
def test_any_evening_is_undone_step_by_step_to_its_beginning(
    floor: Floor, later: Callable[[], None], seed: int
) -> None:
    """Hosts and the clock do anything in any order: each undo leaves exactly what there was before the action, and all events
    together give the rows."""
    random = Random(seed)  # noqa: S311 — a story, not a secret
    acts: dict[str, Act] = {name: act for name, act in UNDOABLE.items() if name != "close"}
    acts |= {f"call {n} runs out": partial(run_out_of, nth=n, later=later) for n in range(5)}
    commands.edit_line(floor.pk, auto_no_show=seed % 2 == 0)
    done, seen = [], []
    for name in random.choices([*acts], k=40):
        before, version = looks(floor), floor.version
        with suppress(Refused, IndexError):  # not possible just now, or of a party with another name by now
            acts[name](floor)
        new = {event.type for event in floor.events() if event.version > version}
        if new - {"QUEUE_MEMBER_LATE"}:  # which takes nothing away, and is no step
            done.append(name)
            seen.append(before)
    assert len(done) > 12 and any("runs out" in name for name in done), done
    for name, expected in zip(reversed(done), reversed(seen), strict=True):
        newest = commands.actions_to_undo(floor.pk)[0]
        commands.undo(floor.pk, expected_version=newest.version)
        assert looks(floor) == expected, name
    assert [*reconcile.replayed(floor.pk), *reconcile.structure(floor.pk), *reconcile.effects(floor.pk)] == []
