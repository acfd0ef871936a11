"""Signing in by OpenID Connect, against a real provider: whose account it is, and who gets one."""

from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from allauth.socialaccount.models import SocialAccount
from django.test import Client
from oidc_provider_mock import User as Person
from oidc_provider_mock import run_server_in_thread
from pytest_django.fixtures import Settings

from core.actors import SYSTEM
from tests.venues.people_of_venue import PASSWORD, browser_of, member, venue_with_people
from venues import commands
from venues.invitations import token_of
from venues.models import User

PEOPLE = [
    Person(sub="17", claims={"email": "Host@example.com", "email_verified": True}),
    Person(sub="18", claims={"email": "new@example.com", "email_verified": True, "given_name": "Neu"}),
    Person(sub="19", claims={"email": "owner@example.com", "email_verified": False}),
    Person(sub="20", claims={}),
]
pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def issuer() -> Iterator[str]:
    with run_server_in_thread(user_claims=PEOPLE) as server:
        yield f"http://localhost:{server.server_port}"


@pytest.fixture(autouse=True)
def service(settings: Settings, issuer: str) -> None:
    """The installation knows the service."""
    settings.OIDC_ISSUER, settings.OIDC_NAME = issuer, "Casa ID"
    app = {
        "provider_id": "oidc",
        "name": "Casa ID",
        "client_id": "tallyline",
        "secret": "secret",
        "settings": {"server_url": issuer},
    }
    settings.SOCIALACCOUNT_PROVIDERS = {"openid_connect": {"APPS": [app], "OAUTH_PKCE_ENABLED": True}}
    venue_with_people()


def sign_in(
    sub: str, browser: Client | None = None, path: str = "/sign-in/with/oidc", **form: str
) -> tuple[Client, Any]:
    """Through the service, as this person of its."""
    browser = browser or Client()
    there = browser.get(path)
    assert there.status_code == 302, there.content
    assert parse_qs(urlsplit(there["Location"]).query)["code_challenge_method"] == ["S256"]
    back = httpx.post(there["Location"], data={"sub": sub, **form})
    way = urlsplit(back.headers["location"])
    assert way.path == "/sign-in/with/oidc/back"
    return browser, browser.get(f"{way.path}?{way.query}")


@pytest.mark.thorough
def test_a_person_is_found_by_their_verified_address_and_then_by_the_services_id() -> None:
    assert "Sign in with Casa ID" in Client().get("/sign-in").content.decode()
    browser, answer = sign_in("17", path="/sign-in/with/oidc?next=/account")
    assert answer["Location"] == "/account"
    assert "host@example.com" in browser.get("/account").content.decode()
    User.objects.filter(email="host@example.com").update(email="moved@example.com")
    browser, _ = sign_in("17")
    assert "moved@example.com" in browser.get("/account").content.decode()
    assert [*SocialAccount.objects.values_list("uid", "extra_data")] == [("17", {})], "no more of the person is kept"


@pytest.mark.thorough
def test_an_address_that_the_service_did_not_verify_opens_no_account(settings: Settings) -> None:
    for sub in ("19", "20"):
        browser, answer = sign_in(sub)
        assert (answer.status_code, "did not confirm" in answer.content.decode()) == (403, True)
        assert browser.get("/account").status_code == 302
    settings.OIDC_TRUST_ADDRESSES = True
    assert sign_in("19")[1]["Location"] == "/lines"


def test_a_stranger_is_told_to_ask_for_an_invitation_and_gets_no_account() -> None:
    _, answer = sign_in("18")
    assert (answer.status_code, "to invite you" in answer.content.decode()) == (403, True)
    assert not User.objects.filter(email="new@example.com").exists()


@pytest.mark.thorough
def test_with_an_invitation_a_stranger_gets_an_account_without_a_password() -> None:
    venue = member("owner").venue
    invitation = commands.invite(
        venue_id=venue.pk, role="manager", email="new@example.com", origin="http://testserver", actor=SYSTEM
    )
    browser = Client()
    browser.get(f"/invitation/{token_of(invitation.pk)}")
    _, answer = sign_in("18", browser)
    assert answer["Location"] == "/lines"
    made = member("new")
    assert (made.role, made.user.has_usable_password()) == ("manager", False)


def test_an_invitation_for_another_address_gives_nothing() -> None:
    venue = member("owner").venue
    invitation = commands.invite(
        venue_id=venue.pk, role="owner", email="other@example.com", origin="http://testserver", actor=SYSTEM
    )
    browser = Client()
    browser.get(f"/invitation/{token_of(invitation.pk)}")
    _, answer = sign_in("18", browser)
    assert answer.status_code == 403
    assert not User.objects.filter(email="new@example.com").exists()


def test_who_is_shut_out_stays_out() -> None:
    User.objects.filter(email="host@example.com").update(is_active=False)
    browser, _ = sign_in("17")
    assert browser.get("/account").status_code == 302


def test_without_passwords_it_is_the_way_in(settings: Settings) -> None:
    settings.LOCAL_PASSWORDS = False
    settings.AUTHENTICATION_BACKENDS = ["venues.people.NoPasswords", *settings.AUTHENTICATION_BACKENDS]
    browser, _ = sign_in("17")
    assert browser.get("/account").status_code == 200
    assert Client().post("/sign-in", {"username": "host@example.com", "password": PASSWORD}).status_code == 200


def test_a_refusal_of_the_service_and_an_answer_that_nobody_asked_for_are_told() -> None:
    for answer in (sign_in("17", action="deny")[1], Client().get("/sign-in/with/oidc/back?code=x&state=y")):
        assert (answer.status_code, "did not sign you in" in answer.content.decode()) == (403, True)


def test_a_service_that_is_away_is_told(settings: Settings) -> None:
    settings.SOCIALACCOUNT_PROVIDERS["openid_connect"]["APPS"][0]["settings"] = {"server_url": "http://localhost:1"}
    answer = Client().get("/sign-in/with/oidc")
    assert (answer.status_code, "did not sign you in" in answer.content.decode()) == (502, True)


@pytest.mark.parametrize("path", ["/sign-in/with/oidc", "/sign-in/with/oidc/back", "/sign-in/with/other"])
def test_where_no_service_is_set_there_is_no_such_page(settings: Settings, path: str) -> None:
    settings.OIDC_ISSUER = settings.OIDC_NAME = ""
    settings.SOCIALACCOUNT_PROVIDERS = {}
    assert Client().get(path).status_code == 404
    assert browser_of("host").get("/account").status_code == 200
