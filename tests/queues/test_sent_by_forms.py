"""Actions that a tablet sends by the page's form first, and those at tables: once, however they come (decision 0076)."""

from uuid import uuid4

import pytest
from django.test import Client

from queues import commands
from queues.models import Party, SentAction
from tests.queues.console_client import form, press, shown
from tests.queues.dining_room import DiningRoom
from tests.queues.page_client import join, line_by_form
from tests.queues.tablets import Tablet

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.thorough]


def test_an_action_whose_answer_to_the_form_was_lost_is_not_done_again(host: Client) -> None:
    line = line_by_form(host)
    ann = join(Client(), line, name="Ann")
    tablet = Tablet(line)
    kept = tablet.press("call", ann.pk)
    fields = form(shown(host, line), "call", party=ann) | {"saw": "waiting", "press": kept["id"]}
    assert press(host, line, "call", fields)[0] == 200
    (outcome,) = tablet.send()
    line.refresh_from_db()
    assert (outcome["outcome"], outcome["already"], outcome["version"]) == ("done", True, line.version)
    assert press(host, line, "call", fields)[0] == 200, "the form sent again is the same action"
    assert Party.objects.get(pk=ann.pk).call_count == 1


def test_what_the_form_was_refused_stays_refused(host: Client) -> None:
    line = line_by_form(host)
    ann = join(Client(), line, name="Ann")
    tablet = Tablet(line)
    kept = tablet.press("no-show", ann.pk, saw="called")
    fields = form(shown(host, line), "call", party=ann) | {"saw": "called", "press": kept["id"]}
    status, _ = press(host, line, "no-show", fields)
    commands.call(line.pk, party_id=ann.pk)
    (outcome,) = tablet.send()
    assert (status, outcome["outcome"], outcome["already"]) == (409, "refused", True)
    status, html = press(host, line, "no-show", fields)
    assert status == 409 and "#1 waits in line now" in html
    assert Party.objects.get(pk=ann.pk).status == "called"


def test_a_form_without_scripts_names_no_press(host: Client) -> None:
    line = line_by_form(host)
    ann = join(Client(), line, name="Ann")
    assert press(host, line, "seat", form(shown(host, line), "call", party=ann) | {"saw": "waiting"})[0] == 200
    assert press(host, line, "pause", {"press": "no id"})[0] == 200
    assert not SentAction.objects.exists()


def test_seats_at_tables_and_tables_of_another_line_are_kept_too() -> None:
    room = DiningRoom.made()
    bar, dinner = room.line("Bar"), room.line("Dinner")
    there = room.seat(bar, "5")
    party = commands.join(dinner.pk, size=6).party
    tablet = Tablet(dinner)
    tables = "-".join(map(str, room.ids("3", "4")))
    tablet.press("seat", party.pk, table=tables)
    free = tablet.press("free", there.pk, saw="")
    kept = list(tablet.kept)
    outcomes = tablet.send()
    assert [outcome["outcome"] for outcome in outcomes] == ["done", "done"], outcomes
    assert room.sits() == {"3": [party.pk], "4": [party.pk]}
    assert SentAction.objects.get(action_id=free["id"]).queue == bar, "it changed the line of the table's party"
    again = tablet.send(kept)
    assert [(outcome["already"], outcome["version"]) for outcome in again] == [
        (True, outcome["version"]) for outcome in outcomes
    ]


def test_a_refused_form_says_who_was_faster_and_when(host: Client) -> None:
    """As the list of actions does, also without scripts; what is refused for another reason stays as it is."""
    line = line_by_form(host)
    ann, bob, cem = (join(Client(), line, name=name) for name in ("Ann", "Bob", "Cem"))
    page = shown(host, line)
    commands.serve(line.pk, party_id=ann.pk)
    commands.leave(line.pk, party_id=bob.pk)
    commands.call(line.pk, party_id=cem.pk)
    for party, said in ((ann, "#1 was seated by a host"), (bob, "#2 has left"), (cem, "#3 was called by a host")):
        status, html = press(host, line, "call", form(page, "call", party=party))
        assert status == 409 and f"{said} just now. Nothing was done." in html
    status, html = press(host, line, "seat", {"party": str(cem.pk), "saw": "called", "table": "999999"})
    assert status == 404 and "There is no such table any more" in html
    status, html = press(host, line, "call", form(page, "call", party=cem) | {"press": str(uuid4())})
    assert status == 409 and "#3 was called by a host just now" in html, "and so says what a script sends"
