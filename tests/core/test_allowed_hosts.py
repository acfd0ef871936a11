"""`private` in ALLOWED_HOSTS lets in addresses of private networks and *.local names, by rule; and who sets it."""

from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from django.http.request import HttpRequest
from django.test import Client
from pytest_django.fixtures import Settings

from config import settings as shipped
from core.allowed_hosts import is_allowed, is_ours
from devserver import run
from realtime.door import refusal_of
from tests.queues.database_lines import Floor

# No name on the public internet can be made to lead to these, so no page of another name can be at one (DNS rebinding).
PRIVATE = [
    "192.168.1.5", "192.168.1.5:8000", "10.0.0.1", "172.16.0.1", "172.31.255.255:80", "169.254.10.20", "127.0.0.1:8000",
    "127.8.8.8", "[::1]:8000", "[fe80::1]", "[fd00::1234]:8000", "[fc00::1]", "[::ffff:192.168.1.5]", "localhost:8000",
    "tablet.local", "tablet.local:8000", "TABLET.Local", "tablet.local.", "bar.tablet.local:8000",
]  # fmt: skip
FOREIGN = [
    "evil.example", "evil.example:8000", "8.8.8.8", "172.32.0.1", "172.15.255.255", "192.169.0.1", "11.0.0.1", "100.64.0.1",
    "0.0.0.0", "203.0.113.5", "[2001:db8::1]", "[2606:4700::1111]", "[::]", "[::ffff:8.8.8.8]", "private", "private:8000",
    "local", ".local", "tablet.local.evil.example", "tabletlocal", "tablet.local@evil.example", "192.168.1.5.evil.example",
    "192.168.1.5.nip.io", "192.168.1", "192.168.1.5.6", "192.168.010.1", "3232235777", "0xc0a80105", "1.5", "fe80::1",
    "[fe80::1%25eth0]", "[192.168.1.5]", "tablet..local", "-.local", "", " ", "[", "[]", "tablet", "tablet.lan",
    "192.168.1.5:x", "192.168.1.5:8000:1", "tablet.local/",
]  # fmt: skip


def django_takes(host: str) -> bool:
    request = HttpRequest()
    request.META = {"HTTP_HOST": host}
    try:
        return bool(request.get_host())
    except Exception:  # noqa: BLE001 — DisallowedHost
        return False


def scope(host: str, **more: Any) -> dict[str, Any]:
    headers = [(b"host", host.encode()), *((name.encode(), value.encode()) for name, value in more.items())]
    return {"type": "http", "method": "GET", "path": "/", "http_version": "1.1", "headers": headers}


@pytest.mark.parametrize("host", PRIVATE)
def test_private_addresses_and_local_names_are_ours_by_rule(host: str, settings: Settings) -> None:
    settings.ALLOWED_HOSTS = ["private"]
    assert is_allowed(host.encode())
    assert is_ours(scope(host))
    assert django_takes(host)


@pytest.mark.parametrize("host", FOREIGN)
def test_no_other_name_is(host: str, settings: Settings) -> None:
    settings.ALLOWED_HOSTS = ["private"]
    assert not is_allowed(host.encode())
    assert not django_takes(host)


@pytest.mark.parametrize("host", [host for host in PRIVATE if not host.startswith(("127.0.0.1", "[::1]", "localhost"))])
def test_without_the_word_none_of_them_is(host: str, settings: Settings) -> None:
    settings.ALLOWED_HOSTS = ["localhost", "127.0.0.1", "[::1]"]
    assert not is_allowed(host.encode())
    assert not django_takes(host)


def test_names_may_stand_beside_the_word(settings: Settings) -> None:
    settings.ALLOWED_HOSTS = ["line.example.com", "private", ".example.org"]
    for host in ("line.example.com", "a.example.org", "10.1.2.3"):
        assert is_allowed(host.encode())
        assert django_takes(host)
    assert not is_allowed(b"example.com")


# ------------------------------------------------------------------------------- what is made of the host goes with it
@pytest.mark.django_db
@pytest.mark.parametrize("host", ["192.168.1.5:8000", "tablet.local:8000"])
def test_forms_links_and_sockets_follow_an_address_that_came_later(host: str, settings: Settings) -> None:
    settings.ALLOWED_HOSTS = ["private"]
    line = Floor.opened().queue
    phone = Client(enforce_csrf_checks=True, headers={"host": host})
    form = phone.get(f"/queue/{line.code}")
    assert form.status_code == 200
    sent = {"csrfmiddlewaretoken": phone.cookies["csrftoken"].value, "name": "Ada", "size": "2", "key": str(uuid4())}
    foreign = phone.post(f"/queue/{line.code}", sent, headers={"origin": "http://192.168.1.6:8000"})
    assert foreign.status_code == 403
    joined = phone.post(f"/queue/{line.code}", sent, headers={"origin": f"http://{host}"})
    assert joined.status_code == 303, joined.content
    made = phone.post(
        "/api/queue/create",
        {"eventName": "?", "maxGuests": 5},
        "application/json",
        headers={"origin": f"http://{host}"},
    )
    assert made.json()["joinUrl"].startswith(f"http://{host}/queue/")
    assert refusal_of(scope(host, origin=f"http://{host}")) == 0
    assert refusal_of(scope(host, origin="http://192.168.1.6:8000")) == 403
    assert refusal_of(scope("evil.example", origin="http://evil.example")) == 400


# -------------------------------------------------------------------------------------------------------- who sets it
@pytest.mark.parametrize(
    ("host", "private"),
    [("0.0.0.0", True), ("::", True), ("192.168.1.5", True), ("10.0.0.7", True), ("fd00::1", True), ("127.0.0.1", False),
     ("localhost", False), ("::1", False), ("203.0.113.5", False), ("8.8.8.8", False)],
)  # fmt: skip
def test_make_run_sets_it_where_phones_are_let_in(
    host: str, private: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("ALLOWED_HOSTS", raising=False)
    names = run.child_environment(tmp_path, host, 8000)["ALLOWED_HOSTS"].split(",")
    assert ("private" in names) == private
    assert {"localhost", "127.0.0.1", "[::1]"} <= set(names)
    assert len(names) == len(set(names))


def test_what_the_operator_has_set_stays(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ALLOWED_HOSTS", "line.example.com")
    assert run.child_environment(tmp_path, "0.0.0.0", 8000)["ALLOWED_HOSTS"] == "line.example.com"


def test_it_is_never_the_default() -> None:
    assert "private" not in shipped.ALLOWED_HOSTS
