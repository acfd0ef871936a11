"""Invitations: by mail or by link, once, for 7 days, for the person they are for; each end is told plainly."""

import re
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.core import mail
from django.test import Client

from core import clock
from core.actors import Actor
from tests.mail.mail_server import perform
from tests.venues.people_of_venue import PASSWORD, browser_of, member, venue_with_people
from venues import commands
from venues.invitations import token_of
from venues.models import Invitation, Membership, User, Venue

pytestmark = pytest.mark.django_db
ACCOUNT = {"first_name": "Neu", "password": PASSWORD}


@pytest.fixture
def venue() -> Venue:
    return venue_with_people()


def invite(email: str = "", role: str = "host") -> Any:
    """By the owner's page."""
    return browser_of("owner").post("/venue/people", {"email": email, "role": role, "key": uuid4()}, follow=True)


def link(email: str = "", role: str = "host") -> str:
    """The path of a new invitation's link, from the mail or from the owner's page."""
    page = invite(email, role)
    text = page.content.decode()
    if email:
        perform()
        text = str(mail.outbox[-1].body)
    found = re.search(r"http://testserver(/invitation/[\w-]+)", text)
    assert found, text
    return found[1]


def opened(path: str, browser: Client | None = None) -> tuple[Client, Any]:
    """The browser that opened the link, and the page it came to."""
    browser = browser or Client()
    led = browser.get(path)
    assert led["Referrer-Policy"] == "no-referrer"
    assert (led.status_code, led["Location"]) == (303, "/invitation")
    return browser, browser.get("/invitation")


@pytest.mark.thorough
def test_by_mail_a_new_person_makes_an_account_and_works_there(venue: Venue) -> None:
    browser, page = opened(link("New@Example.com", "manager"))
    text = page.content.decode()
    assert "Casa Azul" in text and "manager" in text and "new@example.com" in text
    answer = browser.post("/invitation", ACCOUNT)
    assert answer["Location"] == "/lines"
    assert member("new").role == "manager"
    assert browser.get("/lines").status_code == 200
    assert Client().post("/sign-in", {"username": "new@example.com", "password": PASSWORD}).status_code == 302


def test_by_link_a_person_with_an_account_signs_in_and_takes_it(venue: Venue) -> None:
    commands.create_user(email="ben@example.com", password=PASSWORD)
    browser, _ = opened(link())
    form = {"username": "ben@example.com", "password": PASSWORD, "next": "/invitation"}
    assert browser.post("/sign-in", form)["Location"] == "/invitation"
    assert "ben@example.com" in browser.get("/invitation").content.decode()
    assert browser.post("/invitation")["Location"] == "/lines"
    assert member("ben").role == "host"


def test_only_the_hash_of_the_token_is_stored(venue: Venue) -> None:
    path = link("new@example.com")
    token = path.rpartition("/")[2]
    assert token not in str(Invitation.objects.values().get())
    assert len(token) >= 43


def test_a_used_invitation_is_told_plainly(venue: Venue) -> None:
    path = link()
    browser, _ = opened(path)
    browser.post("/invitation", {**ACCOUNT, "email": "new@example.com"})
    _, page = opened(path)
    assert page.status_code == 410
    assert "used already" in page.content.decode()


def test_an_expired_invitation_is_told_plainly(venue: Venue) -> None:
    path = link()
    browser, _ = opened(path)
    Invitation.objects.update(expires_at=clock.now() - timedelta(seconds=1))
    for answer in (browser.get("/invitation"), browser.post("/invitation", {**ACCOUNT, "email": "new@example.com"})):
        assert answer.status_code == 410
        assert "expired" in answer.content.decode()
    assert not User.objects.filter(email="new@example.com").exists()


def test_a_revoked_invitation_is_told_plainly_and_has_left_the_owners_page(venue: Venue) -> None:
    path = link()
    invitation = Invitation.objects.get()
    owner = browser_of("owner")
    answer = owner.post(f"/venue/people/invitations/{invitation.pk}/revoke?venue={venue.pk}", follow=True)
    assert path not in answer.content.decode()
    _, page = opened(path)
    assert (page.status_code, "taken back" in page.content.decode()) == (410, True)


def test_another_person_is_told_whose_it_is_and_cannot_take_it(venue: Venue) -> None:
    path = link("new@example.com")
    commands.create_user(email="ben@example.com", password=PASSWORD)
    browser, page = opened(path, browser_of("ben"))
    assert page.status_code == 403
    assert "is for new@example.com, and you are signed in as ben@example.com" in page.content.decode()
    assert browser.post("/invitation").status_code == 403
    assert not Membership.objects.filter(user__email="ben@example.com").exists()


def test_a_member_is_told_that_they_work_there_and_does_not_use_it_up(venue: Venue) -> None:
    path = link()
    browser, page = opened(path, browser_of("host"))
    for answer in (page, browser.post("/invitation")):
        assert (answer.status_code, "already" in answer.content.decode()) == (409, True)
    assert opened(path)[1].status_code == 200


def test_an_address_with_an_account_is_led_to_the_sign_in(venue: Venue) -> None:
    browser, _ = opened(link())
    answer = browser.post("/invitation", {**ACCOUNT, "email": "Host@example.com"})
    assert (answer.status_code, "Sign in with it" in answer.content.decode()) == (400, True)
    assert Invitation.objects.get().accepted_at is None


@pytest.mark.parametrize(
    ("field", "value"),
    [("email", "no address"), ("email", ""), ("password", "short"), ("password", ""), ("first_name", "x" * 200)],
)
def test_what_is_wrong_is_said_at_the_field_and_nothing_is_made(venue: Venue, field: str, value: str) -> None:
    browser, _ = opened(link())
    answer = browser.post("/invitation", {**ACCOUNT, "email": "new@example.com", field: value})
    assert answer.status_code == 400
    assert re.search(rf'id="id_{field}_error"', answer.content.decode())
    assert not User.objects.filter(email="new@example.com").exists()


def test_a_slash_that_was_put_after_a_link_leaves_its_token_as_it_is(venue: Venue) -> None:
    for token in ("aB-_", "Ab_-"):
        assert Client().get(f"/invitation/{token}/")["Location"] == f"/invitation/{token}"


@pytest.mark.parametrize("token", ["x", "A" * 43, "%00", "é"])
def test_a_link_that_is_no_invitation_is_404_in_words(venue: Venue, token: str) -> None:
    answer = Client().get(f"/invitation/{token}")
    assert answer.status_code == 404
    assert Client().get("/invitation").status_code == 404


@pytest.mark.thorough
def test_an_address_is_invited_once_at_a_time_and_no_member_again(venue: Venue) -> None:
    invite("new@example.com")
    assert "still open" in invite("NEW@example.com").content.decode()
    assert "works here already" in invite("host@example.com").content.decode()
    perform()
    assert len(mail.outbox) == 1
    revoked = Invitation.objects.get()
    commands.revoke_invitation(venue_id=venue.pk, invitation_id=revoked.pk, actor=Actor("staff"))
    invite("new@example.com")
    perform()
    assert len(mail.outbox) == 2


def test_a_mail_that_is_late_for_a_revoked_invitation_is_not_sent(venue: Venue) -> None:
    invite("new@example.com")
    invitation = Invitation.objects.get()
    commands.revoke_invitation(venue_id=venue.pk, invitation_id=invitation.pk, actor=Actor("staff"))
    perform()
    assert mail.outbox == []
    assert token_of(invitation.pk)
