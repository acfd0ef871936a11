"""The pages of live rooms over HTTP: what they show, who may press what, and what is refused."""

import re
from datetime import timedelta
from html import unescape
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client
from pytest_django.fixtures import Settings

from core import clock
from core.cache import sync_redis
from outbox.models import Event
from rooms import commands
from rooms.edge import store
from rooms.models import Room
from tests.page_client import MARKUP, OPEN_RTL, page, signed_in
from tests.rooms.page_client import ROOM_FORM, press, room_by_form
from venues import commands as venue_commands
from venues.models import Membership, User

pytestmark = pytest.mark.django_db


def pages_of(room: Room) -> list[str]:
    """Where the room is shown."""
    return [f"/rooms/{room.code}{end}" for end in ("", "/wall", "/host")]


# --------------------------------------------------------------------------------------------------------------- opening
def test_a_room_is_opened_in_one_form_and_kept_by_the_browser(host: Client) -> None:
    assert 'name="venue"' not in page(host, "/rooms/new")
    room = room_by_form(host)
    assert (room.title, room.status, room.venue) == ("A second bottle?", "open", None)
    assert timedelta(minutes=179) < room.closes_at - clock.now() <= timedelta(hours=3)
    cookie = f"room_host_{room.code}"
    assert host.cookies[cookie]["httponly"] and host.cookies[cookie]["samesite"] == "Strict"
    by_cookie = Client()
    by_cookie.cookies[cookie] = host.cookies[cookie].value
    host.cookies.pop("sessionid", None)  # no session proves a host
    for browser in (host, by_cookie):
        assert "Close the room now" in page(browser, f"/rooms/{room.code}/host")
    assert f"/rooms/{room.code}/host" in page(host, "/"), "the front page leads back to it"


def test_the_longest_life_is_not_refused_for_the_time_the_form_took(host: Client) -> None:
    assert room_by_form(host, ends_in="12").closes_at - clock.now() > timedelta(hours=11, minutes=59)


def test_a_double_tap_opens_one_room(host: Client) -> None:
    key = str(uuid4())
    assert room_by_form(host, key=key) == room_by_form(host, key=key)
    assert Room.objects.count() == 1


@pytest.mark.parametrize(
    ("fields", "complaint"),
    [
        ({"title": "  "}, "required"),
        ({"title": "x" * 256}, "255"),
        ({"title": "a\x07b"}, "cannot be shown"),
        ({"title": "a\x00b"}, "Null characters"),
        ({"ends_in": "13"}, "valid choice"),
        ({"ends_in": "1\x00"}, "valid choice"),
        ({"ends_in": ""}, "required"),
        ({"key": "short"}, "send the form again"),
    ],
)
def test_a_room_that_cannot_be_says_why_and_keeps_what_was_typed(
    host: Client, fields: dict[str, Any], complaint: str
) -> None:
    answer = host.post("/rooms/new", {**ROOM_FORM, "key": str(uuid4()), **fields})
    html = answer.content.decode()
    assert answer.status_code == 400 and complaint in html
    if "title" not in fields:
        assert 'value="A second bottle?"' in html
    assert not Room.objects.exists()


@pytest.mark.thorough
def test_rooms_are_limited_together_with_those_of_the_api(settings: Settings) -> None:
    settings.RATE_LIMITS = True
    browser = Client(REMOTE_ADDR=f"203.0.113.{uuid4().int % 250}")
    body = {"title": ROOM_FORM["title"]}
    assert browser.post("/api/rooms", body, "application/json").status_code == 201
    forms = [{**ROOM_FORM, "key": str(uuid4())} for _ in range(30)]
    answers = [browser.post("/rooms/new", each) for each in forms]
    assert [answer.status_code for answer in answers] == [303] * 29 + [400]
    assert "Too many requests" in answers[-1].content.decode()


