"""A button of the console acts on what the host saw when they pressed it; what is not so any more is refused (decision 0033)."""

from collections.abc import Callable

import pytest
from django.test import Client

from queues import commands
from queues.models import Party, Queue
from queues.pages.actions import ACTIONS, MAKING
from tests.queues.console_client import Fields, all_shown, form, press, shown
from tests.queues.page_client import join, line_by_form

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.thorough]


Between = Callable[[Queue, Party], object]


def named(line: Queue, name: str) -> Party:
    return Party.objects.get(queue=line, name=name)


def called(line: Queue, party: Party) -> None:
    commands.call(line.code, party_id=party.pk)


def ended(line: Queue, party: Party) -> None:
    commands.kick(line.code, party_id=party.pk)


# What stands on the page, what another device does then, what the host is told. None: the button carries nothing that ages.
CASES: dict[str, list[tuple[Between | None, Between, str]] | None] = {
    "call": [
        (None, lambda line, party: commands.serve(line.code, party_id=party.pk), "was seated by a host"),
        (None, called, "was called by a host"),
    ],
    "call-again": [
        (called, called, "was called again by a host"),
        (called, lambda line, party: commands.put_back(line.code, party_id=party.pk), "was put back in line by a host"),
        (called, lambda line, party: commands.give_more_time(line.code, party_id=party.pk), "given more time"),
    ],
    "seat": [
        (None, called, "was called by a host"),
        (called, lambda line, party: commands.put_back(line.code, party_id=party.pk), "was put back in line by a host"),
        (called, lambda line, party: commands.serve(line.code, party_id=party.pk), "was seated by a host"),
        (called, lambda line, party: commands.leave(line.code, party_id=party.pk), "has left just now"),
    ],
    "more-time": [
        (called, lambda line, party: commands.give_more_time(line.code, party_id=party.pk), "given more time"),
        (called, lambda line, party: commands.no_show(line.code, party_id=party.pk), "was marked as a no-show by a host"),
    ],
    "no-show": [
        (called, lambda line, party: commands.give_more_time(line.code, party_id=party.pk), "given more time"),
        (called, called, "was called again by a host"),
    ],
    "remove": [(None, called, "was called by a host"), (None, ended, "was removed by a host")],
    "put-back": [
        (ended, lambda line, party: commands.put_back(line.code, party_id=party.pk), "was put back in line by a host"),
        (called, ended, "was removed by a host"),
    ],
    "up": [
        (None, called, "was called by a host"),
        (None, lambda line, party: commands.reorder(line.code, party_id=named(line, "Zoe").pk, position=9), "changed the order"),
    ],
    "down": [
        (None, called, "was called by a host"),
        (None, lambda line, party: commands.leave(line.code, party_id=named(line, "Xi").pk), "changed the order"),
    ],
    "move": None,  # below: its form is the script's
    "to-top": [(None, called, "was called by a host")],
    "to-place": [(None, called, "was called by a host")],
    "behind": None,  # drawn by need: tests/queues/test_one_guest.py
    "message-party": None,
    "clear-party-message": None,
    "wait": None,  # sets a state, from any other
    "clear-wait": None,
    "edit": [
        (None, lambda line, party: commands.edit_party(line.code, party_id=party.pk, size=7), "7 guests"),
        (None, lambda line, party: commands.edit_party(line.code, party_id=party.pk, note="Terrace"), "Terrace"),
        (None, lambda line, party: commands.edit_party(line.code, party_id=party.pk, name="Ann B"), "Ann B"),
        (
            None,
            lambda line, party: commands.edit_party(line.code, party_id=party.pk, quote_ms=(60_000, 120_000)),
            "was edited",
        ),
    ],
    "message": [
        (None, lambda line, party: commands.send_message(line.code, text="Kitchen closes"), "Another message"),
    ],
    "clear-message": [
        (
            lambda line, party: commands.send_message(line.code, text="Kitchen closes"),
            lambda line, party: commands.send_message(line.code, text="Kitchen open"),
            "Another message",
        ),
    ],
    "settings": [(None, lambda line, party: commands.edit_line(line.code, max_guests=9), "changed on another device")],
    "undo": [
        (
            lambda line, party: commands.send_message(line.code, text="Kitchen closes"),
            lambda line, party: commands.edit_line(line.code, max_guests=9),
            "Something else was done since",
        ),
    ],
    "walk-in": None,  # has a key; a full line is below
    "dismiss": None,  # those that were seen, and only those
    "free": None,  # at a table: tests/queues/test_tables_pages.py
    "change-table": None,
    "pause": None,  # sets a state, from any other
    "resume": None,
    "close": None,
}  # fmt: skip
TYPED = {
    "message": {"text": "We close at ten"},
    "settings": {"max_guests": "12", "call_window_s": "120"},
    "edit": {"size": "5"},
}


def test_every_action_of_the_console_is_one_of_these_cases() -> None:
    assert CASES.keys() == ACTIONS.keys() | MAKING.keys()


