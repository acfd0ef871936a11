"""X8: behind a proxy, a stranger's wrong passwords lock out the stranger alone (decision 0022), on our page and in the admin.
Neither page tells who has an account."""

import re
from typing import Any

import pytest
from django.test import Client
from limits import parse
from pytest_django.fixtures import Settings

from core import rate_limits
from venues import commands
from venues.models import User

PASSWORD = "correct horse battery"
PAGES = ["/sign-in", "/admin/login/"]


@pytest.fixture(autouse=True)
def behind_a_proxy(settings: Settings, db: None) -> None:
    """The connection's address is the proxy's, for all."""
    settings.TRUSTED_PROXIES = 1
    commands.create_user(email="boss@example.com", password=PASSWORD, is_staff=True, is_superuser=True)


def sign_in(door: str, address: str, password: str = "wrong") -> Any:
    form = {"username": "boss@example.com", "password": password}
    return Client().post(door, form, headers={"x-forwarded-for": f"203.0.113.1, {address}"})


@pytest.mark.thorough
@pytest.mark.parametrize("door", PAGES)
@pytest.mark.parametrize(
    ("strangers", "host"),
    [
        ("198.51.100.66", "198.51.100.7"),
        ("198.51.100.66:1111", "198.51.100.7:2222"),
        ("[2001:db8:1::1]:1111", "[2001:db8:2::1]:2222"),
        ("_stranger", "_host"),
    ],
)
def test_a_strangers_wrong_passwords_do_not_lock_the_host_out(door: str, strangers: str, host: str) -> None:
    for number in range(10):
        answer = sign_in(door, strangers.replace("1111", f"{1000 + number}"))
    assert answer.status_code == 429
    assert sign_in(door, strangers, PASSWORD).status_code == 429, "locked, the right password or not"
    assert sign_in(door, host, PASSWORD).status_code == 302


@pytest.mark.parametrize("door", PAGES)
def test_one_address_does_not_try_many_accounts(settings: Settings, monkeypatch: pytest.MonkeyPatch, door: str) -> None:
    settings.RATE_LIMITS = True
    monkeypatch.setattr(rate_limits, "SIGN_IN", parse("3 per minute"))
    mine = f"198.51.100.{8 + PAGES.index(door)}"

    def attempt(number: int, door: str = door) -> Any:
        form = {"username": f"{number}@example.com", "password": "guess"}
        return Client().post(door, form, headers={"x-forwarded-for": f"{mine}:{4000 + number}"})

    assert [attempt(number).status_code for number in range(4)] == [200, 200, 200, 429]
    # One limit for all ways in.
    assert [attempt(9, other).status_code for other in PAGES] == [429, 429]
    assert int(attempt(5)["Retry-After"]) >= 1
    assert sign_in(door, "198.51.100.99", PASSWORD).status_code == 302


@pytest.mark.thorough
@pytest.mark.parametrize("door", PAGES)
def test_the_answer_does_not_tell_which_addresses_have_an_account(door: str) -> None:
    """Up to the lock-out and beyond: a known address, one that was ended, an unknown one."""
    for name in ("clerk", "ended"):
        commands.create_user(email=f"{name}@example.com", password=PASSWORD, is_staff=True, is_superuser=False)
    User.objects.filter(email="ended@example.com").update(is_active=False)
    told = []
    for number, name in enumerate(("boss", "clerk", "ended", "nobody")):
        browser = Client(headers={"x-forwarded-for": f"203.0.113.1, 198.51.100.{20 + number}"})
        fields = {"username": f"{name}@example.com", "password": PASSWORD if name == "ended" else "wrong"}
        answers = [browser.post(door, fields) for _ in range(11)]
        told.append([(answer.status_code, _unproved(answer, name)) for answer in answers])
    assert told[0][-1][0] == 429
    assert all(each == told[0] for each in told)


def _unproved(answer: Any, name: str) -> str:
    """The page but for the form's proof and what was typed."""
    return re.sub(r'name="csrfmiddlewaretoken" value="\w+"', "", answer.content.decode()).replace(name, "NAME")
