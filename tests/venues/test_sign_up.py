"""A venue of one's own: a setting, off by default. Nothing is half made."""

import re
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client
from pytest_django.fixtures import Settings

from outbox.models import Event
from tests.venues.people_of_venue import PASSWORD, browser_of, member
from venues import commands
from venues.models import User, Venue

TYPED = {"name": "Casa Azul", "timezone": "Europe/Madrid", "email": "New@example.com", "password": PASSWORD}
pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def open_to_all(settings: Settings) -> None:
    settings.SIGN_UP = True


def send(browser: Client | None = None, typed: dict[str, str] | None = None) -> Any:
    return (browser or Client()).post("/sign-up", {**TYPED, "key": uuid4(), **(typed or {})})


def test_a_stranger_makes_an_account_and_a_venue_that_is_theirs() -> None:
    browser = Client()
    path = send(browser)["Location"]
    made = member("new")
    assert path == f"/venue?venue={made.venue.pk}" and "say when you are open" in browser.get(path).content.decode()
    assert (made.role, made.venue.name, made.venue.zone) == ("owner", "Casa Azul", "Europe/Madrid")
    assert "Casa Azul" in browser.get("/lines").content.decode()
    assert browser.get("/venue/people").status_code == 200
    assert Event.objects.get(type="VENUE_SIGNED_UP").actor_user == made.user


def test_a_signed_in_person_makes_another_venue() -> None:
    commands.create_user(email="ana@example.com", password=PASSWORD)
    browser = browser_of("ana")
    assert 'name="password"' not in browser.get("/sign-up").content.decode()
    path = browser.post("/sign-up", {"name": "Nopa", "timezone": "Europe/Madrid", "key": uuid4()})["Location"]
    made = member("ana")
    assert (made.role, path) == ("owner", f"/venue?venue={made.venue.pk}")


@pytest.mark.parametrize(
    ("field", "value"),
    [("name", ""), ("name", "\u200b"), ("timezone", "UTC"), ("email", "new"), ("password", "short"), ("timezone", "")],
)
def test_what_is_wrong_is_said_at_the_field_and_nothing_is_made(field: str, value: str) -> None:
    answer = send(typed={field: value})
    assert answer.status_code == 400
    assert re.search(rf'id="id_{field}_error"', answer.content.decode())
    assert not Venue.objects.exists() and not User.objects.exists()


def test_no_zone_is_proposed_before_the_browser_names_one() -> None:
    html = Client().get("/sign-up").content.decode()
    assert '<option value="" selected>' in html and html.count(" selected>") == 1
    assert "Choose the place" in send(typed={"timezone": ""}).content.decode().split('id="id_timezone_error"')[1]


def test_an_address_with_an_account_makes_no_venue() -> None:
    commands.create_user(email="new@example.com", password=PASSWORD)
    assert send().status_code == 400
    assert not Venue.objects.exists()


def test_where_it_is_off_there_is_no_such_page(settings: Settings) -> None:
    settings.SIGN_UP = False
    assert [Client().get("/sign-up").status_code, send().status_code] == [404, 404]
    assert "/sign-up" not in Client().get("/sign-in").content.decode()