PARTIES = {
    "call", "call-again", "seat", "more-time", "no-show", "remove", "put-back", "up", "down", "to-top", "to-place", "edit",
}  # fmt: skip


def about_to_press(action: str, before: Between | None) -> tuple[Client, Queue, Party, Fields]:
    """A host before a line of four, of whom Ann is third; what the form with the button for `action` (on Ann) says."""
    host = Client()
    line = line_by_form(host)
    for name in ("Zoe", "Yan", "Ann", "Xi"):
        commands.join(line.code, name=name, size=2)
    party = named(line, "Ann")
    if before:
        before(line, party)
    party.refresh_from_db()
    html = all_shown(host, line, party) if party.status in Party.IN_LINE else shown(host, line)
    fields = form(html, action, party=party if action in PARTIES else None) | TYPED.get(action, {})
    return host, line, party, fields


STALE = [(action, index) for action, cases in CASES.items() for index in range(len(cases or ()))]


@pytest.mark.parametrize(("action", "index"), STALE)
def test_what_is_not_as_the_host_saw_it_is_refused_and_nothing_is_done(action: str, index: int) -> None:
    before, between, words = (CASES[action] or [])[index]
    host, line, party, fields = about_to_press(action, before)
    between(line, party)
    line.refresh_from_db()
    version = line.version
    status, html = press(host, line, action, fields)
    assert (status, words in html) == (409, True), html[:1500]
    line.refresh_from_db()
    assert line.version == version, "nothing is done"


@pytest.mark.parametrize("action", sorted(action for action, cases in CASES.items() if cases))
def test_what_is_as_the_host_saw_it_is_done(action: str) -> None:
    """Also after what does not matter to the button: another party that joins, a guest who is nearby."""
    host, line, _, fields = about_to_press(action, (CASES[action] or [])[0][0])
    join(Client(), line, name="Wu")
    commands.declare_nearby(line.code, party_id=named(line, "Zoe").pk)
    status, html = press(host, line, action, fields)
    assert status == 200, html[:1500]


def test_the_same_rules_saved_by_two_hosts_are_no_conflict() -> None:
    host, line, _, fields = about_to_press("settings", None)
    commands.edit_line(line.code, max_guests=12, call_window_s=120)
    status, html = press(host, line, "settings", fields)
    assert status == 200, html[:1500]


def test_the_call_button_calls_whom_it_names_or_no_party() -> None:
    host = Client()
    line = line_by_form(host)
    ann = join(Client(), line, name="Ann")
    bob = join(Client(), line, name="Bob")
    fields = form(shown(host, line), "call")
    assert fields["party"] == str(ann.pk)
    commands.call(line.code, party_id=ann.pk)
    status, _ = press(host, line, "call", fields)
    bob.refresh_from_db()
    assert (status, bob.status) == (409, "waiting")


def _put_back_before(line: Queue, party: Party) -> None:
    """A party that was called before returns to the head of the line."""
    commands.put_back(line.code, party_id=named(line, "Zoe").pk)


OTHER_HEADS: dict[str, Between] = {
    "moved": lambda line, party: commands.reorder(line.code, party_id=party.pk, position=3),
    "another one moved": lambda line, party: commands.reorder(line.code, party_id=named(line, "Cleo").pk, position=1),
    "another one put back": _put_back_before,
    "undone": lambda line, party: commands.undo(line.code),
    "let others pass": lambda line, party: commands.let_pass(line.code, party_id=party.pk),
}


@pytest.mark.parametrize("between", OTHER_HEADS.values(), ids=OTHER_HEADS)
def test_call_next_calls_no_party_that_is_not_the_next_any_more(between: Between) -> None:
    host = Client()
    line = line_by_form(host)
    zoe, ann, *_ = [join(Client(), line, name=name) for name in ("Zoe", "Ann", "Bob", "Cleo")]
    commands.call(line.code, party_id=zoe.pk)
    fields = form(shown(host, line), "call")
    assert fields["party"] == str(ann.pk)
    between(line, ann)
    status, html = press(host, line, "call", fields)
    ann.refresh_from_db()
    assert (status, ann.status) == (409, "waiting")
    assert "#2 is not first in line any more" in html and "No party was called." in html
    # The same party's own button calls it, wherever it stands.
    assert press(host, line, "call", fields | {"saw": "waiting"})[0] == 200


def test_a_row_that_is_dragged_goes_where_the_host_saw_or_stays() -> None:
    host = Client()
    line = line_by_form(host)
    parties = [join(Client(), line, name=name) for name in ("Ann", "Bob", "Cleo")]
    fields = {"party": str(parties[2].pk), "place": "2", "behind": str(parties[0].pk), "saw": "waiting"}
    commands.call(line.code, party_id=parties[0].pk)
    assert press(host, line, "move", fields)[0] == 409
    commands.call(line.code, party_id=parties[2].pk)
    status, html = press(host, line, "move", fields | {"place": "1", "behind": ""})
    assert status == 409 and "#3 was called by a host just now" in html
