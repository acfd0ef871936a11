"""A wait that a host sets for new guests, and a pause with a reason that they read (issue: a full house)."""

from datetime import timedelta

import pytest
from django.test import Client

from core import clock
from core.errors import Conflict, Invalid
from queues import commands, reconcile, shapes, timers, waits
from queues.models import Queue
from queues.pages.joinable import Joinable
from tests.page_client import page
from tests.queues.database_lines import Floor
from tests.queues.page_client import line_by_form, press

pytestmark = pytest.mark.django_db

LOW, HIGH = 45 * 60_000, 60 * 60_000


def told(floor: Floor) -> tuple[int, int]:
    """The wait that new guests are told."""
    view = shapes.public(floor.row())
    line = Queue.objects.get(pk=floor.pk)
    assert (Joinable.of(line).low_ms, Joinable.of(line).high_ms) == (view["joinLowMs"], view["joinHighMs"])
    return view["joinLowMs"], view["joinHighMs"]


def test_new_guests_are_told_it_as_a_promise_until_it_ends() -> None:
    floor = Floor.opened("Ann", "Bob")
    before = told(floor)
    commands.set_wait(floor.pk, low_ms=LOW, high_ms=HIGH, minutes=30)
    assert told(floor) == (LOW, HIGH) != before
    assert "joinUnknown" not in shapes.public(floor.row()), "a host knows"
    joined = commands.join(floor.pk, name="Cem")
    assert (joined.party.quote_low_ms, joined.party.quote_high_ms, joined.party.quoted_by_host) == (LOW, HIGH, True)
    assert joined.expected_wait_ms == (LOW + HIGH) // 2
    assert shapes.public(floor.row())["promised"].keys() == {"3"}
    Queue.objects.filter(pk=floor.pk).update(wait_until=clock.now() - timedelta(seconds=1))
    assert commands.join(floor.pk, name="Dia").party.quoted_by_host is False, "a join looks at the clock itself"
    assert timers.sweep() == 1
    four = waits.of_row(floor.row()).quote(2, 4)
    assert told(floor) == (four.low_ms, four.high_ms) > before, "our estimate again, with two more parties ahead"
    assert "joinUnknown" in shapes.public(floor.row())
    assert (floor.events()[-1].type, timers.sweep()) == ("QUEUE_WAIT_OVER", 0)


def test_a_new_wait_replaces_the_one_before_and_clearing_ends_it() -> None:
    floor = Floor.opened("Ann")
    before = told(floor)
    commands.set_wait(floor.pk, low_ms=LOW, high_ms=HIGH)
    commands.set_wait(floor.pk, low_ms=0, high_ms=LOW)
    assert told(floor) == (0, LOW)
    commands.clear_wait(floor.pk)
    assert told(floor) == before
    commands.undo(floor.pk)
    assert told(floor) == (0, LOW)
    assert [*reconcile.replayed(floor.pk), *reconcile.structure(floor.pk)] == []


@pytest.mark.thorough
def test_the_console_sets_it_in_minutes_and_shows_how_long_it_holds(host: Client) -> None:
    line = line_by_form(host)
    press(host, line, "wait", low=45, high=60, minutes=90)
    line.refresh_from_db()
    assert (line.wait_low_ms, line.wait_high_ms) == (LOW, HIGH)
    assert line.wait_until and timedelta(minutes=89) < line.wait_until - clock.now() <= timedelta(minutes=90)
    assert "45–60 min" in page(Client(), f"/queue/{line.code}")  # noqa: RUF001
    press(host, line, "clear-wait")
    assert Queue.objects.filter(pk=line.pk, wait_until=None).exists()
    assert "The longer wait" in press(host, line, "wait", low=60, high=45, minutes=90)


# ------------------------------------------------------------------------------------------------------------------ pause
@pytest.mark.thorough
def test_guests_read_why_a_line_is_paused(host: Client) -> None:
    line = line_by_form(host)
    press(host, line, "pause", reason="The oven is cold. Back at nine.")
    assert "The oven is cold. Back at nine." in page(Client(), f"/queue/{line.code}")
    floor = Floor(line)
    assert shapes.public(floor.row())["pauseReason"] == "The oven is cold. Back at nine."
    press(host, line, "pause", reason="Back at ten.")
    assert shapes.public(floor.row())["pauseReason"] == "Back at ten."
    commands.pause(line.pk)  # says nothing of the reason
    assert shapes.public(floor.row())["pauseReason"] == "Back at ten."
    press(host, line, "resume")
    assert "pauseReason" not in shapes.public(floor.row())
    assert commands.undo(line.pk).action == "resume"
    assert shapes.public(floor.row())["pauseReason"] == "Back at ten."


def test_a_reason_may_be_as_long_as_a_message_and_belongs_to_an_open_line() -> None:
    floor = Floor.opened()
    with pytest.raises(Invalid, match="at most 200 characters, and this has 10,000"):
        commands.pause(floor.pk, reason="x" * 10_000)
    commands.pause(floor.pk, reason="x" * 200)
    commands.close(floor.pk)
    assert Queue.objects.get(pk=floor.pk).pause_reason == ""
    with pytest.raises(Conflict):
        commands.pause(floor.pk, reason="Why not")
