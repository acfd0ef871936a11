"""A line's wall over HTTP: the first state is in it, and only what is public."""

import re

import pytest
from django.db.models import F
from django.test import Client

from queues import commands
from queues.models import Queue
from tests.page_client import page, signed_in
from tests.queues.page_client import line_by_form
from venues import commands as venue_commands
from venues.models import Venue

pytestmark = pytest.mark.django_db


def tickets(html: str, name: str) -> list[int]:
    """The numbers in a list of the page."""
    found = re.search(rf"data-{name}[ >].*?</[uo]l>", html, re.DOTALL)
    assert found
    return [int(number) for number in re.findall(r"<li[^>]*>(\d+)<", found[0])]


@pytest.fixture
def venue() -> Venue:
    """Whose walls show names."""
    made = venue_commands.create_venue(name="Casa Azul", timezone_name="Asia/Tokyo")
    return venue_commands.change_venue(venue_id=made.pk, names_on_wall=True)


def opened(venue: Venue, *names: str) -> Queue:
    """A line of the venue in which parties of these names are called."""
    line = commands.open_line(commands.NewLine(event_name="Dinner", max_guests=20), venue=venue)
    for name in names:
        commands.call(line.pk, party_id=commands.join(line.pk, name=name).party.pk)
    return line


def test_the_wall_shows_ticket_numbers_and_no_personal_data(line: Queue) -> None:
    parties = [commands.join(line.code, name=f"Canary {number}").party for number in range(4)]
    commands.call(line.pk, party_id=parties[2].pk)
    commands.call(line.pk, party_id=parties[0].pk)
    html = page(Client(), f"/queue/{line.code}/wall")
    assert (tickets(html, "called"), tickets(html, "next")) == ([1, 3], [2, 4])
    assert "<dd data-waiting>2</dd>" in html
    assert f"http://testserver/queue/{line.code}" in html
    assert "Canary" not in html and "Host page" not in html
    assert not any(str(party.pk) in html for party in parties) and str(line.pk) not in html


def test_the_wait_is_what_the_join_page_says(line: Queue) -> None:
    commands.join(line.code, name="Ana")
    wait = re.search(r"<dd data-wait>([^<]+)</dd>", page(Client(), f"/queue/{line.code}/wall"))
    assert wait and f'<strong class="fact-text">{wait[1]}</strong>' in page(Client(), f"/queue/{line.code}")


@pytest.mark.parametrize("state", ["paused", "full", "closed"])
def test_who_cannot_join_is_not_asked_to(line: Queue, state: str) -> None:
    if state == "full":
        commands.join(line.code, size=20)
    else:
        {"paused": commands.pause, "closed": commands.close}[state](line.pk)
    html = page(Client(), f"/queue/{line.code}/wall")
    assert f'data-state="{state}"' in html
    shown = re.findall(r'data-in="([\w ]+)"(?! hidden)', html)
    assert shown and all(state in each.split() for each in shown)


def test_the_host_comes_back_to_the_console_and_finds_the_wall_there(host: Client) -> None:
    line = line_by_form(host)
    assert f'href="/queue/{line.code}/host"' in page(host, f"/queue/{line.code}/wall")
    assert f'href="/queue/{line.code}/wall"' in page(host, f"/queue/{line.code}/host")


def test_the_wall_keeps_to_the_policy_and_is_not_stored(line: Queue) -> None:
    answer = Client().get(f"/queue/{line.code}/wall")
    assert "no-store" in answer["Cache-Control"] and "unsafe" not in answer["Content-Security-Policy"]
    assert not re.search(r"<script(?![^>]*(src=|application/json))|<style|\sstyle=|\son\w+=", answer.content.decode())
    assert Client().get(f"/queue/{line.code.lower()}/wall")["Location"] == f"/queue/{line.code}/wall"
    assert Client().get("/queue/ZZZZZZ/wall").status_code == 404


def test_late_parties_are_still_shown_at_the_end_and_called_late(line: Queue) -> None:
    for number in range(4):
        commands.call(line.pk, party_id=commands.join(line.code, name=f"Canary {number}").party.pk)
    line.parties.filter(ticket__in=(3, 1)).update(call_deadline=F("called_at"))
    html = page(Client(), f"/queue/{line.code}/wall")
    assert tickets(html, "called") == [4, 2, 3, 1]
    assert re.findall(r'is-late" data-ticket="(\d+)"', html) == ["3", "1"]
    assert html.count('<span class="ticket-late">Late</span>') == 2


