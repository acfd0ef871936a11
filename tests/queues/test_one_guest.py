"""A host's message to one guest, and a new place by name: what is shown to whom, and what is refused in which words."""

import pytest
from django.test import Client

from core.errors import Conflict, Invalid
from queues import commands, reconcile, shapes
from queues.models import Party
from queues.pages import labels
from tests.page_client import page
from tests.queues.database_lines import Floor
from tests.queues.page_client import join, line_by_form, press

pytestmark = pytest.mark.django_db


# ------------------------------------------------------------------------------------------------------------- a message
@pytest.mark.thorough
def test_only_that_guest_and_hosts_read_it(host: Client) -> None:
    line, ana, ben = line_by_form(host), Client(), Client()
    party = join(ana, line, name="Ana")
    join(ben, line, name="Ben")
    console = press(host, line, "message-party", party=party.pk, text="Are you <still> coming?")
    assert "message to #1" in console
    assert "Are you &lt;still&gt; coming?" in page(ana, f"/queue/{line.code}/ticket")
    assert "coming?" not in page(ben, f"/queue/{line.code}/ticket")
    assert ana.get(f"/queue/{line.code}/place.json?ticket=1").json()["message"] == "Are you <still> coming?"
    row = Floor(line).row()
    assert [each["message"] for each in row["waiting"]] == ["Are you <still> coming?", ""]
    assert "coming" not in str(shapes.public(row))
    assert shapes.public(row)["edited"] == {"1": 1}, "its page asks for its own state now"
    press(host, line, "clear-party-message", party=party.pk)
    assert "coming" not in page(ana, f"/queue/{line.code}/ticket")


def test_the_same_key_sends_it_once_and_undo_takes_it_back() -> None:
    floor = Floor.opened("Ann", "Bob")
    for expected in (True, False):
        assert commands.message_party(floor.pk, party_id=floor.id("Ann"), text=" Soon ", key="tap") is expected
    assert floor.party("Ann").message == "Soon"
    commands.message_party(floor.pk, party_id=floor.id("Bob"), text="Soon", key="tap")  # a key is one party's
    commands.undo(floor.pk)
    assert (floor.party("Bob").message, floor.party("Bob").message_at) == ("", None)
    commands.undo(floor.pk)
    party = floor.party("Ann")
    assert (party.message, party.edits) == ("", 2), "its page asks again"
    assert [*reconcile.replayed(floor.pk), *reconcile.structure(floor.pk)] == []


def test_a_message_that_is_too_long_is_refused_with_its_length(host: Client) -> None:
    floor = Floor.opened("Ann")
    with pytest.raises(Invalid, match="at most 200 characters, and this has 10,000"):
        commands.message_party(floor.pk, party_id=floor.id("Ann"), text="x" * 10_000)
    line = line_by_form(host)
    party = join(Client(), line)
    assert "it has 10000" in press(host, line, "message-party", party=party.pk, text="x" * 10_000)
    assert Party.objects.get(pk=party.pk).message == ""


def test_all_templates_can_be_sent() -> None:
    floor = Floor.opened("Ann")
    for text in labels.MESSAGES:
        assert commands.message_party(floor.pk, party_id=floor.id("Ann"), text=text)


# ------------------------------------------------------------------------------------------------------------------ moves
@pytest.mark.parametrize(
    ("who", "other", "order"),
    [
        ("Ann", "Cem", "Bob Cem Ann Dia"),
        ("Dia", "Ann", "Ann Dia Bob Cem"),
        ("Bob", "Ann", "Ann Bob Cem Dia"),
        ("Ann", "Dia", "Bob Cem Dia Ann"),
        ("Cem", "Bob", "Ann Bob Cem Dia"),
    ],
)
def test_a_party_stands_just_behind_the_other(who: str, other: str, order: str) -> None:
    floor = Floor.opened("Ann", "Bob", "Cem", "Dia")
    commands.move_behind(floor.pk, party_id=floor.id(who), other_id=floor.id(other))
    assert floor.waiting() == order.split()
    [moved] = [event for event in floor.events() if event.type == "QUEUE_MEMBER_MOVED"]
    assert moved.data["position"] == order.split().index(who) + 1


def test_behind_one_who_has_gone_it_says_how() -> None:
    floor = Floor.opened("Ann", "Bob", "Cem")
    commands.leave(floor.pk, party_id=floor.id("Bob"))
    commands.call(floor.pk)
    for other, said in (("Bob", "#2 has left now. Nothing was done."), ("Ann", "#1 is called now. Nothing was done.")):
        with pytest.raises(Conflict) as refused:
            commands.move_behind(floor.pk, party_id=floor.id("Cem"), other_id=floor.id(other))
        assert refused.value.message == said


@pytest.mark.thorough
def test_the_console_moves_to_the_top_to_a_place_and_behind_a_number(host: Client) -> None:
    line = line_by_form(host)
    parties = [join(Client(), line, name=name) for name in ("Ann", "Bob", "Cem", "Dia")]
    floor = Floor(line)
    press(host, line, "to-top", party=parties[3].pk)
    assert floor.waiting() == ["Dia", "Ann", "Bob", "Cem"]
    press(host, line, "to-place", party=parties[3].pk, place=3)
    assert floor.waiting() == ["Ann", "Bob", "Dia", "Cem"]
    press(host, line, "behind", party=parties[0].pk, other=parties[1].pk)
    assert floor.waiting() == ["Bob", "Ann", "Dia", "Cem"]
    press(host, line, "behind", party=parties[1].pk, ticket=3)
    assert floor.waiting() == ["Ann", "Dia", "Cem", "Bob"]
    assert "There is no #77 in this line." in press(host, line, "behind", party=parties[1].pk, ticket=77)
    assert floor.waiting() == ["Ann", "Dia", "Cem", "Bob"]
