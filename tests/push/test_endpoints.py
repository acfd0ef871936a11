"""Where messages may go (attack X4): what is refused before anything is resolved, and what before anything is connected."""

import contextlib
import socket
import ssl
import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

from push import connections, sender
from push.endpoints import LONGEST_ENDPOINT, NotAllowed, parse
from push.sender import Outcome, Result
from tests.push.service import Browser, PushService, Reply, trap

FCM = "https://fcm.googleapis.com/fcm/send/abc:123"
MESSAGE = sender.Message(kind="test", title="Hi", body="There", url="/", ttl_s=60)


@pytest.fixture(autouse=True)
def no_transaction(monkeypatch: pytest.MonkeyPatch) -> None:
    """These tests have no database, and so no transaction to be in."""
    monkeypatch.setattr(sender, "connection", type("NoDatabase", (), {"in_atomic_block": False}))


class Resolver:
    """Answers names as it is told, one answer after the other, and counts."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, *answers: list[str]) -> None:
        self.answers = list(answers)
        self.asked = 0
        monkeypatch.setattr(socket, "getaddrinfo", self)

    def __call__(self, host: str, port: int, *args: Any, **options: Any) -> list[Any]:
        self.asked += 1
        addresses = self.answers[min(self.asked, len(self.answers)) - 1]
        return [
            (socket.AF_INET6 if ":" in address else socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port))
            for address in addresses
        ]


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


def send(endpoint: str, browser: Browser | None = None) -> Outcome:
    target = browser or Browser("")
    target.endpoint = endpoint
    return sender.send(target, MESSAGE)


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
        "https://fcm.googleapis.com/a\r\nX-Evil: 1",
        "https://fcm.goo\tgleapis.com/",
        "https://fcm.googleapis.com/é",
        "https://[/",
        "",
        FCM + "x" * LONGEST_ENDPOINT,
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


# ---------------------------------------------------------------------------------------------------------- connections
def test_a_connection_is_used_again(service: PushService) -> None:
    for _ in range(5):
        phone = service.browser()
        assert send(phone.endpoint, phone).result == Result.SENT
    assert service.connections == 1


def test_a_connection_closed_meanwhile_is_opened_anew(service: PushService) -> None:
    phone = service.browser()
    assert send(phone.endpoint, phone).result == Result.SENT
    phone.reply = Reply(headers={"Connection": "close"})
    assert send(phone.endpoint, phone).result == Result.SENT
    phone.reply = Reply()
    assert send(phone.endpoint, phone).result == Result.SENT
    (idle,) = connections.pool._idle
    idle._socket.shutdown(socket.SHUT_RDWR)
    assert send(phone.endpoint, phone).result == Result.SENT
    assert len(phone.received) == 4


def test_a_connection_cut_without_an_answer_is_trouble_for_later(service: PushService) -> None:
    phone = service.browser()
    phone.reply = Reply(how="drop")
    assert send(phone.endpoint, phone).result == Result.LATER


def test_idle_connections_are_few(service: PushService, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connections, "MOST_IDLE", 0)
    phone = service.browser()
    send(phone.endpoint, phone)
    assert len(connections.pool._idle) == 0


# ------------------------------------------------------------------------------------------------------------------ TLS
def certificate(folder: Path, name: str) -> tuple[Path, ssl.SSLContext]:
    """(a file with a self-signed certificate for `name`, a server's context that shows it)."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
        .sign(key, hashes.SHA256())
    )
    path = folder / f"{name}.pem"
    secret = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    path.write_bytes(secret + made.public_bytes(Encoding.PEM))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(path)
    return path, context


@pytest.mark.parametrize(
    ("said", "result"),
    [
        (b"HTTP/1.1 201 Created\r\n\r\n", Result.SENT),
        (b"HTTP/1.1 103 Early Hints\r\nA: b\r\n\r\nHTTP/1.1 201 Created\r\nContent-Length: 2\r\n\r\nok", Result.SENT),
        (b"HTTP/1.1 201 Created\r\nContent-Length: 99999\r\n\r\n" + b"x" * 50_000, Result.SENT),
        (b"HTTP/1.1 201 Created\r\nContent-Length: 0\r\n\r\nHTTP/1.1 410 Gone\r\n\r\n", Result.LATER),
        (b"HTTP/1.1 201 Created\r\nX: " + b"x" * 50_000, Result.LATER),
        (b"HTTP/1.1 201 Cre", Result.LATER),
        (b"HTTP/1.1 101 Switching\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\n", Result.LATER),
        (b"220 mail.example ESMTP\r\n", Result.LATER),
        (b"", Result.LATER),
    ],
)
def test_odd_answers(settings: Any, said: bytes, result: Result) -> None:
    settings.PUSH_TIMEOUT_S = 5
    with socket.create_server(("127.0.0.1", 0)) as server:
        host = f"127.0.0.1:{server.getsockname()[1]}"
        settings.PUSH_EXTRA_HOSTS = [host]

        def serve() -> None:
            connection, _ = server.accept()
            with connection:
                connection.recv(65536)
                with contextlib.suppress(OSError):
                    connection.sendall(said)

        serving = threading.Thread(target=serve, daemon=True)
        serving.start()
        assert send(f"http://{host}/x").result == result
        serving.join(5)
        assert len(connections.pool._idle) <= (1 if result == Result.SENT else 0)
        connections.pool.close()


@pytest.mark.parametrize(
    ("shown", "trusted", "how", "result"),
    [
        ("push.example", True, "answer", Result.SENT),
        ("other.example", True, "answer", Result.LATER),
        ("push.example", False, "answer", Result.LATER),
        ("push.example", True, "drip", Result.LATER),
    ],
)
def test_the_certificate_is_checked_for_the_name(
    tmp_path: Path, settings: Any, monkeypatch: pytest.MonkeyPatch, shown: str, trusted: bool, how: str, result: Result
) -> None:
    authority, context = certificate(tmp_path, shown)
    service = PushService(tls=context, name="push.example")
    settings.PUSH_EXTRA_HOSTS = [service.host]
    settings.PUSH_TIMEOUT_S = 0.5 if how == "drip" else 5
    Resolver(monkeypatch, ["127.0.0.1"])
    ours = connections.tls_context.__wrapped__()
    if trusted:
        ours.load_verify_locations(authority)
    monkeypatch.setattr(connections, "tls_context", lambda: ours)
    try:
        phone = service.browser()
        phone.reply = Reply(how=how)
        assert [send(phone.endpoint, phone).result for _ in range(2)] == [result] * 2
        assert service.connections <= 1 or result != Result.SENT
        assert not service.faults
    finally:
        connections.pool.close()
        service.close()
