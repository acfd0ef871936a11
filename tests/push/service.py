"""A push service and its browsers for tests: real HTTP on loopback, messages decrypted and proofs checked as by a browser.

It shares no code with push/: decryption is http_ece's with the browser's own keys, the proof is checked by hand.
"""

import base64
import contextlib
import json
import secrets
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import http_ece
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat


def b64(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def unb64(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


@dataclass(frozen=True)
class Reply:
    """What the service answers to a browser's messages. `how`: "answer", "hang", "drip" or "drop" (closes the line)."""

    status: int = 201
    headers: dict[str, str] = field(default_factory=dict)
    how: str = "answer"


@dataclass
class Received:
    """A message as the browser saw it."""

    payload: dict[str, Any]
    headers: dict[str, str]
    claims: dict[str, Any]

    @property
    def kind(self) -> str:
        return str(self.payload["kind"])


class Browser:
    """One subscription: its keys, its address, what it got, and what the service answers for it."""

    def __init__(self, origin: str) -> None:
        self.renew_keys()
        self.path = f"/push/{secrets.token_urlsafe(24)}"
        self.endpoint = origin + self.path
        self.received: list[Received] = []
        self.attempts = 0
        self.reply = Reply()

    def renew_keys(self) -> None:
        """From now on only messages that were encrypted for these can be read."""
        self._key = ec.generate_private_key(ec.SECP256R1())
        self.secret = secrets.token_bytes(16)

    @property
    def p256dh(self) -> str:
        return b64(self._key.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint))

    @property
    def auth(self) -> str:
        return b64(self.secret)

    @property
    def subscription(self) -> dict[str, Any]:
        """As PushSubscription.toJSON() gives it."""
        keys = {"p256dh": self.p256dh, "auth": self.auth}
        return {"endpoint": self.endpoint, "expirationTime": None, "keys": keys}

    @property
    def kinds(self) -> list[str]:
        return [message.kind for message in self.received]

    def open(self, body: bytes) -> dict[str, Any]:
        """Decrypts as the browser does (RFC 8291)."""
        plain = http_ece.decrypt(body, private_key=self._key, auth_secret=self.secret, version="aes128gcm")
        payload: dict[str, Any] = json.loads(plain)
        return payload


def checked_claims(authorization: str, *, origin: str, public_key: str | None = None) -> dict[str, Any]:
    """The claims of a `vapid` header, or AssertionError / InvalidSignature (RFC 8292)."""
    scheme, _, rest = authorization.partition(" ")
    assert scheme == "vapid", scheme
    parameters = dict(part.strip().split("=", 1) for part in rest.split(","))
    point = unb64(parameters["k"])
    assert public_key is None or parameters["k"] == public_key, "signed with another key than browsers were given"
    head, claims, signature = parameters["t"].split(".")
    raw = unb64(signature)
    assert len(raw) == 64
    der = encode_dss_signature(int.from_bytes(raw[:32], "big"), int.from_bytes(raw[32:], "big"))
    key = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), point)
    key.verify(der, f"{head}.{claims}".encode(), ec.ECDSA(hashes.SHA256()))
    assert json.loads(unb64(head)) == {"typ": "JWT", "alg": "ES256"}
    payload: dict[str, Any] = json.loads(unb64(claims))
    assert payload["aud"] == origin, payload["aud"]
    assert 0 < payload["exp"] - time.time() <= 12 * 3600, "expired, or longer than 12 h"
    assert payload["sub"].startswith("mailto:"), payload["sub"]
    return payload


