"""What receivers do wrong, byte by byte: each is an outcome with a sentence, bounded in time and memory (X4)."""

import contextlib
import gzip
import itertools
import socket
import ssl
import threading
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path
from typing import Any

import pytest

from outbox import connections
from outbox.signing import new_secret
from tests.push.test_connections import certificate
from tests.resolver import Resolver
from webhooks.sender import LONGEST_WAIT_S, Outcome, send, wait_of

OK = b"HTTP/1.1 200 OK\r\n"
BOMB = gzip.compress(b"\0" * 50_000_000)
# More than all buffers on the way can hold: a sender that read on would have to take it in.
ENDLESS = 64 * 1024 * 1024
Answering = Callable[[], Iterable[bytes]]


def endless(begin: bytes, more: bytes) -> Answering:
    """An answer that goes on and on."""
    return lambda: itertools.chain([begin], itertools.repeat(more * max(1, 65_536 // len(more))))


class Raw:
    """A receiver that sends bytes, or nothing. `sent`: how many its client took before it went away."""

    def __init__(self, answer: Answering, *, tls: ssl.SSLContext | None = None, holds: bool = False) -> None:
        self.sent = 0
        self._server = socket.create_server(("127.0.0.1", 0))
        self.host = f"127.0.0.1:{self._server.getsockname()[1]}"
        self._answer, self._tls, self._holds = answer, tls, holds
        self.over = threading.Event()
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    def _serve(self) -> None:
        with contextlib.suppress(OSError):
            plain, _ = self._server.accept()
            connection = self._tls.wrap_socket(plain, server_side=True) if self._tls else plain
            with connection:
                connection.recv(65_536)
                for part in self._answer():
                    connection.sendall(part)
                    self.sent += len(part)
                    if self.sent >= ENDLESS:
                        break
                if self._holds:
                    self.over.wait(30)

    def close(self) -> None:
        self.over.set()
        self._server.close()
        self._thread.join(30)
        assert not self._thread.is_alive() and self.sent < ENDLESS, "the sender reads on"


@pytest.fixture
def told(settings: Any) -> Iterator[Callable[..., Outcome]]:
    """What comes of a message to a receiver that answers so."""
    made: list[Raw] = []
    settings.WEBHOOK_TIMEOUT_S = 1.0

    def tell(answer: Answering, *, scheme: str = "http", host: str = "", **how: Any) -> Outcome:
        made.append(Raw(answer, **how))
        port = made[-1].host.rpartition(":")[2]
        settings.WEBHOOK_EXTRA_HOSTS = [f"{host}:{port}" if host else made[-1].host]
        try:
            return send(f"{scheme}://{settings.WEBHOOK_EXTRA_HOSTS[0]}/hook", "msg_1", b"{}", [new_secret()])
        finally:
            connections.pool.close()

    yield tell
    for each in made:
        each.close()


@pytest.mark.parametrize(
    ("answer", "taken", "detail"),
    [
        (lambda: [OK, b"\r\n"], True, "HTTP 200"),
        # The status is what counts; a body is not waited for, and of it no more is read than 16 KiB.
        (endless(OK + b"\r\n", b"x"), True, "HTTP 200"),
        (endless(OK + b"Transfer-Encoding: chunked\r\n\r\n", b"1\r\nx\r\n"), True, "HTTP 200"),
        (lambda: [OK + b"Content-Encoding: gzip\r\n", b"Content-Length: %d\r\n\r\n" % len(BOMB), BOMB], True, "HTTP 200"),
        (lambda: [b"HTTP/1.1 204 No Content\r\n\r\n"], True, "HTTP 204"),
        (endless(OK, b"X: y\r\n"), False, "no answer in HTTP"),
        (endless(OK + b"X: ", b"y"), False, "no answer in HTTP"),
        (endless(b"", b"HTTP/1.1 100 Continue\r\n\r\n"), False, "no answer in HTTP"),
        (endless(b"", b"\0"), False, "no answer in HTTP"),
        (lambda: [b"HTTP/1.1 101 Switching\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\n"], False, "no answer in HTTP"),
        (lambda: [b"SSH-2.0-OpenSSH_9.2\r\n"], False, "no answer in HTTP"),
        (lambda: [b"HTTP/1.1 2"], False, "no connection (ConnectionResetError)"),
        (lambda: [b"HTTP/1.1 307 Moved\r\nLocation: http://169.254.169.254/\r\nContent-Length: 0\r\n\r\n"], False,
         "HTTP 307, and redirects are not followed"),
        (lambda: [b"HTTP/1.1 410 Gone\r\n\r\n"], False, "HTTP 410"),
        (lambda: [b"HTTP/1.1 429 Slow\r\nRetry-After: 90\r\n\r\n"], False, "HTTP 429, and asks to wait 90 s"),
        (lambda: [b"HTTP/1.1 429 Slow\r\nRetry-After: soon\r\n\r\n"], False, "HTTP 429"),
        (lambda: [b"HTTP/1.1 200 OK\r\nRetry-After: 90\r\n\r\n"], True, "HTTP 200"),
    ],
)  # fmt: skip
def test_an_odd_answer_is_an_outcome(told: Callable[..., Outcome], answer: Answering, taken: bool, detail: str) -> None:
    outcome = told(answer)
    assert (outcome.taken, outcome.detail) == (taken, detail)
    assert (outcome.gone, outcome.after_s) == ("410" in detail, 90 if "90" in detail else 0)


@pytest.mark.parametrize(
    ("begin", "taken", "detail"),
    [
        (b"", False, "no answer within 1 s"),
        (OK + b"X: y", False, "no answer within 1 s"),
        (OK + b"Content-Length: 9\r\n\r\nabc", True, "HTTP 200"),
    ],
)
def test_one_that_stands_still_costs_the_time_out(
    told: Callable[..., Outcome], begin: bytes, taken: bool, detail: str
) -> None:
    outcome = told(lambda: [begin], holds=True)
    assert (outcome.taken, outcome.detail) == (taken, detail)
    assert outcome.took_ms >= 990, "it was the time-out that ended it"


def test_one_that_drips_costs_the_time_out(told: Callable[..., Outcome]) -> None:
    """Each byte comes in time, the answer does not."""
    going = threading.Event()

    def drip() -> Iterator[bytes]:
        yield OK
        for _ in range(200):
            going.wait(0.05)
            yield b"X"

    assert told(drip).detail == "no answer within 1 s"


@pytest.mark.parametrize(
    ("shown", "trusted", "detail"),
    [
        ("till.example", True, "HTTP 200"),
        ("till.example", False, "no trusted connection (CERTIFICATE_VERIFY_FAILED)"),
        ("other.example", True, "no trusted connection (CERTIFICATE_VERIFY_FAILED)"),
        (None, False, "no trusted connection ("),
    ],
)
def test_the_certificate_is_the_names(
    told: Callable[..., Outcome], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, shown: str | None, trusted: bool,
    detail: str,
) -> None:  # fmt: skip
    """None: it speaks plain HTTP where TLS is meant."""
    Resolver(monkeypatch, ["127.0.0.1"])
    ours = connections.tls_context.__wrapped__()
    tls = None
    if shown:
        path, tls = certificate(tmp_path, shown)
        if trusted:
            ours.load_verify_locations(path)
    monkeypatch.setattr(connections, "tls_context", lambda: ours)
    outcome = told(lambda: [OK, b"Content-Length: 0\r\n\r\n"], scheme="https", host="till.example", tls=tls)
    assert outcome.detail.startswith(detail) and outcome.taken == (detail == "HTTP 200")


def test_a_rest_that_is_asked_for_is_read_and_bounded() -> None:
    soon = datetime.now(UTC) + timedelta(seconds=100)
    assert 90 <= wait_of(format_datetime(soon, usegmt=True)) <= 100
    long_ago = format_datetime(soon - timedelta(days=9), usegmt=True)
    assert [wait_of(each) for each in ("7", " 7 ", "0", "-7", "", "soon", long_ago, "1.5", "٧")] == [7, 7, *[0] * 7]
    assert {wait_of(each) for each in ("9" * 30, format_datetime(soon + timedelta(days=9), usegmt=True))} == {
        LONGEST_WAIT_S
    }


@pytest.mark.parametrize("date", [f"Mon, 01 Jan {'9' * 20} 00:00:00 GMT", f"Mon, 01 Jan 2027 00:00:00 +{'9' * 20}"])
def test_a_rest_until_a_time_beyond_all_dates_is_an_outcome_as_any_other(
    told: Callable[..., Outcome], date: str
) -> None:
    answer = f"HTTP/1.1 503 Away\r\nRetry-After: {date}\r\nContent-Length: 0\r\n\r\n".encode()
    outcome = told(lambda: [answer])
    assert (outcome.taken, outcome.detail, outcome.after_s) == (False, "HTTP 503", 0)
