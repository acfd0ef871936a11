"""The second step: an authenticator app and recovery codes, on each way in (X8). Passkeys: tests/browser/test_second_step.py."""

import base64
import hmac
import re
import struct
import time
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from django.test import Client

from venues import commands
from venues.models import User

PASSWORD, ADDRESS = "correct horse battery", "ana@example.com"
pytestmark = pytest.mark.django_db


def code_of(secret: str) -> str:
    """What an authenticator app shows now (RFC 6238)."""
    mac = hmac.digest(base64.b32decode(secret), struct.pack(">Q", int(time.time()) // 30), "sha1")
    start = mac[-1] & 15
    number: int = struct.unpack(">I", mac[start : start + 4])[0] & 0x7FFF_FFFF
    return f"{number % 10**6:06}"


@pytest.fixture
def ana() -> User:
    return commands.create_user(email=ADDRESS, password=PASSWORD, is_staff=True, is_superuser=True)


@pytest.fixture
def proved(ana: User) -> Client:
    """A browser that is signed in, and has proved itself once more."""
    client = Client()
    client.force_login(ana)
    asked = client.get("/account/second-step/app")
    assert asked["Location"].startswith("/account/again?")
    assert client.post(asked["Location"], {"password": PASSWORD})["Location"] == "/account/second-step/app"
    return client


@pytest.fixture
def secret(proved: Client) -> str:
    """An app is set up."""
    page = proved.get("/account/second-step/app").content.decode()
    found = re.search(r'<p class="code">(\w+)</p>', page)
    assert found, page
    assert "data:image/svg+xml" in page
    answer = proved.post("/account/second-step/app", {"code": code_of(found[1])})
    assert answer["Location"] == "/account/second-step/codes"
    return found[1]


def recovery_codes(proved: Client) -> list[str]:
    page = proved.get("/account/second-step/codes").content.decode()
    return re.findall(r'<li class="code">(\w+)</li>', page)


def sign_in(client: Client | None = None, password: str = PASSWORD, **more: str) -> tuple[Client, Any]:
    client = client or Client()
    return client, client.post("/sign-in", {"username": ADDRESS, "password": password, **more})


@pytest.mark.thorough
def test_the_password_alone_signs_nobody_in_and_next_is_kept(secret: str) -> None:
    client, answer = sign_in(next="/account")
    assert answer["Location"] == "/sign-in/code"
    assert client.get("/account").status_code == 302
    wrong = client.post("/sign-in/code", {"code": "000000"})
    assert "not right" in wrong.content.decode()
    assert client.post("/sign-in/code", {"code": code_of(secret)})["Location"] == "/account"
    assert client.get("/account").status_code == 200


@pytest.mark.thorough
def test_a_code_is_good_once(secret: str) -> None:
    code = code_of(secret)
    answers = [sign_in()[0].post("/sign-in/code", {"code": code}).status_code for _ in range(2)]
    assert answers == [302, 200]


@pytest.mark.thorough
def test_a_recovery_code_is_good_once(proved: Client, secret: str) -> None:
    codes = recovery_codes(proved)
    assert len(codes) == 10
    answers = [sign_in()[0].post("/sign-in/code", {"code": codes[0]}).status_code for _ in range(2)]
    assert answers == [302, 200]
    assert codes[0] not in recovery_codes(proved)


@pytest.mark.thorough
def test_wrong_codes_lock_the_account_from_there_for_passwords_too(secret: str) -> None:
    client, _ = sign_in()
    statuses = [client.post("/sign-in/code", {"code": f"{number:06}"}).status_code for number in range(11)]
    assert statuses[-1] == 429
    assert client.post("/sign-in/code", {"code": code_of(secret)}).status_code == 429
    assert sign_in()[1].status_code == 429


def test_secrets_are_stored_encrypted(proved: Client, secret: str) -> None:
    recovery_codes(proved)
    stored = str([*Authenticator.objects.values_list("data")])
    assert secret not in stored
    assert "seed" in stored and re.search(r"'seed': 'gAAAA", stored)


@pytest.mark.thorough
def test_the_admin_asks_for_it_on_the_hosts_page(secret: str) -> None:
    client = Client()
    answer = client.post("/admin/login/", {"username": ADDRESS, "password": PASSWORD, "next": "/admin/"})
    assert "has a second step" in answer.content.decode()
    client, _ = sign_in(client, next="/admin/")
    assert client.post("/sign-in/code", {"code": code_of(secret)})["Location"] == "/admin/"
    assert client.get("/admin/").status_code == 200


@pytest.mark.thorough
def test_it_can_be_taken_away_by_who_proves_themselves_again(proved: Client, secret: str) -> None:
    assert "Take it away" in proved.get("/account/second-step").content.decode()
    proved.post("/account/second-step/app/off")
    assert not Authenticator.objects.exists(), "recovery codes go with it"
    assert sign_in()[1]["Location"] == "/lines"


@pytest.mark.parametrize(
    "credential", ["", "{}", "[]", '"x"', "null", '{"id": 1}', '{"response": {"userHandle": "MQ"}}', "x" * 999]
)
def test_what_is_no_passkey_signs_nobody_in(ana: User, credential: str) -> None:
    client = Client()
    challenge = client.get("/sign-in/passkey", headers={"accept": "application/json"})
    assert challenge.json()["request_options"]["publicKey"]["userVerification"] == "required"
    answer = client.post("/sign-in/passkey", {"credential": credential})
    assert (answer.status_code, answer["Location"]) == (302, "/sign-in")
    assert client.get("/account").status_code == 302


def test_the_list_shows_each_sign_in_and_ends_all_others(ana: User) -> None:
    here = Client(headers={"user-agent": "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0) AppleWebKit Version/18 Safari/604"})
    there = Client(headers={"user-agent": "Mozilla/5.0 (Linux; Android 15) AppleWebKit Chrome/142.0 Mobile Safari/537"})
    for client in (here, there):
        sign_in(client)
    page = here.get("/account/sessions").content.decode()
    assert "Safari on an iPhone" in page and "Chrome on Android" in page
    here.post("/account/sessions")
    assert (here.get("/account").status_code, there.get("/account").status_code) == (200, 302)
    assert "Chrome on Android" not in here.get("/account/sessions").content.decode()