# --------------------------------------------------------------------------------------------------------------- showing
def test_voters_and_the_wall_get_what_their_scripts_need(host: Client) -> None:
    room = room_by_form(host)
    voter = page(Client(), f"/rooms/{room.code}")
    assert voter.count("data-say=") == 2 and "assets/roomvote-" in voter and "Host page" not in voter
    assert f'data-api="/api/rooms/{room.code}"' in voter and "A live room needs JavaScript" in voter
    assert f'src="/api/rooms/{room.code}/export?format=image"' in voter
    wall = page(Client(), f"/rooms/{room.code}/wall")
    assert "data-say=" not in wall and f"http://testserver/rooms/{room.code}" in wall
    assert f"/rooms/{room.code}/host" in page(host, f"/rooms/{room.code}/wall")
    picture = Client().get(f"/api/rooms/{room.code}/export?format=image")
    assert (picture.status_code, picture["Content-Type"]) == (200, "image/png")


def test_the_qr_code_leads_to_the_vote_in_any_case(host: Client) -> None:
    room = room_by_form(host)
    code = host.get(f"/rooms/{room.code}/qr.svg")
    assert code["Content-Type"] == "image/svg+xml" and code.content.startswith(b"<svg")
    for end in ("", "/wall", "/qr.svg"):
        assert host.get(f"/rooms/{room.code.lower()}{end}")["Location"] == f"/rooms/{room.code}{end}"
    typed = f" {room.code[:3].lower()}-{room.code[3:]} "
    assert host.get("/queue", {"code": typed})["Location"] == f"/rooms/{room.code}"


def test_the_host_sees_how_many_are_in_the_room(host: Client) -> None:
    room = room_by_form(host)
    _, users, *_ = every = store.keys(room.pk)
    try:
        sync_redis().hset(users, mapping={"ana": " p ", "ben": " p "})
        assert "<strong data-people>2</strong>" in page(host, f"/rooms/{room.code}/host")
        assert host.get(f"/rooms/{room.code}/host/people.json").json() == {"people": 2}
        commands.close(room.pk)
        assert host.get(f"/rooms/{room.code}/host/people.json").json() == {"people": 0}
    finally:
        sync_redis().delete(*every)


@pytest.mark.parametrize("title", [MARKUP, OPEN_RTL, "👩‍👩‍👧‍👦 Ōsaka 大阪", "{{ room }}", "W" * 255])
def test_titles_are_shown_as_written_and_kept_apart_from_the_text_around(host: Client, title: str) -> None:
    room = room_by_form(host, title=title)
    for path in [*pages_of(room), "/"]:
        html = page(host, path)
        assert "<img src=x" not in html
        assert title in [unescape(each) for each in re.findall(r"<bdi[^>]*>(.*?)</bdi>", html, re.DOTALL)], path
    assert f"“{title}” was deleted." in unescape(press(host, room, "delete"))


def test_pages_keep_to_the_policy_and_are_not_stored(host: Client) -> None:
    room = room_by_form(host)
    host.post(
        "/host-key/kept", {"mark": f"link_room_{room.code}"}
    )  # until then the link with its token stands on the page
    for path in [*pages_of(room), "/rooms/new"]:
        answer = host.get(path)
        html = answer.content.decode()
        assert "no-store" in answer["Cache-Control"] and "unsafe" not in answer["Content-Security-Policy"]
        assert not re.search(r"<script(?![^>]*src=)|<style|\sstyle=|\son\w+=", html), path
        assert str(room.pk) not in html and host.cookies[f"room_host_{room.code}"].value not in html


@pytest.mark.parametrize("end", ["", "/wall", "/host", "/qr.svg", "/host/people.json"])
def test_an_unknown_code_is_a_page_not_found(end: str) -> None:
    assert 'name="code"' in page(Client(), f"/rooms/ZZZZZZ{end}", 404)
    assert Client().get(f"/rooms/%00ZZZZZ{end}").status_code == 404
    assert Client().get(f"/rooms/{uuid4()}{end}").status_code == 404


# --------------------------------------------------------------------------------------------------------------- running
@pytest.mark.thorough
def test_the_host_closes_and_deletes_by_forms_alone(host: Client) -> None:
    room = room_by_form(host)
    html = page(host, f"/rooms/{room.code}/host")
    for expected in (f"/rooms/{room.code}/wall", f"http://testserver/rooms/{room.code}", "export?format=csv"):
        assert expected in html
    closed = press(host, room, "close")
    assert "the graph stands" in closed and "Close the room now" not in closed and "/qr.svg" not in closed
    assert Room.objects.get(pk=room.pk).status == "closed"
    assert "notice-error" not in press(host, room, "close"), "twice is fine"
    voter = page(Client(), f"/rooms/{room.code}")
    assert "This room is closed" in voter and "data-say=" not in voter and "format=csv" not in voter
    assert "format=csv" in page(host, f"/rooms/{room.code}")
    assert "/qr.svg" not in page(Client(), f"/rooms/{room.code}/wall")
    assert f"/rooms/{room.code}/host" not in page(host, "/")
    assert "was deleted" in press(host, room, "delete")
    assert not Room.objects.exists()
    for path in pages_of(room):
        assert host.get(path).status_code == 404
    assert host.post(f"/rooms/{room_by_form(host).code}/host/dance").status_code == 404


