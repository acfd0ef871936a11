"""A place is one number, wherever it is read: the ticket, its JSON, the console, the wall, the join page, what is pushed."""

import re
from uuid import uuid4

import pytest
from django.test import Client

from queues import commands, selectors, shapes
from queues.models import Party, Queue
from queues.occupancy import wait_of
from reach import messages
from reach.notices import Kind
from tests.page_client import page
from tests.queues.page_client import join, line_by_form

pytestmark = pytest.mark.django_db


def counts(host: Client, guests: dict[int, Client], line: Queue) -> dict[str, list[int]]:
    """By each view, the waiting tickets in the order of the places it says. (The wall names the first five without numbers.)"""
    row = selectors.current_row(line.pk)
    assert row is not None
    waiting = {ticket: Party.objects.get(queue=line, ticket=ticket) for ticket in (p["ticket"] for p in row["waiting"])}

    def in_order(places: dict[int, int]) -> list[int]:
        assert sorted(places.values()) == list(range(1, len(waiting) + 1)), places
        return sorted(places, key=lambda ticket: places[ticket])

    def own(ticket: int) -> Client:
        return guests[ticket]

    console = page(host, f"/queue/{line.code}/host")
    by_row = re.findall(r'data-place="(\d+)" data-what="#(\d+)', console)
    labels = re.findall(r'aria-label="Move #(\d+), place (\d+) of (\d+)"', console)
    assert {int(of) for _, _, of in labels} <= {len(waiting)}
    wall = page(Client(), f"/queue/{line.code}/wall")
    pushed = {}
    for ticket, party in waiting.items():
        message = messages.coming_closer(party, wait_of(party, now_ms=0), Kind.POS_2)
        assert message is not None
        number = re.search(r"number (\d+) in line", message.body)
        assert number
        pushed[ticket] = int(number[1])
        assert (message.title == "You are next in line") == (pushed[ticket] == 1)
    tickets = {t: re.search(r"data-position>(\d+)<", page(own(t), f"/queue/{line.code}/ticket")) for t in waiting}
    return {
        "ticket": in_order({t: int(found[1]) for t, found in tickets.items() if found}),
        "place.json": in_order({t: own(t).get(f"/queue/{line.code}/place.json").json()["position"] for t in waiting}),
        "console": in_order({int(ticket): int(place) for place, ticket in by_row}),
        "console, by ear": in_order({int(ticket): int(place) for ticket, place, _ in labels}),
        "wall": [int(t) for t in re.findall(r"<li>(\d+)</li>", wall.partition("data-next>")[2].partition("</ol>")[0])],
        "push": in_order(pushed),
        "public snapshot": [party["ticket"] for party in shapes.public(row)["queue"]],
    }


@pytest.mark.thorough
@pytest.mark.parametrize("called", [0, 1, 2])
def test_every_view_counts_the_same_places(called: int, host: Client) -> None:
    line = line_by_form(host)
    guests = {}
    for name in ("Ana", "Ben", "Cem", "Dia", "Eva"):
        client = Client()
        guests[join(client, line, name=name).ticket] = client
    for _ in range(called):
        commands.call(line.pk)
    commands.reorder(line.pk, party_id=Party.objects.get(queue=line, ticket=5).pk, position=1)
    seen = counts(host, guests, line)
    expected = [5, *range(1 + called, 5)]
    assert seen == dict.fromkeys(seen, expected)

    # How many wait is the same number, too: the next who joins comes behind as many.
    invitation = page(Client(), f"/queue/{line.code}")
    newcomer = Client()
    party = join(newcomer, line, name="Fay")
    place = newcomer.get(f"/queue/{line.code}/place.json").json()["position"]
    assert f"data-waiting>{place - 1}</strong>" in invitation
    assert f"data-position>{place}</p>" in page(newcomer, f"/queue/{line.code}/ticket")
    assert f"place {place} of {place}" in page(host, f"/queue/{line.code}/host")
    assert f"<dd data-waiting>{place}</dd>" in page(Client(), f"/queue/{line.code}/wall")
    # The contract's own count stays in its API.
    again = Client().post(f"/api/queue/{line.code}/join", {"name": f"{uuid4()}"}, content_type="application/json")
    assert again.json()["position"] == place + 1 + bool(called)
    assert party.ticket == 6
