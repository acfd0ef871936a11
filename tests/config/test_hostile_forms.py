"""Forms about messages, texts, webhooks, guests and retention with what hostile and clumsy people send: never a 500, nothing of
another venue's, and only for the roles that may."""

from uuid import uuid4

import pytest
from django.test import Client

from guests import commands as guest_commands
from guests.models import Guest
from queues import commands as lines
from queues import contacts
from queues.models import Queue
from reach import commands as reach_commands
from tests.config.shown_forms import forms_on
from tests.installation import FULL
from tests.page_client import MARKUP, OPEN_RTL
from tests.venues.people_of_venue import browser_of, venue_with_people
from venues import commands as venue_commands
from venues.models import Venue
from webhooks import commands as webhook_commands
from webhooks.models import Endpoint

pytestmark = pytest.mark.django_db(transaction=True)

NASTY = (
    "", "\x00", "a\r\nBcc: x@example.com", MARKUP, OPEN_RTL, "👨‍👩‍👧" * 300, "9" * 400, "1e400", "NaN", "٣", "0001-01-01T00:00",
    "9999-12-31T23:59", "https://[::1]:99999/", str(uuid4()),
)  # fmt: skip
OWNERS = ("reach", "sms", "webhooks", "privacy", "guests", "keys")


@pytest.fixture
def venue() -> Venue:
    made = venue_with_people()
    reach_commands.set_channels(venue_id=made.pk, ways=["sms", "email"], fallback_s=45)
    guest_commands.change_history(venue_id=made.pk, on=True)
    return made


@pytest.fixture
def line(venue: Venue) -> Queue:
    made = lines.open_line(lines.NewLine(event_name="Dinner", max_guests=9), venue=venue)
    lines.join(made.pk, name="Ann", contact=contacts.Contact(number="+34612345678"))
    return made


@pytest.fixture
def endpoint(venue: Venue) -> Endpoint:
    return webhook_commands.create_endpoint(venue=venue, url="https://till.example/", origin="https://line.example")


@pytest.fixture
def other(venue: Venue) -> Venue:
    """Another venue with a guest and a webhook."""
    made = venue_commands.create_venue(name="Red Door", timezone_name="Asia/Tokyo")
    webhook_commands.create_endpoint(venue=made, url="https://other.example/", origin="https://line.example")
    Guest.objects.create(venue=made, number="+819012345678", first_at=made.created_at, seen_at=made.created_at)
    return made


@pytest.mark.faults
def test_no_text_in_a_form_is_a_fault(line: Queue, endpoint: Endpoint) -> None:
    """`make test` sends a third of the texts in a field, the next third in the next one."""
    owner, wrong = browser_of("owner"), []
    field = 0
    paths = [f"/venue/{page}" for page in OWNERS] + [f"/venue/webhooks/{endpoint.pk}"]
    paths += [f"/queue/{line.code}/host/{page}/1" for page in ("texts", "guest", "data")]
    for path in paths:
        for form in forms_on(owner, path):
            if form.name in ("remove", "sign-out"):
                continue
            for name in sorted(form.fields.keys() - {"csrfmiddlewaretoken", "key"}):
                field += 1
                for nasty in NASTY if FULL else NASTY[field % 3 :: 3]:
                    answer = owner.post(form.action, {**form.fields, name: nasty})
                    if answer.status_code >= 500:
                        wrong.append((form.action, name, nasty[:20], answer.status_code))
    assert wrong == []


@pytest.mark.parametrize("ticket", ["0", "2", "9" * 9, "9" * 18, "9" * 40])
def test_a_ticket_that_is_not_there_is_not_found(ticket: str, line: Queue) -> None:
    owner = browser_of("owner")
    for page in ("texts", "guest", "data"):
        assert owner.get(f"/queue/{line.code}/host/{page}/{ticket}").status_code == 404, page
    answer = owner.post("/venue/privacy/guest", {"line": line.code, "ticket": ticket})
    assert answer.status_code == 303 and answer["Location"].startswith("/venue/privacy")


def test_what_is_another_venues_is_not_found(line: Queue, other: Venue) -> None:
    owner, theirs, guest = browser_of("owner"), other.webhooks.get(), Guest.objects.get(venue=other)
    for action in ("", "/rotate", "/test", "/send-again", "/replay", "/enable", "/remove"):
        assert owner.post(f"/venue/webhooks/{theirs.pk}{action}", {"url": "https://x.example"}).status_code == 404, (
            action
        )
    owner.post(f"/venue/guests/{guest.pk}/forget")
    assert Guest.objects.filter(pk=guest.pk).exists() and other.webhooks.get().url == theirs.url
    elsewhere = lines.open_line(lines.NewLine(event_name="Bar", max_guests=9), venue=other)
    lines.join(elsewhere.pk, name="Ben")
    for page in ("texts", "guest", "data"):
        assert owner.get(f"/queue/{elsewhere.code}/host/{page}/1").status_code in (401, 403, 404), page
    answer = owner.post("/venue/privacy/guest", {"line": elsewhere.code, "ticket": "1"})
    assert answer["Location"].startswith("/venue/privacy")
    assert owner.get(f"/venue/webhooks?venue={other.pk}").status_code in (403, 404)


def test_each_page_is_for_its_roles_and_no_other_site(line: Queue, endpoint: Endpoint) -> None:
    may = {"owner": set(OWNERS), "manager": {"reach", "privacy"}, "host": set(), "": set()}
    for who, pages in may.items():
        browser = browser_of(who)
        for page in OWNERS:
            status = browser.get(f"/venue/{page}").status_code
            assert (status == 200) == (page in pages) and status in (200, 302, 403), (who, page, status)
    owner = Client(enforce_csrf_checks=True)
    owner.cookies = browser_of("owner").cookies
    paths = [f"/venue/{page}" for page in OWNERS]
    paths += ["/venue/sms/secret", "/venue/sms/test", "/venue/sms/remove", f"/venue/webhooks/{endpoint.pk}/rotate"]
    paths += [
        "/venue/guests/history",
        "/venue/privacy/guest",
        f"/queue/{line.code}/host/data/1",
        f"/queue/{line.code}/erase",
    ]
    for path in paths:
        assert owner.post(path, {}).status_code == 403, path
