"""Another address for an account: proven by a link that is sent there, by the person themselves, once."""

import re
from datetime import timedelta
from typing import Any

import pytest
from django.core import mail
from django.test import Client

from core import clock
from tests.mail.mail_server import perform
from tests.venues.people_of_venue import PASSWORD
from venues import commands
from venues.models import User

OLD, NEW = "ana@example.com", "ana@new.example"
pytestmark = pytest.mark.django_db


@pytest.fixture
def ana() -> User:
    return commands.create_user(email=OLD, password=PASSWORD)


@pytest.fixture
def browser(ana: User) -> Client:
    return signed_in(OLD)


def signed_in(address: str) -> Client:
    """A browser in which the person has just given their password."""
    browser = Client()
    assert browser.post("/sign-in", {"username": address, "password": PASSWORD}).status_code == 302
    assert browser.post("/account/again", {"password": PASSWORD}).status_code == 302
    return browser


def ask(browser: Client, address: str = NEW) -> Any:
    return browser.post("/account/email", {"email": address})


def link() -> str:
    """The path that was sent last."""
    perform()
    found = re.search(r"http://testserver(/email/\S+)", str(mail.outbox[-1].body))
    assert found
    return found[1]


def address_of(ana: User) -> str:
    ana.refresh_from_db()
    return ana.email


def test_the_address_changes_when_the_link_is_followed_and_the_old_one_is_told(ana: User, browser: Client) -> None:
    assert ask(browser, " Ana@New.example ")["Location"] == "/account"
    assert f"on its way to {NEW}" in browser.get("/account").content.decode().replace("Ana@New.example", NEW)
    path = link()
    assert (mail.outbox[-1].to, address_of(ana)) == ([NEW], OLD)
    led = browser.get(path)
    assert (led["Referrer-Policy"], led["Location"]) == ("no-referrer", "/email/new")
    page = browser.get("/email/new").content.decode()
    assert NEW in page and address_of(ana) == OLD, "mail programs open links by themselves"
    assert browser.post("/email/new")["Location"] == "/account"
    assert address_of(ana) == NEW and NEW in browser.get("/account").content.decode()
    perform()
    assert mail.outbox[-1].to == [OLD] and NEW not in str(mail.outbox[-1].body)
    signed_in(NEW)
    assert browser.get(path).status_code == 404, "once"
    assert browser.post("/email/new").status_code == 404


def test_it_asks_for_the_password_once_more(ana: User) -> None:
    browser = Client()
    browser.force_login(ana)
    assert browser.get("/account/email")["Location"].startswith("/account/again")
    assert ask(browser)["Location"].startswith("/account/again")
    assert Client().get("/account/email")["Location"].startswith("/sign-in")
    perform()
    assert not mail.outbox


def test_only_the_person_themselves_can_use_the_link(ana: User, browser: Client) -> None:
    commands.create_user(email="eve@example.com", password=PASSWORD)
    ask(browser)
    path, eve, stranger = link(), signed_in("eve@example.com"), Client()
    for other in (eve, stranger):
        other.get(path)
    assert eve.post("/email/new").status_code == 403
    assert stranger.post("/email/new")["Location"].startswith("/sign-in?next=/email/new")
    assert address_of(ana) == OLD
    stranger.post("/sign-in", {"username": OLD, "password": PASSWORD})
    assert stranger.post("/email/new").status_code == 303, "on another device, once signed in there"
    assert address_of(ana) == NEW


def test_a_link_to_one_address_does_not_prove_another(ana: User, browser: Client) -> None:
    ask(browser, "mistyped@new.example")
    first = link()
    ask(browser)
    assert browser.get(first).status_code == 404
    browser.get(link())
    browser.post("/email/new")
    assert address_of(ana) == NEW


def test_a_link_is_good_for_an_hour(ana: User, browser: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    ask(browser)
    path = link()
    browser.get(path)
    later = clock.now() + timedelta(hours=1)
    monkeypatch.setattr(clock, "now", lambda: later)
    assert (browser.get(path).status_code, browser.post("/email/new").status_code) == (404, 404)
    assert address_of(ana) == OLD


def test_whether_an_account_has_the_address_is_told_only_to_its_reader(ana: User, browser: Client) -> None:
    commands.create_user(email=NEW, password=PASSWORD)
    assert ask(browser).status_code == ask(browser, "free@new.example").status_code == 303
    ask(browser)
    browser.get(link())
    answer = browser.post("/email/new")
    assert answer.status_code == 409 and "Another account has this address" in answer.content.decode()
    assert address_of(ana) == OLD


def test_asked_twice_one_mail_is_sent(browser: Client, ana: User) -> None:
    ask(browser)
    ask(browser)
    perform()
    assert len(mail.outbox) == 1


@pytest.mark.parametrize("address", ["", "no address", OLD, "x@" + "y" * 300 + ".example", "a\x00b@example.com"])
def test_what_cannot_be_the_new_address_is_said_at_the_field(address: str, browser: Client) -> None:
    answer = ask(browser, address)
    assert answer.status_code == 400 and 'id="id_email_error"' in answer.content.decode()


@pytest.mark.parametrize("token", ["x", "0f8fad5b-d9cb-469f-a165-70867728950e:x", "ü\x00"])
def test_a_link_that_was_not_made_here_opens_nothing(token: str) -> None:
    assert Client().get(f"/email/{token}").status_code == 404


def test_who_signs_in_by_another_service_has_no_address_to_change(ana: User) -> None:
    browser = signed_in(OLD)
    commands.set_password(user_id=ana.pk, password=None)
    browser.force_login(User.objects.get())
    assert "Change your e-mail" not in browser.get("/account").content.decode()
    assert browser.get("/account/email").status_code in {302, 403}