class PushService:
    """Answers 201 unless a browser's `reply` says otherwise. A faulty message gets 400 and is kept in `faults`."""

    def __init__(self, *, tls: ssl.SSLContext | None = None, name: str = "127.0.0.1") -> None:
        service = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            wbufsize = 64 * 1024

            def setup(self) -> None:
                super().setup()
                with service.changed:
                    service.connections += 1

            def do_POST(self) -> None:
                service.take(self)

            def log_message(self, format: str, *args: Any) -> None:
                pass

        class Server(ThreadingHTTPServer):
            daemon_threads = True
            request_queue_size = 128

            def handle_error(self, request: Any, client_address: Any) -> None:
                pass

        self._server = Server(("127.0.0.1", 0), Handler)
        if tls:
            self._server.socket = tls.wrap_socket(self._server.socket, server_side=True)
        self.port: int = self._server.server_address[1]
        self.host = f"{name}:{self.port}"
        self.origin = f"{'https' if tls else 'http'}://{self.host}"
        self.browsers: dict[str, Browser] = {}
        self.faults: list[str] = []
        self.connections = 0
        self.public_key: str | None = None
        # Called with a browser that took a message, before the service answers.
        self.on_taken: Callable[[Browser], None] | None = None
        self.changed = threading.Condition()
        self.released = threading.Event()
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()

    def browser(self) -> Browser:
        """A browser that just subscribed."""
        made = Browser(self.origin)
        self.browsers[made.path] = made
        return made

    def take(self, handler: BaseHTTPRequestHandler) -> None:
        body = handler.rfile.read(int(handler.headers["Content-Length"]))
        browser = self.browsers[handler.path]
        reply = browser.reply
        with self.changed:
            browser.attempts += 1
            self.changed.notify_all()
        if reply.how == "hang":
            self.released.wait(20)
        elif reply.how == "drip":
            self._drip(handler)
        if reply.how != "answer":
            handler.close_connection = True
            return
        status = reply.status
        if status < 300:
            try:
                self._accept(browser, handler, body)
            except Exception as problem:  # any fault of a message is reported to the test
                self.faults.append(repr(problem))
                status = 400
        handler.send_response(status)
        for name, value in reply.headers.items():
            handler.send_header(name, value)
        handler.send_header("Content-Length", "0")
        handler.end_headers()

    def _accept(self, browser: Browser, handler: BaseHTTPRequestHandler, body: bytes) -> None:
        assert len(body) <= 4096
        assert handler.headers["Content-Encoding"] == "aes128gcm"
        assert handler.headers["Host"] == self.host
        assert handler.headers["TTL"].isdigit()
        assert handler.headers["Urgency"] in {"very-low", "low", "normal", "high"}
        claims = checked_claims(handler.headers["Authorization"], origin=self.origin, public_key=self.public_key)
        with self.changed:
            browser.received.append(Received(browser.open(body), dict(handler.headers), claims))
            self.changed.notify_all()
        if self.on_taken is not None:
            self.on_taken(browser)

    def _drip(self, handler: BaseHTTPRequestHandler) -> None:
        handler.wfile.write(b"HTTP/1.1 201 Created\r\nX: ")
        with contextlib.suppress(OSError):
            while not self.released.wait(0.02):
                handler.wfile.write(b"x")
                handler.wfile.flush()

    def wait_for(self, browser: Browser, *kinds: str, timeout_s: float = 30.0) -> None:
        """Until the browser got exactly these messages, in this order."""
        with self.changed:
            self.changed.wait_for(lambda: len(browser.received) >= len(kinds), timeout_s)
        assert browser.kinds == list(kinds), (browser.kinds, self.faults)

    def close(self) -> None:
        self.released.set()
        self._server.shutdown()
        self._server.server_close()


class Trap:
    """A listener that no connection may reach."""

    def __init__(self) -> None:
        self._socket = socket.create_server(("127.0.0.1", 0), backlog=16)
        self.port: int = self._socket.getsockname()[1]

    def was_touched(self) -> bool:
        """Whether a client connected."""
        self._socket.settimeout(0.05)
        try:
            self._socket.accept()[0].close()
        except TimeoutError:
            return False
        return True

    def close(self) -> None:
        self._socket.close()


@contextlib.contextmanager
def trap() -> Iterator[Trap]:
    """A Trap that must be untouched in the end."""
    made = Trap()
    try:
        yield made
        assert not made.was_touched(), "a client connected to an internal address"
    finally:
        made.close()
