"""Where messages may go (attack X4): what is refused before anything is resolved, and what before anything is connected."""

import socket
import threading
from typing import Any

import pytest

from outbox.addresses import LONGEST_ADDRESS, NotAllowed
from push.endpoints import parse
from push.sender import Outcome, Result
from tests.push.sending import FCM, send
from tests.push.service import PushService, trap
from tests.resolver import Resolver


@pytest.fixture
def connected(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """Where sockets were to be connected to; none is."""
    tried: list[Any] = []

    class Socket(socket.socket):
        def connect(self, address: Any) -> None:
            tried.append(address)
            raise ConnectionRefusedError

    monkeypatch.setattr(socket, "socket", Socket)
    return tried


# ------------------------------------------------------------------------------------------------------------ addresses
@pytest.mark.parametrize(
    "address",
    [
        FCM,
        "https://updates.push.services.mozilla.com/wpush/v2/gAAAA",
        "https://wns2-par02p.notify.windows.com/w/?token=BQYAAAC%2f",
        "https://web.push.apple.com/QGuQyavXutnMH",
        "https://push.example/any",
        "http://10.0.0.7:8080/any",
        "http://[fd00::7]:8080/any",
    ],
)
def test_push_services_are_allowed(address: str, settings: Any) -> None:
    settings.PUSH_EXTRA_HOSTS = ["push.example", "10.0.0.7:8080", "[fd00::7]:8080"]
    assert parse(address).url == address


def test_one_browser_has_one_spelling() -> None:
    assert parse("HTTPS://FCM.GoogleAPIs.com:443/fcm/send/abc:123").url == FCM


@pytest.mark.parametrize(
    "address",
    [
        "http://fcm.googleapis.com/fcm/send/abc",
        "ftp://fcm.googleapis.com/fcm/send/abc",
        "//fcm.googleapis.com/fcm/send/abc",
        "fcm.googleapis.com/fcm/send/abc",
        "https://fcm.googleapis.com:8443/fcm/send/abc",
        "https://fcm.googleapis.com:0/fcm/send/abc",
        "https://fcm.googleapis.com:99999/x",
        "https://me:secret@fcm.googleapis.com/fcm/send/abc",
        "https://@fcm.googleapis.com/",
        "https://fcm.googleapis.com@127.0.0.1/",
        "https://127.0.0.1\\@fcm.googleapis.com/",
        "https://fcm.googleapis.com\\.internal/",
        "https://fcm.googleapis.com#@127.0.0.1/",
        "https://fcm.googleapis.com./fcm/send/abc",
        "https://fcm.googleapis.com.evil.example/",
        "https://evilpush.apple.com.evil.example/",
        "https://xpush.apple.com/",
        "https://.push.apple.com/",
        "https://a..push.apple.com/",
        f"https://{'a' * 64}.notify.windows.com/",
        "https://127.0.0.1/",
        "https://[::1]/",
        "https://2130706433/",
        "https://169.254.169.254/latest/meta-data",
        "https://localhost/",
        "https://10.0.0.7:8080/any",
        "http://push.example:8080/any",
        "https://fcm.googleapis.com/a b",
        "https://fcm.googleapis.com/a\\b",
        "https://fcm.googleapis.com/a\r\nX-Evil: 1",
        "https://fcm.goo\tgleapis.com/",
        "https://fcm.googleapis.com/é",
        "https://[/",
        "",
        FCM + "x" * LONGEST_ADDRESS,
    ],
)
def test_nothing_else_is(address: str, settings: Any, connected: list[Any], monkeypatch: pytest.MonkeyPatch) -> None:
    settings.PUSH_EXTRA_HOSTS = ["push.example"]
    resolver = Resolver(monkeypatch, ["93.184.215.14"])
    with pytest.raises(NotAllowed) as refused:
        parse(address)
    assert not address or address not in str(refused.value)
    assert send(address).result == Result.REFUSED
    assert (resolver.asked, connected) == (0, [])


@pytest.mark.parametrize(
    "address",
    ["127.0.0.1", "10.1.2.3", "192.168.1.1", "172.16.0.1", "169.254.169.254", "100.64.0.1", "0.0.0.0", "224.0.0.1",
     "255.255.255.255", "::1", "::", "fe80::1", "fe80::1%2", "fd00::1", "ff02::1", "::ffff:127.0.0.1", "::ffff:10.0.0.1",
     "2002:7f00:1::", "64:ff9b::7f00:1", "64:ff9b::a00:1"],
)  # fmt: skip
def test_a_name_that_leads_inside_is_not_connected(
    address: str, connected: list[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    for answer in ([address], ["142.250.1.1", address]):
        Resolver(monkeypatch, answer)
        outcome = send(FCM)
        assert (outcome.result, outcome.detail) == (Result.LATER, "its name leads to an address that is not public")
    assert connected == []


def test_the_address_that_was_checked_is_the_one_connected(
    connected: list[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Rebinding: a second look at the name would lead inside; there is none."""
    resolver = Resolver(monkeypatch, ["142.250.1.1"], ["127.0.0.1"])
    assert send(FCM).result == Result.LATER
    assert (resolver.asked, connected) == (1, [("142.250.1.1", 443)])


def test_every_public_address_is_tried(connected: list[Any], monkeypatch: pytest.MonkeyPatch) -> None:
    Resolver(monkeypatch, ["2a00:1450::1", "64:ff9b::8efa:101", "142.250.1.1"])
    send(FCM)
    assert [address[0] for address in connected] == ["2a00:1450::1", "64:ff9b::8efa:101", "142.250.1.1"]


def test_a_resolver_that_hangs_costs_the_time_out(monkeypatch: pytest.MonkeyPatch, settings: Any) -> None:
    settings.PUSH_TIMEOUT_S = 0.2
    never = threading.Event()
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: never.wait(20) and [])
    assert send(FCM) == Outcome(Result.LATER, "its name was not resolved in time")
    never.set()


def test_proxies_of_the_environment_are_not_used(service: PushService, monkeypatch: pytest.MonkeyPatch) -> None:
    with trap() as proxy:
        for name in ("HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "ALL_PROXY"):
            monkeypatch.setenv(name, f"http://127.0.0.1:{proxy.port}")
        phone = service.browser()
        assert send(phone.endpoint, phone).result == Result.SENT
