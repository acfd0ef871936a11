"""Connections to push services: used again, closed, odd answers, certificates."""

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

from outbox import connections
from push.sender import Result
from tests.push.sending import send
from tests.push.service import PushService, Reply
from tests.resolver import Resolver


# ---------------------------------------------------------------------------------------------------------- connections
def test_a_connection_is_used_again(service: PushService) -> None:
    for _ in range(5):
        phone = service.browser()
        assert send(phone.endpoint, phone).result == Result.SENT
    assert service.connections == 1


def test_a_connection_that_was_closed_is_opened_anew(service: PushService) -> None:
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


def test_data_that_was_not_asked_for_is_no_answer(settings: Any) -> None:
    """Servers send 408 on a connection that is idle for long; it must not be taken for the next message's answer."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        host = f"127.0.0.1:{server.getsockname()[1]}"
        settings.PUSH_EXTRA_HOSTS = [host]
        answered = threading.Event()

        def serve() -> None:
            with server.accept()[0] as first:
                first.recv(65536)
                first.sendall(b"HTTP/1.1 201 Created\r\nContent-Length: 0\r\n\r\n")
                assert sent.wait(5)
                first.sendall(b"HTTP/1.1 408 Request Timeout\r\nContent-Length: 0\r\n\r\n")
                answered.set()
                with server.accept()[0] as second:
                    second.recv(65536)
                    second.sendall(b"HTTP/1.1 201 Created\r\nContent-Length: 0\r\n\r\n")

        sent = threading.Event()
        threading.Thread(target=serve, daemon=True).start()
        assert send(f"http://{host}/x").result == Result.SENT
        sent.set()
        assert answered.wait(5)
        assert send(f"http://{host}/x").result == Result.SENT
        connections.pool.close()


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
    ("answer", "result"),
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
def test_odd_answers(settings: Any, answer: bytes, result: Result) -> None:
    settings.PUSH_TIMEOUT_S = 5
    with socket.create_server(("127.0.0.1", 0)) as server:
        host = f"127.0.0.1:{server.getsockname()[1]}"
        settings.PUSH_EXTRA_HOSTS = [host]

        def serve() -> None:
            connection, _ = server.accept()
            with connection:
                connection.recv(65536)
                with contextlib.suppress(OSError):
                    connection.sendall(answer)

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
