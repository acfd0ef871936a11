"""Guest pages in the reader's language; hosts' pages and the API in English for all browsers."""

import re

import pytest
from django.test import Client

from queues.models import Queue
from tests.page_client import page
from tests.queues.page_client import join, line_by_form

pytestmark = pytest.mark.django_db


def spoken(html: str) -> str:
    """The language the page says it is in."""
    found = re.search(r'<html lang="([\w-]+)"', html)
    assert found
    return found[1]


def test_a_guest_page_is_in_the_language_of_its_reader_and_caches_keep_them_apart(line: Queue) -> None:
    for wanted, given in (
        ("es-MX,en;q=0.5", "es"),
        ("ja", "ja"),
        ("fr,de;q=0.8", "en-gb"),
        ("", "en-gb"),
        ("en-US", "en"),
    ):
        answer = Client(headers={"accept-language": wanted}).get(f"/queue/{line.code}")
        assert spoken(answer.content.decode()) == answer["Content-Language"] == given
        assert "accept-language" in answer["Vary"].lower()


def test_what_is_wrong_with_a_form_is_said_in_the_readers_language(line: Queue) -> None:
    form = {"size": "0", "key": "0" * 32}
    answer = Client(headers={"accept-language": "es"}).post(f"/queue/{line.code}", form)
    assert answer.status_code == 400 and "Como mínimo, 1." in answer.content.decode()


def test_a_page_that_is_not_there_says_so_in_the_readers_language() -> None:
    assert spoken(page(Client(headers={"accept-language": "es"}), "/nowhere", 404)) == "es"


def test_the_language_chosen_on_the_page_is_kept_and_leads_back_to_it(line: Queue) -> None:
    guest = Client(headers={"accept-language": "en"})
    join(guest, line)
    at = f"/queue/{line.code}/ticket"
    assert spoken(page(guest, at)) == "en"
    answer = guest.post("/language", {"language": "ja", "next": at})
    assert (answer.status_code, answer["Location"]) == (302, at)
    assert spoken(page(guest, at)) == "ja"
    # Only to a page of ours, and only a language there is.
    assert guest.post("/language", {"language": "es", "next": "https://elsewhere.example/"})["Location"] == "/"
    guest.post("/language", {"language": "xx", "next": at})
    assert spoken(page(guest, at)) == "es"


def test_hosts_and_programs_read_english(host: Client) -> None:
    host.defaults["HTTP_ACCEPT_LANGUAGE"] = "ja"
    line = line_by_form(host)
    assert spoken(page(host, f"/queue/{line.code}/host")) == "en-gb"
    answer = host.post(f"/api/queue/{line.code}/join", {"size": "many"}, content_type="application/json")
    assert answer.status_code == 400 and answer.content.decode().isascii()
    assert "accept-language" not in answer.get("Vary", "").lower()
