"""A receiver of webhooks on loopback. It knows of Tallyline only what the specification says: it verifies each message with the
`standardwebhooks` library."""

import contextlib
import threading
import time
from dataclasses import dataclass, field
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from standardwebhooks import Webhook, WebhookVerificationError


@dataclass
class Received:
    """A message that was verified by one of the secrets."""

    id: str
    body: bytes
    message: dict[str, Any]
    by: frozenset[str]

    @property
    def type(self) -> str:
        return str(self.message["type"])

    @property
    def place(self) -> tuple[int, int]:
        """Its version and place in the log of its line."""
        return self.message["data"]["version"], self.message["data"]["seq"]

    @property
    def line(self) -> str:
        return str(self.message["data"]["line"]["code"])


@dataclass
class Reply:
    """What the next messages are answered. `how`: "answer", "hang" or "drop" (closes the connection)."""

    status: int = 204
    headers: dict[str, str] = field(default_factory=dict)
    how: str = "answer"


class Receiver:
    """`refuses` says for a message whether it is answered 500, `hangs` for a path whether it never answers; `forged` are messages
    that no secret verifies."""

    def __init__(self) -> None:
        self.secrets: list[str] = []
        self.received: list[Received] = []
        self.refused: list[Received] = []
        self.forged: list[bytes] = []
        self.reply = Reply()
        self.refuses: Any = lambda message: False
        self.hangs: Any = lambda path: False
        self.hanging = 0
        self.stopping = threading.Event()
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            disable_nagle_algorithm = True

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                receiver.take(self, body)

            def log_message(self, *_: Any) -> None:
                pass

        class Server(ThreadingHTTPServer):
            daemon_threads = True

            def handle_error(self, *_: Any) -> None:
                """A killed worker's connection."""

        self._server = Server(("127.0.0.1", 0), Handler)
        self.host = f"127.0.0.1:{self._server.server_address[1]}"
        self.url = f"http://{self.host}/hook"
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()

    def take(self, handler: BaseHTTPRequestHandler, body: bytes) -> None:
        reply = Reply(how="hang") if self.hangs(handler.path) else self.reply
        if (message := self._verified(dict(handler.headers.items()), body)) is None:
            self.forged.append(body)
            reply = Reply(401)
        elif reply.status == 204 and reply.how == "answer" and not self.refuses(message):
            self.received.append(message)
        else:
            self.refused.append(message)
            reply = Reply(500) if reply.status == 204 and reply.how == "answer" else reply
        if reply.how == "hang":
            self.hanging += 1
            self.stopping.wait(60)
        if reply.how != "answer":
            handler.close_connection = True
            return
        with contextlib.suppress(OSError):
            handler.send_response(reply.status)
            for name, value in {"Content-Length": "0", **reply.headers}.items():
                handler.send_header(name, value)
            handler.end_headers()

    def _verified(self, headers: dict[str, str], body: bytes) -> Received | None:
        by = set()
        message: Any = None
        for secret in self.secrets:
            with contextlib.suppress(WebhookVerificationError):
                message = Webhook(secret).verify(body, headers)
                by.add(secret)
        if message is None:
            return None
        return Received(next(v for k, v in headers.items() if k.lower() == "webhook-id"), body, message, frozenset(by))

    def types(self) -> list[str]:
        """What it was told, in order."""
        return [each.type for each in self.received]

    def wait_for(self, done: Any, *, within_s: float = 60) -> None:
        """Until `done()`; fails after `within_s` seconds."""
        until = time.monotonic() + within_s
        while not done():
            assert time.monotonic() < until, f"{len(self.received)} messages so far"
            time.sleep(0.02)

    def close(self) -> None:
        self.stopping.set()
        self._server.shutdown()
        self._server.server_close()


@cache
def program() -> Receiver:
    """The receiver of this process. An installation may reach it when its WEBHOOK_EXTRA_HOSTS names it at the start."""
    return Receiver()
