"""B6 on the pages without any script, the note for the host, and what makes the pages installable."""

import pytest
from django.contrib.staticfiles import finders
from django.test import Client

from queues import commands
from queues.models import Party, Queue
from tests.page_client import page
from tests.queues.page_client import join, line_by_form, press, shown_state

KEY = "0" * 32

pytestmark = pytest.mark.django_db


@pytest.mark.thorough
def test_a_guest_lets_two_parties_pass(guest: Client, line: Queue) -> None:
    party = join(guest, line, name="Ana")
    ticket = f"/queue/{line.code}/ticket"
    assert "data-let-pass hidden" in page(guest, ticket), "no party is behind"
    for name in ("Ben", "Cem", "Dia"):
        commands.join(line.code, name=name)
    assert "data-let-pass hidden" not in page(guest, ticket)
    assert "Let others go first?" in page(guest, f"/queue/{line.code}/let-pass")
    answer = guest.post(f"/queue/{line.code}/let-pass", {"parties": "2", "key": KEY}, follow=True)
    assert answer.redirect_chain == [(f"{ticket}#place={party.pk}", 303)]
    assert "data-position>3</p>" in answer.content.decode()
    assert Party.objects.get(pk=party.pk).status == "waiting"
    guest.post(f"/queue/{line.code}/let-pass", {"parties": "2", "key": KEY})
    assert "data-position>3</p>" in page(guest, ticket), "a double tap is one"
    assert "send the form again" in guest.post(f"/queue/{line.code}/let-pass", {"parties": "1"}).content.decode()


@pytest.mark.parametrize("parties", ["", "0", "-1", "10", "many"])
def test_a_wrong_number_is_asked_again_and_nothing_happens(guest: Client, line: Queue, parties: str) -> None:
    join(guest, line)
    commands.join(line.code, name="Ben")
    answer = guest.post(f"/queue/{line.code}/let-pass", {"parties": parties, "key": KEY})
    assert answer.status_code == 400
    assert "field-wrong" in answer.content.decode()
    assert "data-position>1</p>" in page(guest, f"/queue/{line.code}/ticket")


def test_the_last_in_line_is_told_that_no_party_is_behind(guest: Client, line: Queue) -> None:
    join(guest, line)
    path = f"/queue/{line.code}/let-pass"
    assert "Nobody is behind you" in guest.post(path, {"parties": "1", "key": KEY}, follow=True).content.decode()
    answer = guest.post(path, {"parties": "1", "key": KEY}, headers={"x-fragment": "1"})
    assert (answer.status_code, answer.json()["error"]) == (409, "Nobody is behind you in the line.")


def test_who_has_no_place_to_give_is_led_to_the_ticket(guest: Client, line: Queue) -> None:
    for path in ("let-pass", "more-time"):
        assert (
            guest.post(f"/queue/{line.code}/{path}", {"parties": "1", "key": KEY})["Location"]
            == f"/queue/{line.code}/ticket"
        )
    assert guest.get(f"/queue/{line.code}/let-pass")["Location"] == f"/queue/{line.code}/ticket"


@pytest.mark.thorough
def test_more_time_is_asked_on_the_ticket_and_given_on_the_console(host: Client, guest: Client) -> None:
    line = line_by_form(host)
    party = join(guest, line, name="Ana")
    console = press(host, line, "call", party=party.pk)
    assert ">asks for more time<" not in console and "+2 min" in console
    assert shown_state(page(guest, f"/queue/{line.code}/ticket")) == "called"
    assert guest.post(f"/queue/{line.code}/more-time")["Location"] == f"/queue/{line.code}/ticket#place={party.pk}"
    shown = page(guest, f"/queue/{line.code}/ticket")
    assert 'data-more="asked">' in shown and 'data-more="given" hidden>' in shown
    assert guest.get(f"/queue/{line.code}/place.json").json()["moreTime"] == "asked"
    before = Party.objects.get(pk=party.pk).call_deadline
    assert ">asks for more time<" in page(host, f"/queue/{line.code}/host")
    console = press(host, line, "more-time", party=party.pk)
    assert ">asks for more time<" not in console and "Undo: gave #1 more time" in console
    after = Party.objects.get(pk=party.pk).call_deadline
    assert before and after and (after - before).total_seconds() == 120
    assert 'data-more="given">' in page(guest, f"/queue/{line.code}/ticket")
    press(host, line, "more-time", party=party.pk, minutes="5")
    assert "must be a whole number" in press(host, line, "more-time", party=party.pk, minutes="0")


@pytest.mark.thorough
def test_the_note_is_shown_to_the_host_only(host: Client, guest: Client) -> None:
    line = line_by_form(host)
    answer = guest.post(f"/queue/{line.code}", {"name": "Ana", "size": "2", "note": " Pram <canary> ", "key": "0" * 32})
    assert answer.status_code == 303
    assert Party.objects.get(queue=line).note == "Pram <canary>"
    assert "Pram &lt;canary&gt;" in page(host, f"/queue/{line.code}/host")
    assert "canary" not in page(guest, f"/queue/{line.code}/ticket")
    too_long = guest.post(f"/queue/{line.code}", {"size": "2", "note": "x" * 201, "key": "1" * 32})
    assert too_long.status_code == 303, "this browser has its place"
    assert Client().post(f"/queue/{line.code}", {"size": "2", "note": "x" * 201, "key": "1" * 32}).status_code == 400


# ------------------------------------------------------------------------------------------------------------ installable
def test_the_manifest_names_icons_that_are_there(guest: Client, line: Queue) -> None:
    answer = guest.get("/manifest.webmanifest")
    assert answer["Content-Type"] == "application/manifest+json"
    manifest = answer.json()
    assert (manifest["display"], manifest["scope"], manifest["lang"]) == ("standalone", "/", "en-gb")
    assert {icon["purpose"] for icon in manifest["icons"]} == {"any", "maskable"}
    for icon in manifest["icons"]:
        found = finders.find(icon["src"].removeprefix("/static/"))
        assert found
        with open(found, "rb") as image:
            size = image.read(24)
        assert f"{int.from_bytes(size[16:20])}x{int.from_bytes(size[20:24])}" == icon["sizes"]


@pytest.mark.parametrize(
    ("query", "start"),
    [("", "/"), ("?line=abcdef", "/queue/ABCDEF"), ("?line=//evil.example", "/"), ("?start=here", None)],
)
def test_where_the_installed_page_starts(guest: Client, query: str, start: str | None, db: None) -> None:
    manifest = guest.get(f"/manifest.webmanifest{query}").json()
    assert manifest.get("start_url") == start


def test_pages_name_the_manifest_and_a_ticket_its_line(guest: Client, line: Queue) -> None:
    join(guest, line)
    assert 'rel="manifest" href="/manifest.webmanifest">' in page(guest, "/")
    shown = page(guest, f"/queue/{line.code}/ticket")
    assert f'rel="manifest" href="/manifest.webmanifest?line={line.code}">' in shown
    assert 'rel="apple-touch-icon" href="/static/img/apple-touch-icon.png"' in shown
