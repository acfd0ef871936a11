"""A forgotten password, by mail; a new one by the person themselves. Neither tells who has an account (X8)."""

import re
from typing import Any

import pytest
from django.core import mail
from django.test import Client
from limits import parse
from pytest_django.fixtures import Settings

from core import rate_limits
from tests.mail.mail_server import perform
from venues import commands
from venues.models import User

OLD, NEW = "correct horse battery", "another horse battery"
ADDRESS = "ana@example.com"
pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def ana() -> User:
    return commands.create_user(email=ADDRESS, password=OLD)


def forget(address: str = ADDRESS) -> Any:
    return Client().post("/password/forgotten", {"email": address})


def link() -> str:
    """The path that was sent last."""
    perform()
    found = re.search(r"http://testserver(/password/\S+)", str(mail.outbox[-1].body))
    assert found
    return found[1]


def sign_in(password: str) -> int:
    return Client().post("/sign-in", {"username": ADDRESS, "password": password}).status_code


def test_the_link_leads_to_a_url_without_its_token_and_sets_the_password_once(ana: User) -> None:
    signed_in = Client()
    signed_in.force_login(ana)
    assert forget("Ana@Example.com ")["Location"] == "/password/sent"
    path, browser = link(), Client()
    led = browser.get(path)
    assert led["Referrer-Policy"] == "no-referrer"
    assert path.rsplit("/", 1)[1] not in led["Location"]
    page = browser.get(led["Location"])
    assert (page.status_code, page["Referrer-Policy"]) == (200, "no-referrer")
    weak = browser.post(led["Location"], {"password1": "password", "password2": "password"})
    assert "too short" in weak.content.decode()
    done = browser.post(led["Location"], {"password1": NEW, "password2": NEW})
    assert done["Location"] == "/password/chosen"
    assert (sign_in(OLD), sign_in(NEW)) == (200, 302)
    assert signed_in.get("/account").status_code == 302, "sessions of before have ended"
    assert "does not work any more" in Client().get(path).content.decode()


@pytest.mark.parametrize("path", ["%00/0", "%20/set-password", "A/0", "é/%00", "zzzzzzzzzzzzzzzz/0"])
def test_a_link_that_was_never_made_is_told_plainly(path: str) -> None:
    assert "does not work any more" in Client().get(f"/password/{path}").content.decode()


def test_the_answer_is_the_same_for_an_address_without_an_account() -> None:
    commands.create_user(email="ended@example.com", password=OLD)
    commands.create_user(email="elsewhere@example.com", password=None)
    User.objects.filter(email="ended@example.com").update(is_active=False)
    told = {(answer.status_code, answer["Location"]) for answer in map(forget, [ADDRESS, "unknown@example.com"])}
    told |= {
        (answer.status_code, answer["Location"])
        for answer in map(forget, ["ended@example.com", "elsewhere@example.com"])
    }
    assert told == {(302, "/password/sent")}
    perform()
    assert [message.to for message in mail.outbox] == [[ADDRESS]]


def test_who_asks_twice_is_sent_one_mail() -> None:
    forget()
    forget()
    perform()
    assert len(mail.outbox) == 1


@pytest.mark.parametrize("address", ["", "no address", "a@b", "x@" + "y" * 300 + ".example", "a\x00b@example.com"])
def test_what_is_no_address_is_said_at_the_field(address: str) -> None:
    answer = forget(address)
    assert answer.status_code == 200
    assert 'class="wrong"' in answer.content.decode()


def test_a_person_changes_their_password_and_stays_signed_in_here_only(ana: User) -> None:
    here, elsewhere = Client(), Client()
    for browser in (here, elsewhere):
        browser.force_login(ana)
    wrong = here.post("/account/password", {"oldpassword": "guess", "password1": NEW, "password2": NEW})
    assert "not your password" in wrong.content.decode()
    answer = here.post("/account/password", {"oldpassword": OLD, "password1": NEW, "password2": NEW}, follow=True)
    assert "Your password is changed" in answer.content.decode()
    assert elsewhere.get("/account").status_code == 302
    assert sign_in(NEW) == 302


@pytest.mark.thorough
def test_guesses_of_the_present_password_lock_the_account_from_there(ana: User) -> None:
    browser = Client()
    browser.force_login(ana)
    form = {"oldpassword": "guess", "password1": NEW, "password2": NEW}
    statuses = [browser.post("/account/password", form).status_code for _ in range(11)]
    assert statuses[-1] == 429
    assert sign_in(OLD) == 429, "one count for all ways to give a password"


def test_one_limit_counts_all_forms_that_take_a_password_or_send_one(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.RATE_LIMITS, settings.TRUSTED_PROXIES = True, 1
    monkeypatch.setattr(rate_limits, "SIGN_IN", parse("2 per minute"))
    browser = Client(headers={"x-forwarded-for": "198.51.100.31"})
    paths = ["/password/forgotten", "/password/1/set-password", "/sign-in", "/account/password", "/invitation"]
    statuses = [browser.post(path, {"email": ADDRESS}).status_code for path in paths]
    assert statuses[2:] == [429, 429, 429]


def test_without_local_passwords_no_page_takes_one(settings: Settings, ana: User) -> None:
    settings.LOCAL_PASSWORDS = False
    settings.AUTHENTICATION_BACKENDS = ["venues.people.NoPasswords", *settings.AUTHENTICATION_BACKENDS]
    assert sign_in(OLD) == 200
    assert 'name="password"' not in Client().get("/sign-in").content.decode()
    assert [Client().get(path).status_code for path in ("/password/forgotten", "/password/1/x")] == [404, 404]
    browser = Client()
    browser.force_login(ana, backend="django.contrib.auth.backends.ModelBackend")
    assert browser.get("/account").status_code == 200
    assert browser.get("/account/password").status_code == 404
