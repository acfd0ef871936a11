"""What pages may never show, and what is shown when something is wrong."""

import re
from html import unescape

import pytest
from django.test import Client

from queues.models import Queue
from tests.page_client import MARKUP, OPEN_RTL, page
from tests.queues.page_client import join, line_by_form

pytestmark = pytest.mark.django_db


# --------------------------------------------------------------------------------------------------------- what is written
@pytest.mark.parametrize("name", [MARKUP, OPEN_RTL, "👩‍👩‍👧‍👦 Ōsaka 大阪", "=1+1", "{{ name }}"])
def test_names_are_shown_as_written_and_kept_apart_from_the_text_around(host: Client, name: str) -> None:
    line = line_by_form(host, event_name=name)
    guest = Client()
    join(guest, line, name=name)
    for html in (
        page(Client(), f"/queue/{line.code}"),
        page(guest, f"/queue/{line.code}/ticket"),
        page(host, f"/queue/{line.code}/host"),
        page(host, f"/queue/{line.code}/host/list"),
        page(host, f"/queue/{line.code}/poster"),
    ):
        assert "<img src=x" not in html
        assert name in [unescape(each) for each in re.findall(r"<bdi[^>]*>(.*?)</bdi>", html, re.DOTALL)]


@pytest.mark.thorough
def test_no_address_of_a_page_holds_an_id_or_a_token_and_nothing_personal_is_stored(host: Client) -> None:
    line = line_by_form(host)
    guest = Client()
    party = join(guest, line)
    for client, path in (
        (guest, f"/queue/{line.code}/ticket"), (guest, f"/queue/{line.code}/leave"), (host, f"/queue/{line.code}/host"),
        (host, f"/queue/{line.code}/host/list"), (guest, f"/queue/{line.code}"), (host, "/"),
    ):  # fmt: skip
        answer = client.get(path)
        assert "no-store" in answer["Cache-Control"], path
        for address in re.findall(r'(?:href|action|formaction|src)="([^"]*)"', answer.content.decode()):
            assert str(party.pk) not in address and str(line.pk) not in address, address
        assert not re.search(
            r"<script(?![^>]*(src=|application/json))|<style|\sstyle=|\son\w+=", answer.content.decode()
        )
        assert "unsafe" not in answer["Content-Security-Policy"]


def test_the_console_gives_its_token_to_hosts_only(host: Client) -> None:
    line = line_by_form(host)
    assert f'data-host-auth="{line.pk}.' in page(host, f"/queue/{line.code}/host")
    guest = Client()
    join(guest, line)
    for path in ("/ticket", "/leave", "/poster"):
        assert "data-host-auth" not in page(guest, f"/queue/{line.code}{path}")


def test_unknown_addresses_offer_a_field_for_the_code(guest: Client, line: Queue) -> None:
    for path in ("/queue/ZZZZZZ", "/queue/ZZZZZZ/host", "/queue/ZZZZZZ/qr.svg", "/queue?code=O0I1xx", "/nowhere"):
        assert 'name="code"' in page(guest, path, 404)
    assert "ZZZZZZ" in page(guest, "/queue/ZZZZZZ", 404)
    typed = f" {line.code[:3].lower()}-{line.code[3:]} "
    assert guest.get("/queue", {"code": typed})["Location"] == f"/queue/{line.code}"
    evil = page(guest, "/queue?code=//evil.example/%3Cscript%3E", 404)
    assert "<script>" not in evil
    assert guest.get("/api/nowhere").json() == {"error": "There is nothing at this address."}


def test_failures_have_designed_pages_for_people_and_json_for_programs(monkeypatch: pytest.MonkeyPatch) -> None:
    from django.db import OperationalError

    from queues.pages.access import LinePages

    for problem, status, text in (
        (RuntimeError("secret detail"), 500, "Something went wrong on our side"),
        (OperationalError("secret detail"), 503, "One moment, please"),
    ):

        def fail(*_: object, problem: Exception = problem) -> None:
            raise problem

        monkeypatch.setattr(LinePages, "find", fail)
        answer = Client(raise_request_exception=False).get("/queue/ABCDEF")
        assert answer.status_code == status
        assert text in answer.content.decode() and "secret detail" not in answer.content.decode()
    assert "could not read" in Client(headers={"host": "evil.example"}).get("/queue/ABCDEF").content.decode()


# ------------------------------------------------------------------------------------------------ QR code, poster, worker
def test_the_qr_code_and_the_poster_are_the_way_into_the_line(guest: Client, line: Queue) -> None:
    code = guest.get(f"/queue/{line.code}/qr.svg")
    assert code["Content-Type"] == "image/svg+xml" and code.content.startswith(b"<svg")
    html = page(guest, f"/queue/{line.code}/poster")
    assert line.code in html and f"http://testserver/queue/{line.code}" in html
    assert "HOST=0.0.0.0" not in html
    loopback = Client(headers={"host": "127.0.0.1:8000"}).get(f"/queue/{line.code}/poster")
    assert "HOST=0.0.0.0" in loopback.content.decode(), "a poster that no phone can use says so"


def test_the_service_worker_rules_over_the_whole_site(guest: Client) -> None:
    answer = guest.get("/sw.js")
    assert answer["Content-Type"] == "text/javascript" and b"showNotification" in answer.content
