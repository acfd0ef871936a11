"""What guests change while they wait: size and note, and when they are told (decision 0064)."""

from typing import Any

import pytest
from django.test import Client

from core.errors import Conflict
from outbox.models import Event
from queues import commands, seen, selectors
from queues.models import Party, Queue
from tests.page_client import page
from tests.queues.database_lines import Floor
from tests.queues.page_client import join

pytestmark = pytest.mark.django_db


# ---------------------------------------------------------------------------------------------------------- size and note
def test_a_guest_changes_size_and_note_and_keeps_place_and_quote(guest: Client, line: Queue) -> None:
    commands.join(line.code, name="First")
    party = join(guest, line, name="Ana")
    commands.join(line.code, name="Last")
    before = selectors.place_of(party)
    saw = seen.own_details(party)
    answer = guest.post(f"/queue/{line.code}/change?ticket=2", {"size": "4", "note": "high chair", "saw": saw})
    assert answer["Location"] == f"/queue/{line.code}/ticket#place={party.pk}"
    changed = Party.objects.get(pk=party.pk)
    assert (changed.size, changed.note, changed.edits) == (4, "high chair", 1)
    assert selectors.place_of(changed) == before and changed.quote_high_ms == party.quote_high_ms
    row = selectors.current_row(line.pk)
    assert row is not None and row["waiting"][1]["note"] == "high chair", "hosts see it in the same version"
    event = Event.objects.get(type="QUEUE_MEMBER_EDITED")
    assert (event.actor, event.action) == ("guest", "change_party")
    assert 'value="high chair"' in page(guest, f"/queue/{line.code}/change")


@pytest.mark.parametrize(
    ("fields", "status", "complaint"),
    [
        ({"size": "0"}, 400, "At least 1."),
        ({"size": "two"}, 400, "whole number"),
        ({"size": "11"}, 409, "There is room for only 10 guests."),
        ({"size": "25"}, 400, "At most 24."),
        ({"note": "x" * 201}, 400, "200"),
        ({"note": "a\x00b"}, 400, "Null characters"),
    ],
)
def test_bounds_are_those_of_the_line(
    guest: Client, line: Queue, fields: dict[str, str], status: int, complaint: str
) -> None:
    commands.join(line.code, name="First", size=10)
    party = join(guest, line, name="Ana")
    answer = guest.post(f"/queue/{line.code}/change", {"size": "2", "note": "", **fields})
    assert (answer.status_code, complaint in answer.content.decode()) == (status, True), answer.content.decode()
    assert Party.objects.get(pk=party.pk).size == 2


def test_a_smaller_party_is_fine_in_a_line_that_a_host_has_overfilled(line: Queue) -> None:
    party = commands.add_walk_in(line.code, size=24, over_capacity=True).party
    commands.change_party(line.code, party_id=party.pk, size=22)
    assert Party.objects.get(pk=party.pk).size == 22
    with pytest.raises(Conflict):
        commands.change_party(line.code, party_id=party.pk, size=23)


def test_a_note_of_the_hosts_is_neither_shown_nor_changed(guest: Client, line: Queue) -> None:
    party = join(guest, line, name="Ana")
    commands.edit_party(line.code, party_id=party.pk, note="regular, VIP")
    shown = page(guest, f"/queue/{line.code}/change")
    assert "VIP" not in shown and 'name="note"' not in shown
    guest.post(f"/queue/{line.code}/change", {"size": "3", "note": "mine"})
    assert (Party.objects.get(pk=party.pk).size, Party.objects.get(pk=party.pk).note) == (3, "regular, VIP")
    with pytest.raises(Conflict, match="host has written the note"):
        commands.change_party(line.code, party_id=party.pk, note="mine")
    with pytest.raises(Conflict, match="host has written the note"):
        commands.change_party(line.code, party_id=party.pk, note="regular, VIP")
    commands.edit_party(line.code, party_id=party.pk, note="")
    commands.change_party(line.code, party_id=party.pk, note="mine")


def test_what_the_host_changed_meanwhile_is_not_overwritten(guest: Client, line: Queue) -> None:
    party = join(guest, line, name="Ana")
    saw = seen.own_details(party)
    commands.edit_party(line.code, party_id=party.pk, size=5)
    answer = guest.post(f"/queue/{line.code}/change?ticket=1", {"size": "2", "note": "pram", "saw": saw}, follow=True)
    assert "The host has changed your party since you opened this page" in answer.content.decode()
    assert 'value="5"' in answer.content.decode() and Party.objects.get(pk=party.pk).size == 5


@pytest.mark.parametrize("route", ["change", "tell-ahead"])
def test_not_once_called_or_gone(guest: Client, line: Queue, route: str) -> None:
    party = join(guest, line, name="Ana")
    fields = {"size": "3", "note": "", "parties": "2"}
    commands.call(line.code)
    assert guest.get(f"/queue/{line.code}/{route}").status_code == 303
    refused = guest.post(f"/queue/{line.code}/{route}", fields, follow=True)
    assert "You are called already. Please talk to the host." in refused.content.decode()
    commands.serve(line.code, party_id=party.pk)
    assert guest.post(f"/queue/{line.code}/{route}", fields).status_code == 303
    assert Client().post(f"/queue/{line.code}/{route}", fields).status_code == 303
    kept = Party.objects.get(pk=party.pk)
    assert (kept.size, kept.tell_ahead) == (2, None)