def test_buttons_are_pressed_not_followed(host: Client) -> None:
    room = room_by_form(host)
    for action in ("close", "delete"):
        assert host.get(f"/rooms/{room.code}/host/{action}").status_code == 405
    assert Room.objects.get(pk=room.pk).status == "open"


def test_strangers_and_other_hosts_get_no_page_and_press_no_button(host: Client) -> None:
    room = room_by_form(host, title="Canary")
    other = Client()
    theirs = room_by_form(other)
    other.cookies[f"room_host_{room.code}"] = other.cookies[f"room_host_{theirs.code}"].value
    for browser in (Client(), other):
        for end in ("", "/people.json"):
            answer = browser.get(f"/rooms/{room.code}/host{end}")
            assert answer["Location"] == f"/sign-in?next=/rooms/{room.code}/host{end}"
        for action in ("close", "delete"):
            answer = browser.post(f"/rooms/{room.code}/host/{action}")
            assert answer.status_code == 403 and "Canary" not in answer.content.decode()
    assert Room.objects.get(pk=room.pk).version == room.version


@pytest.mark.thorough
def test_a_member_opens_and_runs_the_venues_rooms_and_is_named_an_outsider_does_not() -> None:
    venue, elsewhere = (
        venue_commands.create_venue(name="Casa Azul", timezone_name="UTC"),
        venue_commands.create_venue(name="Casa Roja", timezone_name="UTC"),
    )
    member, outsider = signed_in("ana", venue), signed_in("eve", elsewhere)
    room = room_by_form(member, venue=str(venue.pk))
    assert room.venue == venue and f"room_host_{room.code}" not in member.cookies
    assert f"/rooms/{room.code}/host" in page(member, "/lines")
    assert "<bdi>Casa Azul</bdi>" in page(Client(), f"/rooms/{room.code}")
    press(member, room, "close")
    ana = User.objects.get(email="ana@example.com")
    assert set(Event.objects.filter(stream_id=room.pk).values_list("actor_user", flat=True)) == {ana.pk}

    assert outsider.get(f"/rooms/{room.code}/host").status_code == 403
    assert outsider.post(f"/rooms/{room.code}/host/delete").status_code == 403
    answer = outsider.post("/rooms/new", {**ROOM_FORM, "key": str(uuid4()), "venue": str(venue.pk)})
    assert answer.status_code == 400, "no venue of theirs"
    assert f"/rooms/{room.code}/host" not in page(outsider, "/lines")
    Membership.objects.all().delete()
    assert member.get(f"/rooms/{room.code}/host").status_code == 403


def test_a_person_of_several_venues_chooses_and_one_without_any_opens_their_own() -> None:
    venues = [venue_commands.create_venue(name=name, timezone_name="UTC") for name in ("Casa Azul", "Casa Roja")]
    both = signed_in("ana", *venues)
    assert "<select" in page(both, "/rooms/new").split('name="venue"')[0][-20:]
    assert room_by_form(both, venue=str(venues[1].pk)).venue == venues[1]
    alone = signed_in("eve")
    room = room_by_form(alone)
    assert room.venue is None and "Close the room now" in page(alone, f"/rooms/{room.code}/host")


def test_no_form_is_taken_without_its_proof() -> None:
    browser = Client(enforce_csrf_checks=True)
    assert browser.post("/rooms/new", {**ROOM_FORM, "key": str(uuid4())}).status_code == 403
    room = commands.create(commands.NewRoom(title="?"))
    for action in ("close", "delete"):
        assert browser.post(f"/rooms/{room.code}/host/{action}").status_code == 403
    assert Room.objects.get(pk=room.pk).version == room.version
