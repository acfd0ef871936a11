"""The form that makes a poll, over HTTP without any script: what a host may say, and what is refused."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client
from pytest_django.fixtures import Settings

from core import clock
from polls.models import Poll
from tests.page_client import page
from tests.polls.page_client import POLL_FORM, poll_by_form

pytestmark = pytest.mark.django_db


# ---------------------------------------------------------------------------------------------------------------- making
def test_a_poll_is_made_in_one_form_and_kept_by_the_browser(host: Client) -> None:
    form = page(host, "/polls/new")
    assert form.count('name="choices"') == 4 and 'href="/rooms/new"' in form
    poll = poll_by_form(host)
    assert [choice.text for choice in poll.choices.all()] == ["Flan", "Cake", "Ice cream"]
    assert (poll.status, poll.max_picks, poll.dedupe, poll.venue) == ("open", 1, "token", None)
    assert host.cookies[f"poll_host_{poll.code}"]["httponly"]
    host.cookies.pop("sessionid", None)  # the API, which the page's script asks, knows no session, and nor do the pages
    assert "Which dessert?" in page(host, f"/polls/{poll.code}/host")
    assert f"/polls/{poll.code}/host" in page(host, "/"), "the front page leads back to it"


def test_everything_a_host_may_say(host: Client) -> None:
    poll = poll_by_form(
        host, several="several", max_picks="2", visibility="after_close", dedupe="code", may_change="on",
        description=" Two\r\nlines ", ends_in="2", ends_unit="60", open_now="no",
    )  # fmt: skip
    assert (poll.max_picks, poll.visibility, poll.dedupe, poll.may_change, poll.status, poll.description) == (
        2, "after_close", "code", True, "draft", "Two\nlines",
    )  # fmt: skip
    assert poll.ends_at and timedelta(minutes=119) < poll.ends_at - clock.now() <= timedelta(hours=2)
    assert poll_by_form(host, several="several").max_picks == 3


def test_a_poll_may_open_later_and_says_when(host: Client) -> None:
    poll = poll_by_form(host, starts_in="2", starts_unit="60", ends_in="4", ends_unit="60")
    assert poll.starts_at and timedelta(minutes=119) < poll.starts_at - clock.now() <= timedelta(hours=2)
    assert "opens at" in page(host, f"/polls/{poll.code}/host")


def test_posters_show_the_question_and_the_way_in_to_hosts(host: Client) -> None:
    poll = poll_by_form(host, open_now="no")
    poster = page(host, f"/polls/{poll.code}/host/poster")
    assert "Which dessert?" in poster and f"/vote/{poll.code}/qr.svg" in poster
    assert Client().get(f"/polls/{poll.code}/host/poster").status_code == 302, "a draft is the host's alone"


def test_a_double_tap_makes_one_poll(host: Client) -> None:
    key = str(uuid4())
    assert poll_by_form(host, key=key) == poll_by_form(host, key=key)
    assert Poll.objects.count() == 1


@pytest.mark.parametrize(
    ("fields", "complaint"),
    [
        ({"title": "  "}, "required"),
        ({"title": "x" * 256}, "255"),
        ({"title": "a\x07b"}, "cannot be shown"),
        ({"title": "a\x00b"}, "Null characters"),
        ({"choices": []}, "at least two choices"),
        ({"choices": ["a", " ", ""]}, "at least two choices"),
        ({"choices": ["a", "a "]}, "A choice is there twice."),
        ({"choices": ["a", "x" * 256]}, "255"),
        ({"choices": ["a", "b\x00"]}, "Null characters"),
        ({"choices": [str(n) for n in range(101)]}, "at most 100 choices"),
        ({"several": "several", "max_picks": "4"}, "only 3 choices"),
        ({"several": "several", "max_picks": "0"}, "At least 1."),
        ({"several": "none"}, "valid choice"),
        ({"visibility": "nobody"}, "valid choice"),
        ({"dedupe": "ticket"}, "valid choice"),
        ({"dedupe": "address", "may_change": "on"}, "each other’s"),
        ({"starts_in": "3", "starts_unit": "60", "ends_in": "180"}, "It must close after it opens."),
        ({"starts_in": "169", "starts_unit": "60"}, "At most seven days."),
        ({"ends_in": "0"}, "At least 1."),
        ({"ends_in": "169", "ends_unit": "60"}, "At most seven days."),
        ({"ends_in": "9" * 40, "ends_unit": "60"}, "At most seven days."),
        ({"description": "x" * 4001}, "4000"),
        ({"key": "short"}, "send the form again"),
    ],
)
def test_a_poll_that_cannot_be_says_why_and_keeps_what_was_typed(
    host: Client, fields: dict[str, Any], complaint: str
) -> None:
    answer = host.post("/polls/new", {**POLL_FORM, "key": str(uuid4()), **fields})
    html = answer.content.decode()
    assert answer.status_code == 400 and complaint in html
    if "choices" not in fields:
        assert 'value="Ice cream"' in html
    assert not Poll.objects.exists()


@pytest.mark.thorough
def test_polls_are_limited_as_over_the_api(host: Client, settings: Settings) -> None:
    settings.RATE_LIMITS = True
    address = f"203.0.113.{uuid4().int % 250}"
    browser = Client(REMOTE_ADDR=address)
    forms = [{**POLL_FORM, "key": str(uuid4())} for _ in range(31)]
    answers = [browser.post("/polls/new", each) for each in forms]
    assert [answer.status_code for answer in answers] == [303] * 30 + [400]
    assert "Too many requests" in answers[-1].content.decode()
