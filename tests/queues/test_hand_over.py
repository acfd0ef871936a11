"""A walk-in's ticket goes to the guest's phone: the host's QR code, and the page that it leads to, without scripts."""

import re

import pytest
from django.test import Client

from core import clock
from core.rolling_codes import PERIOD
from queues import commands, hand_over
from queues.models import Party, Queue
from tests.database_clock import DatabaseClock
from tests.page_client import page
from tests.queues.console_client import all_shown, form, shown
from tests.queues.page_client import line_by_form, press, shown_state

pytestmark = pytest.mark.django_db


def added(line: Queue, **fields: str | int) -> Party:
    return commands.add_walk_in(line.code, **fields).party  # type: ignore[arg-type]


def code_on(host: Client, party: Party) -> str:
    """The code on the host's page of the ticket."""
    html = page(host, f"/queue/{party.queue.code}/host/ticket/{party.ticket}")
    [code] = re.findall(r'<strong class="code">([^<]+)</strong>', html)
    assert str(party.pk) not in html, "the guest's proof is not shown"
    assert code not in html.replace(f">{code}<", ""), "it is in no address"
    return str(code)


@pytest.mark.thorough
def test_the_phone_that_sends_the_code_has_the_ticket(host: Client, guest: Client) -> None:
    line = line_by_form(host)
    party = added(line, name="Ana", size=3, note="rude")
    assert f"/queue/{line.code}/host/ticket/{party.ticket}" in all_shown(host, line, party)
    code = code_on(host, party)
    assert "Code from the host" in page(guest, f"/queue/{line.code}/take")
    for typed in (code.lower(), f" #{code.replace('-', ' – ')}", f"https://a.example/queue/{line.code}/take#{code}"):  # noqa: RUF001
        phone = Client()
        answer = phone.post(f"/queue/{line.code}/take", {"code": typed})
        assert answer["Location"] == f"/queue/{line.code}/ticket#place={party.pk}", typed
        ticket = page(phone, f"/queue/{line.code}/ticket")
        assert shown_state(ticket) == "waiting" and "rude" not in ticket, "the host's note is the host's"


@pytest.mark.parametrize(
    "typed", ["", "1", "1-", "2-{code}", "1-ABCDEF", "{code}", "999999999-{code}", "1-{code}x", "\x00"]
)
def test_another_code_gives_nothing(guest: Client, line: Queue, typed: str) -> None:
    party = added(line, name="Ana")
    code = hand_over.code_for(party, clock.now()).partition("-")[2]
    answer = guest.post(f"/queue/{line.code}/take", {"code": typed.format(code=code)})
    assert answer.status_code == 400 and f"place_{line.code}" not in guest.cookies
    assert 'class="wrong"' in answer.content.decode()


def test_a_code_of_another_line_or_of_a_place_that_ended_gives_nothing(guest: Client, line: Queue) -> None:
    party, other = added(line), commands.open_line(commands.NewLine(event_name="Bar", max_guests=20))
    added(other)
    code = hand_over.code_for(party, clock.now())
    assert guest.post(f"/queue/{other.code}/take", {"code": code}).status_code == 400
    commands.kick(line.code, party_id=party.pk)
    assert guest.post(f"/queue/{line.code}/take", {"code": code}).status_code == 400


def test_a_code_ends_by_the_databases_clock(watch: DatabaseClock) -> None:
    line = commands.open_line(commands.NewLine(event_name="Friday", max_guests=20))
    party = added(line)
    code = hand_over.code_for(party, clock.now())
    watch.forward(seconds=PERIOD.total_seconds())
    assert Client().post(f"/queue/{line.code}/take", {"code": code}).status_code == 303
    watch.forward(seconds=PERIOD.total_seconds())
    assert Client().post(f"/queue/{line.code}/take", {"code": code}).status_code == 400


def test_only_hosts_see_a_code(host: Client, guest: Client) -> None:
    line = line_by_form(host)
    party = added(line)
    address = f"/queue/{line.code}/host/ticket/{party.ticket}"
    assert guest.get(address).status_code == 302
    assert host.get(f"/queue/{line.code}/host/ticket/99").status_code == 404
    commands.leave(line.code, party_id=party.pk)
    assert "not in line any more" in page(host, address) and "pairing-qr" not in page(host, address)


@pytest.mark.thorough
def test_a_walk_in_is_added_and_its_code_shown_by_one_button(host: Client) -> None:
    line = line_by_form(host)
    fields = form(shown(host, line), "walk-in")
    answer = host.post(f"/queue/{line.code}/host/walk-in", {**fields, "name": "Ana", "size": "2", "hand_over": "1"})
    assert answer["Location"] == f"/queue/{line.code}/host/ticket/1"
    assert "Added, ticket #1." in page(host, answer["Location"])
    fields = form(shown(host, line), "walk-in")
    assert "Added, ticket #2." in press(host, line, "walk-in", **{**fields, "name": "Ben"}), (
        "the other stays on the console"
    )