@pytest.mark.thorough
def test_names_are_on_a_hosts_own_screen_where_the_venue_wants_them(venue: Venue) -> None:
    line = opened(venue, "Canary", "", "Albatross")
    host, stranger, other = signed_in("ana", venue), Client(), signed_in("zoe")
    names = f"/queue/{line.code}/wall/names"
    assert host.get(names).json() == {"names": {"1": "Canary", "3": "Albatross"}}
    assert "no-store" in host.get(names)["Cache-Control"]
    walls = (f"/queue/{line.code}/wall", f"/v/{venue.slug}/wall")
    for path in walls:
        html = page(host, path)
        assert f'data-names="{names}"' in html
        assert (
            '<bdi class="ticket-caption">Canary</bdi>' in html and '<bdi class="ticket-caption">Albatross</bdi>' in html
        )
    for browser in (stranger, other):
        assert browser.get(names).json() == {"names": {}}
        for path in (*walls, f"/api/queue/{line.code}/snapshot", f"/v/{venue.slug}/lines.json"):
            assert "Canary" not in browser.get(path).content.decode(), path
    opened(venue, "Heron")
    both = page(host, f"/v/{venue.slug}/wall")
    assert '<bdi class="ticket-caption">Canary</bdi>' in both and '<bdi class="ticket-caption">Heron</bdi>' in both
    assert "Heron" not in page(stranger, f"/v/{venue.slug}/wall")
    venue_commands.change_venue(venue_id=venue.pk, names_on_wall=False)
    assert host.get(names).json() == {"names": {}}
    assert all("Canary" not in page(host, path) for path in walls)


def test_a_line_without_a_venue_shows_its_host_no_names(host: Client) -> None:
    line = line_by_form(host)
    commands.call(line.pk, party_id=commands.join(line.pk, name="Canary").party.pk)
    assert "Canary" not in page(host, f"/queue/{line.code}/wall")
    assert host.get(f"/queue/{line.code}/wall/names").json() == {"names": {}}


def test_an_owner_has_names_on_the_wall_and_guests_read_that(venue: Venue, guest: Client) -> None:
    line = opened(venue)
    said = "the screen at the entrance shows it"
    assert said in page(guest, f"/queue/{line.code}")
    owner = signed_in("ana", venue)
    venue.memberships.update(role="owner")
    assert "checked" in re.findall(r'<input[^>]* name="names_on_wall"[^>]*>', page(owner, "/venue"))[0]
    assert owner.post("/venue/joining", {}).status_code == 303
    assert not Venue.objects.get(pk=venue.pk).names_on_wall
    assert said not in page(guest, f"/queue/{line.code}")
    assert owner.post("/venue/joining", {"names_on_wall": "on"}).status_code == 303
    assert Venue.objects.get(pk=venue.pk).names_on_wall


@pytest.mark.parametrize(("accept", "shown"), [("en-US", r"\d{1,2}:\d\d\s[AP]M"), ("es", r"\d{1,2}:\d\d")])
def test_the_walls_clock_is_the_venues_in_the_readers_way(venue: Venue, accept: str, shown: str) -> None:
    line = opened(venue)
    browser = Client(headers={"Accept-Language": accept})
    for path in (f"/queue/{line.code}/wall", f"/v/{venue.slug}/wall"):
        assert re.search(rf'<time data-clock="Asia/Tokyo">{shown}</time>', page(browser, path)), path


def test_a_wall_without_a_known_zone_has_no_clock(host: Client) -> None:
    assert "data-clock" not in page(host, f"/queue/{line_by_form(host).code}/wall")


@pytest.mark.thorough
def test_a_venues_wall_shows_every_called_ticket_and_the_message(venue: Venue) -> None:
    many, few = opened(venue, *map(str, range(12))), opened(venue, "One")
    commands.send_message(many.pk, text="The kitchen closes at ten.")
    html = page(Client(), f"/v/{venue.slug}/wall")
    parts = dict(re.findall(r'data-code="(\w+)"(.*?)</section>', html, re.DOTALL))
    assert tickets(parts[many.code], "called") == list(range(12, 0, -1))
    assert tickets(parts[few.code], "called") == [1]
    assert "The kitchen closes at ten." in parts[many.code] and "The kitchen" not in parts[few.code]
    told = {each["code"]: each for each in Client().get(f"/v/{venue.slug}/lines.json").json()["lines"]}
    assert (told[many.code]["message"], told[few.code]["message"]) == ("The kitchen closes at ten.", "")
    many.parties.filter(ticket=7).update(call_deadline=F("called_at"))
    [told_now] = [
        each for each in Client().get(f"/v/{venue.slug}/lines.json").json()["lines"] if each["code"] == many.code
    ]
    assert told_now["late"] == [7] and told_now["called"][-1] == 7
