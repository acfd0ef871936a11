"""The owner's page of API keys: made, shown once, its last use, ended; of this venue only."""

import re
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from core import clock
from outbox.models import Event
from tests.page_client import page
from tests.venues.people_of_venue import browser_of, venue_with_people
from venues import commands
from venues.models import ApiKey, User, Venue

pytestmark = pytest.mark.django_db


@pytest.fixture
def venue(db: None) -> Venue:
    """With an owner, a manager and a host."""
    return venue_with_people()


def made_by_form(name: str = "Website") -> str:
    """The key that an owner's form made, as its answer shows it."""
    answer = browser_of("owner").post("/venue/keys", {"name": name, "key": "11111111-2222-4333-8444-555555555555"})
    [key] = set(re.findall(r"tl_[\w-]{40,}", answer.content.decode()))
    return str(key)


def opened_with(key: str) -> Any:
    """The answer to a program that opens a line with the key."""
    body = {"eventName": "Dinner", "maxGuests": 10}
    return Client().post("/api/queue/create", body, content_type="application/json", headers={"api-key": key})


def test_a_key_is_shown_once_and_opens_lines_of_its_venue(venue: Venue) -> None:
    key = made_by_form()
    assert key not in page(browser_of("owner"), "/venue/keys")
    answer = opened_with(key)
    assert answer.status_code == 200
    row = ApiKey.objects.get()
    assert (row.venue, row.name) == (venue, "Website")
    event = Event.objects.get(type="VENUE_KEY_MADE")
    assert (event.actor_user, event.data["keyId"]) == (User.objects.get(email="owner@example.com"), row.pk)
    assert key not in str([event.data, event.changes])


def test_the_page_says_when_a_key_was_last_used_and_it_is_noted_once_an_hour(venue: Venue) -> None:
    key = made_by_form()
    assert "Not used yet" in page(browser_of("owner"), "/venue/keys")
    opened_with(key)
    first = ApiKey.objects.get().last_used_at
    assert first and "Last used" in page(browser_of("owner"), "/venue/keys")
    opened_with(key)
    assert ApiKey.objects.get().last_used_at == first
    ApiKey.objects.update(last_used_at=clock.now() - timedelta(hours=2))
    opened_with(key)
    assert ApiKey.objects.filter(last_used_at__gt=first).exists()


def test_an_ended_key_is_refused_at_once(venue: Venue) -> None:
    key = made_by_form()
    path = f"/venue/keys/{ApiKey.objects.get().pk}/end"
    for _ in range(2):
        assert browser_of("owner").post(path).status_code == 303
    assert opened_with(key).status_code == 401
    assert "Ended" in page(browser_of("owner"), "/venue/keys")
    assert Event.objects.filter(type="VENUE_KEY_ENDED").count() == 1


def test_a_key_of_another_venue_is_not_ended_and_not_shown(venue: Venue) -> None:
    row, _ = commands.create_api_key(
        venue=commands.create_venue(name="Red Door", timezone_name="UTC"), name="Their till"
    )
    answer = browser_of("owner").post(f"/venue/keys/{row.pk}/end", follow=True)
    html = answer.content.decode()
    assert "There is no such key." in html and "Their till" not in html
    row.refresh_from_db()
    assert row.revoked_at is None


@pytest.mark.parametrize("name", ["", " ", "\u200b", "x" * 81])
def test_a_key_needs_a_name_that_can_be_seen(name: str, venue: Venue) -> None:
    answer = browser_of("owner").post("/venue/keys", {"name": name, "key": "11111111-2222-4333-8444-555555555555"})
    assert answer.status_code == 400 and 'id="id_name_error"' in answer.content.decode()
    assert not ApiKey.objects.exists()