@pytest.mark.parametrize(
    ("body", "status", "word"),
    [
        ({"size": 3, "note": "High chair"}, 200, ""),
        ({}, 200, ""),
        ({"size": 0}, 400, "size"),
        ({"size": "3"}, 400, "size"),
        ({"note": 7}, 400, "note"),
        ({"size": 20}, 409, "full"),
        ({"partyId": "nonsense"}, 404, "not in line"),
    ],
)
def test_the_api_changes_a_party(client: Client, line: Queue, body: dict[str, Any], status: int, word: str) -> None:
    commands.join(line.code, size=4)
    party = commands.join(line.code, size=2, note="pram").party
    sent = {"partyId": str(party.pk), **body}
    answer = client.post(f"/api/queue/{line.code}/change-party", sent, content_type="application/json")
    assert answer.status_code == status and word in answer.json().get("error", ""), answer.content
    if body and status == 200:
        assert (Party.objects.get(pk=party.pk).size, Party.objects.get(pk=party.pk).note) == (3, "High chair")


# -------------------------------------------------------------------------------------------------------------- tell me
def told(floor: Floor) -> list[tuple[str, int]]:
    """Who was told, and how many were before them then."""
    names: dict[Any, str] = {party.pk: party.name for party in Party.objects.filter(queue=floor.queue)}
    events = Event.objects.filter(stream_id=floor.pk, type="QUEUE_POSITION_NOTICE").order_by("version", "seq")
    return [(names[event.party_id], event.data["ahead"]) for event in events]


def test_a_guest_is_told_once_that_so_many_are_before_them() -> None:
    floor = Floor.opened("Ann", "Bob", "Cem", "Dia", "Eva")
    commands.tell_ahead(floor.pk, party_id=floor.id("Eva"), parties=2)
    commands.tell_ahead(floor.pk, party_id=floor.id("Dia"), parties=2)
    commands.leave(floor.pk, party_id=floor.id("Ann"))
    assert told(floor) == [("Dia", 2)]
    commands.call(floor.pk)
    assert told(floor) == [("Dia", 2), ("Eva", 2)]
    commands.put_back(floor.pk, party_id=floor.id("Bob"))
    commands.call(floor.pk)
    assert told(floor) == [("Dia", 2), ("Eva", 2)], "once"


def test_a_new_choice_is_told_anew_and_none_is_not() -> None:
    floor = Floor.opened("Ann", "Bob", "Cem", "Dia")
    commands.tell_ahead(floor.pk, party_id=floor.id("Dia"), parties=9)
    assert told(floor) == [("Dia", 3)], "so near already"
    version = floor.version
    commands.tell_ahead(floor.pk, party_id=floor.id("Dia"), parties=9)
    assert floor.version == version, "the same choice"
    commands.tell_ahead(floor.pk, party_id=floor.id("Dia"), parties=1)
    commands.call(floor.pk)
    assert told(floor) == [("Dia", 3)]
    commands.call(floor.pk)
    assert told(floor) == [("Dia", 3), ("Dia", 1)]
    commands.tell_ahead(floor.pk, party_id=floor.id("Dia"), parties=0)
    commands.call(floor.pk)
    assert len(told(floor)) == 2


def test_who_is_moved_is_told_by_the_place_they_come_to() -> None:
    floor = Floor.opened("Ann", "Bob", "Cem", "Dia", "Eva")
    commands.tell_ahead(floor.pk, party_id=floor.id("Eva"), parties=1)
    commands.reorder(floor.pk, party_id=floor.id("Eva"), position=2)
    assert told(floor) == [("Eva", 1)]
    commands.tell_ahead(floor.pk, party_id=floor.id("Cem"), parties=1)
    commands.let_pass(floor.pk, party_id=floor.id("Cem"), parties=1)
    commands.leave(floor.pk, party_id=floor.id("Ann"))
    assert told(floor) == [("Eva", 1)], "who let others pass is further off"
    commands.leave(floor.pk, party_id=floor.id("Bob"))
    commands.leave(floor.pk, party_id=floor.id("Eva"))
    assert told(floor) == [("Eva", 1), ("Cem", 1)]


def test_an_undone_call_tells_no_one_twice() -> None:
    floor = Floor.opened("Ann", "Bob", "Cem")
    commands.tell_ahead(floor.pk, party_id=floor.id("Cem"), parties=1)
    commands.call(floor.pk)
    commands.undo(floor.pk)
    commands.call(floor.pk)
    assert told(floor) == [("Cem", 1)]


@pytest.mark.thorough
def test_the_ticket_says_when_its_guest_is_told(guest: Client, line: Queue) -> None:
    for name in ("Ann", "Bob", "Cem"):
        commands.join(line.code, name=name)
    join(guest, line, name="Dia")
    assert "Tell me when so many parties are before me" in page(guest, f"/queue/{line.code}/tell-ahead")
    for wrong in ("10", "-1", "x", ""):
        assert guest.post(f"/queue/{line.code}/tell-ahead", {"parties": wrong}).status_code == 400
    assert guest.post(f"/queue/{line.code}/tell-ahead", {"parties": "2"}).status_code == 303
    ticket = f"/queue/{line.code}/ticket"
    assert "data-tell-later>You are told when 2 parties are before you." in page(guest, ticket)
    commands.call(line.code)
    assert "data-tell-now>Soon your turn: no more than 2 parties are before you." in page(guest, ticket)


@pytest.mark.parametrize(("parties", "status"), [(0, 200), (9, 200), (10, 400), (-1, 400), ("3", 400), (None, 400)])
def test_the_api_takes_a_choice_from_0_to_9(client: Client, line: Queue, parties: Any, status: int) -> None:
    party = commands.join(line.code).party
    sent = {"partyId": str(party.pk), "parties": parties}
    answer = client.post(f"/api/queue/{line.code}/tell-ahead", sent, content_type="application/json")
    assert answer.status_code == status and (status == 200 or "parties" in answer.json()["error"]), answer.content
