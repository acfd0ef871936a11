"""An owner sets the clock of a venue and its own words, which guests read in their language, else in the first there is."""

from datetime import time

import pytest
from django.test import Client

from outbox.models import Event
from tests.page_client import page
from tests.venues.people_of_venue import browser_of, venue_with_people
from venues import commands
from venues.models import User, Venue

pytestmark = pytest.mark.django_db


@pytest.fixture
def venue(db: None) -> Venue:
    """With an owner, a manager and a host."""
    return venue_with_people()


def read(language: str) -> str:
    """The venue's page as a guest with this language reads it."""
    return page(Client(headers={"Accept-Language": language}), "/v/casa-azul")


def test_guests_read_the_words_of_their_language_else_the_first_there_are(venue: Venue) -> None:
    answer = browser_of("manager").post("/venue/words", {"en": "", "es": "Sin tarjetas", "ja": " 現金のみ "})
    assert answer.status_code == 303
    assert '<p class="center" lang="ja"><bdi>現金のみ</bdi></p>' in read("ja")
    for language in ("es", "en"):
        assert '<p class="center" lang="es"><bdi>Sin tarjetas</bdi></p>' in read(language)
    browser_of("manager").post("/venue/words", {"en": "", "es": "", "ja": ""})
    assert "Sin tarjetas" not in read("es")
    assert Venue.objects.get(pk=venue.pk).words == {}


def test_words_are_kept_as_typed_when_one_is_too_long(venue: Venue) -> None:
    answer = browser_of("owner").post("/venue/words", {"en": "Cash only", "es": "x" * 301, "ja": ""})
    html = answer.content.decode()
    assert answer.status_code == 400 and 'id="id_es_error"' in html and 'value="Cash only"' in html
    assert Venue.objects.get(pk=venue.pk).words == {}


def test_zone_business_day_and_largest_party_are_changed_and_the_log_says_who_did(venue: Venue) -> None:
    typed = {"timezone": "Asia/Tokyo", "day_ends": "05:00", "largest_party": "12"}
    assert browser_of("manager").post("/venue/clock", typed).status_code == 303
    venue.refresh_from_db()
    assert (venue.timezone, venue.day_ends, venue.largest_party) == ("Asia/Tokyo", time(5), 12)
    event = Event.objects.get(type="VENUE_CHANGED")
    assert event.actor_user == User.objects.get(email="manager@example.com")
    assert event.changes["venue"]["timezone"] == ["Europe/Madrid", "Asia/Tokyo"]
    browser_of("manager").post("/venue/clock", typed)
    assert Event.objects.filter(type="VENUE_CHANGED").count() == 1, "what changes nothing is no event"


@pytest.mark.parametrize(
    ("field", "text"), [("timezone", "Mars/Olympus"), ("timezone", ""), ("day_ends", "13:00"), ("largest_party", "0")]
)
def test_what_is_wrong_with_the_clock_stands_at_its_field(field: str, text: str, venue: Venue) -> None:
    typed = {"timezone": "Asia/Tokyo", "day_ends": "05:00", "largest_party": "12", field: text}
    answer = browser_of("owner").post("/venue/clock", typed)
    html = answer.content.decode()
    assert answer.status_code == 400 and f'id="id_{field}_error"' in html
    assert field == "timezone" or '<option value="Asia/Tokyo" selected>' in html
    venue.refresh_from_db()
    assert venue.timezone == "Europe/Madrid"


def test_a_venue_without_a_zone_is_asked_for_one(venue: Venue) -> None:
    commands.change_venue(venue_id=venue.pk, timezone_name="UTC")
    html = page(browser_of("owner"), "/venue")
    assert '<option value="" selected>Choose it</option>' in html
    assert "/venue?venue=" in page(browser_of("owner"), "/venue/services").split("no time zone yet")[1][:200]
