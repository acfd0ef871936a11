"""The owner's page of API keys: made, shown once, its last use, ended; of this venue only."""

import re
from datetime import timedelta
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.test import Client

from core import clock
from mail.letters import letter_of
from mail.models import Mail
from outbox.models import Event
from tests.page_client import page
from tests.venues.people_of_venue import browser_of, venue_with_people
from venues import commands, timers
from venues.models import ApiKey, User, Venue

pytestmark = pytest.mark.django_db


@pytest.fixture
def venue(db: None) -> Venue:
    """With an owner, a manager and a host."""
    return venue_with_people()


NEW = {"key": "11111111-2222-4333-8444-555555555555", "scopes": ["read", "line"], "expires": "365"}


def made_by_form(name: str = "Website", **chosen: Any) -> str:
    """The key that an owner's form made, as its answer shows it."""
    answer = browser_of("owner").post("/venue/keys", {**NEW, "name": name, **chosen})
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


@pytest.mark.thorough
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
    answer = browser_of("owner").post("/venue/keys", {**NEW, "name": name})
    assert answer.status_code == 400 and 'id="id_name_error"' in answer.content.decode()
    assert not ApiKey.objects.exists()


# ----------------------------------------------------------------------------------------------------------- scopes, expiry
@pytest.mark.parametrize(
    "chosen", [{"scopes": []}, {"scopes": ["everything"]}, {"expires": "1000000"}, {"expires": "x"}]
)
def test_a_key_needs_a_scope_and_an_expiry_that_the_page_offers(chosen: dict[str, Any], venue: Venue) -> None:
    answer = browser_of("owner").post("/venue/keys", {**NEW, "name": "Website", **chosen})
    html = answer.content.decode()
    assert answer.status_code == 400 and f'id="id_{next(iter(chosen))}_error"' in html
    assert not ApiKey.objects.exists()


def test_the_page_shows_what_a_key_may_do_and_until_when(venue: Venue) -> None:
    key = made_by_form(scopes=["polls", "read"], expires="30")
    row = ApiKey.objects.get()
    assert row.scopes == ["read", "polls"] and row.expires_at is not None
    assert timedelta(days=30) - timedelta(minutes=5) < row.expires_at - clock.now() <= timedelta(days=30)
    html = page(browser_of("owner"), "/venue/keys")
    shown = re.findall(r'class="tag">(\w+)<', html)
    assert shown == ["read", "polls"] and "Expires" in html
    assert opened_with(key).status_code == 403
    ApiKey.objects.update(expires_at=clock.now())
    html = page(browser_of("owner"), "/venue/keys")
    assert "No key yet" in html and "expired" in html


def test_a_key_without_end_stays_good_and_owners_get_no_mail(venue: Venue) -> None:
    key = made_by_form(expires="")
    assert ApiKey.objects.get().expires_at is None and opened_with(key).status_code == 200
    assert "Never expires" in page(browser_of("owner"), "/venue/keys")
    assert timers.warn_of_expiry() == 0


def test_owners_get_one_mail_a_week_before_with_the_way_to_the_page(venue: Venue) -> None:
    made_by_form(name="Till", expires="30")
    row = ApiKey.objects.get()
    assert timers.warn_of_expiry() == 0 and not Mail.objects.exists()
    ApiKey.objects.update(expires_at=clock.now() + timedelta(days=7) - timedelta(seconds=1))
    assert [timers.warn_of_expiry(), timers.warn_of_expiry()] == [1, 0]
    mail = Mail.objects.get()
    assert (mail.to, mail.kind) == ("owner@example.com", "api_key_expires")
    letter = letter_of(mail)
    assert letter is not None and letter.subject == "Casa Azul: an API key expires soon"
    assert f'"Till" ({row.prefix}…)' in letter.text and f"http://testserver/venue/keys?venue={venue.pk}" in letter.text
    assert Event.objects.filter(type="VENUE_KEY_EXPIRING", data__keyId=row.pk).count() == 1
    commands.revoke_api_key(key_id=row.pk)
    assert letter_of(mail) is None, "there is nothing to say any more"


def test_two_timers_at_once_tell_owners_once(venue: Venue) -> None:
    row, _ = commands.create_api_key(venue=venue, name="Till", expires_in=timedelta(days=1))
    assert [commands.warn_of_expiry(row.pk), commands.warn_of_expiry(row.pk)] == [True, False]
    assert Mail.objects.count() == 1


def test_a_key_that_was_ended_or_has_expired_is_not_warned_of(venue: Venue) -> None:
    ended, _ = commands.create_api_key(venue=venue, name="Ended", expires_in=timedelta(days=1))
    commands.revoke_api_key(key_id=ended.pk)
    over, _ = commands.create_api_key(venue=venue, name="Over", expires_in=timedelta(days=1))
    ApiKey.objects.filter(pk=over.pk).update(expires_at=clock.now() - timedelta(days=1))
    timers.warn_of_expiry()
    assert not Mail.objects.exists()


@pytest.mark.parametrize("chosen", [{"scopes": []}, {"scopes": ["all"]}, {"expires_in": timedelta(0)}])
def test_a_command_refuses_what_no_key_can_be(chosen: dict[str, Any], venue: Venue) -> None:
    with pytest.raises(ValidationError):
        commands.create_api_key(venue=venue, name="Till", **chosen)
    assert not ApiKey.objects.exists()
