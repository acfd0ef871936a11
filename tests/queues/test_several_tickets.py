"""One phone for several parties: it keeps each ticket; and joining again with what was written before (decision 0064)."""

import re
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client

from queues import commands, places
from queues.models import Party, Queue
from tests.page_client import page
from tests.queues.page_client import join, shown_state

pytestmark = pytest.mark.django_db


def key_on(guest: Client, address: str) -> str:
    """The key of the join form at this address."""
    [key] = re.findall(r'name="key" value="([^"]+)"', page(guest, address))
    return str(key)


def joins_another(guest: Client, line: Queue, **typed: Any) -> Any:
    """The answer to the form for another party."""
    address = f"/queue/{line.code}"
    fields = {
        "size": "2",
        "name": "",
        "note": "",
        "another": "1",
        "key": key_on(guest, f"{address}?another=1"),
        **typed,
    }
    return guest.post(address, fields)


def of(answer: Any) -> Party:
    """The party that the answer leads to."""
    found = re.fullmatch(r"/queue/\w+/ticket(?:\?ticket=(\d+))?#place=(.+)", answer["Location"])
    assert answer.status_code == 303 and found, answer
    party = Party.objects.get(pk=found[2])
    assert found[1] in {None, str(party.ticket)}
    return party


@pytest.mark.thorough
def test_a_second_party_joins_from_the_same_phone_and_both_tickets_are_kept(guest: Client, line: Queue) -> None:
    ana = join(guest, line, name="Ana")
    assert guest.get(f"/queue/{line.code}").status_code == 303, "a second scan finds the place"
    assert "Your place stays. This form is for another party." in page(guest, f"/queue/{line.code}?another=1")
    answer = joins_another(guest, line, name="Ben", size="3")
    ben = of(answer)
    assert ben != ana and "?ticket=2" in answer["Location"]
    for party, other in ((ana, ben), (ben, ana)):
        shown = page(guest, f"/queue/{line.code}/ticket?ticket={party.ticket}")
        assert f'data-ticket="{party.ticket}"' in shown
        assert re.search(rf'href="/queue/{line.code}/ticket\?ticket={other.ticket}">Ticket {other.ticket} · ', shown)
        own = guest.get(f"/queue/{line.code}/place.json?ticket={party.ticket}").json()
        assert (own["ticket"], own["name"]) == (party.ticket, party.name)


@pytest.mark.thorough
def test_what_a_page_does_is_done_for_its_own_ticket(guest: Client, line: Queue) -> None:
    ana = join(guest, line, name="Ana")
    ben = of(joins_another(guest, line, name="Ben"))
    guest.post(f"/queue/{line.code}/nearby", {"ticket": ana.ticket})
    assert [Party.objects.get(pk=each.pk).nearby for each in (ana, ben)] == [True, False]
    answer = guest.post(f"/queue/{line.code}/leave", {"ticket": ben.ticket})
    assert of(answer) == ben and shown_state(page(guest, f"/queue/{line.code}/ticket?ticket=2")) == "left"
    assert Party.objects.get(pk=ana.pk).status == "waiting"
    for other in ("3", "x", "", "99999999999999999999"):
        assert guest.post(f"/queue/{line.code}/leave", {"ticket": other})["Location"] == f"/queue/{line.code}/ticket"
    assert Party.objects.get(pk=ana.pk).status == "waiting", "a ticket that is not kept here"
    assert of(guest.get(f"/queue/{line.code}")) == ana


@pytest.mark.thorough
def test_a_lost_answer_makes_no_third_party_and_another_text_is_another_party(guest: Client, line: Queue) -> None:
    join(guest, line, name="Ana")
    key = key_on(guest, f"/queue/{line.code}?another=1")
    ben = of(joins_another(guest, line, name="Ben", key=key))
    assert of(joins_another(guest, line, name="Ben", key=key)) == ben
    assert line.parties.count() == 2
    asked = joins_another(guest, line, name="Cem", key=key)
    assert asked.status_code == 409 and "for ticket 2" in asked.content.decode()
    [fresh] = re.findall(r'name="key" value="([^"]+)"', asked.content.decode())
    assert of(joins_another(guest, line, name="Cem", key=fresh)).ticket == 3
    assert len(places.read(guest.cookies[f"place_{line.code}"].value)) == 3


def test_a_phone_without_a_place_has_no_other_party(guest: Client, line: Queue) -> None:
    assert "Your place stays" not in page(guest, f"/queue/{line.code}?another=1")
    assert of(joins_another(guest, line, name="Ana")).ticket == 1


@pytest.mark.thorough
def test_a_phone_keeps_so_many_tickets(guest: Client, line: Queue) -> None:
    join(guest, line)
    for _ in range(places.MOST_PLACES):
        joins_another(guest, line, size="1")
    assert len(places.read(guest.cookies[f"place_{line.code}"].value)) == places.MOST_PLACES
    assert guest.get(f"/queue/{line.code}/place.json?ticket=1").status_code == 404
    assert line.parties.count() == places.MOST_PLACES + 1


def test_a_cookie_of_others_making_gives_nothing(guest: Client, line: Queue) -> None:
    party = join(Client(), line)
    for made_up in (".", f"{uuid4()}.x", "x" * 5000, f"{party.pk}..{party.pk}"):
        guest.cookies[f"place_{line.code}"] = made_up
        assert guest.get(f"/queue/{line.code}/ticket").status_code == 200
    assert guest.get(f"/queue/{line.code}/place.json").json()["ticket"] == 1, "the id itself is the proof"


# ----------------------------------------------------------------------------------------------------------- again
@pytest.mark.parametrize("end", ["left", "no-show", "removed"])
def test_joining_again_offers_what_was_written_before(guest: Client, line: Queue, end: str) -> None:
    party = join(guest, line, name="Ana", size=5)
    commands.change_party(line.code, party_id=party.pk, note="pram")
    if end == "left":
        guest.post(f"/queue/{line.code}/leave")
    elif end == "removed":
        commands.kick(line.code, party_id=party.pk)
    else:
        commands.call(line.code)
        commands.no_show(line.code, party_id=party.pk)
    address = f"/queue/{line.code}?ticket=1"
    plain = page(guest, f"/queue/{line.code}")
    offered = f'href="{address}">Fill in as before' in plain
    assert "Ana" not in plain, "only when asked for: a phone may be passed on"
    filled = page(guest, address)
    written = [f'value="{text}"' in filled for text in ("Ana", "5", "pram")]
    assert offered == (end != "removed") and written == [end != "removed"] * 3
    assert "Ana" not in page(Client(), address), "in this browser alone"


def test_a_hosts_note_is_not_offered(guest: Client, line: Queue) -> None:
    party = join(guest, line, name="Ana")
    commands.edit_party(line.code, party_id=party.pk, note="loud")
    guest.post(f"/queue/{line.code}/leave")
    assert "loud" not in page(guest, f"/queue/{line.code}?ticket=1")
