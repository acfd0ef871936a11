"""A line's wall over HTTP: the first state is in it, and only what is public."""

import re

import pytest
from django.test import Client

from queues import commands
from queues.models import Queue
from tests.page_client import page
from tests.queues.page_client import line_by_form

pytestmark = pytest.mark.django_db


def tickets(html: str, name: str) -> list[int]:
    """The numbers in a list of the page."""
    found = re.search(rf"data-{name}[ >].*?</[uo]l>", html, re.DOTALL)
    assert found
    return [int(number) for number in re.findall(r">(\d+)</li>", found[0])]


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
