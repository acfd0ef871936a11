"""Twilio and an SMS gateway on loopback, which behave as badly as a test wants. What they know of Tallyline stands in Twilio's
documentation and in docs/contracts/sms-gateway.md: messages of the gateway are verified by the `standardwebhooks` library."""

import base64
import contextlib
import json
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs
from uuid import uuid4

import httpx
from django.db import connections
from standardwebhooks import Webhook

from outbox.signing import signed

SECRET = "whsec_" + "QUJD" * 11
SID, TOKEN = "AC" + "1" * 32, "twilio-token-of-a-test"


@dataclass
class Reply:
    """What the next texts are answered. `how`: "answer"; "hang" takes the text and is silent; "drop" closes the connection."""

    status: int = 201
    headers: dict[str, str] = field(default_factory=dict)
    told: dict[str, Any] | str = field(default_factory=dict)
    how: str = "answer"


@dataclass
class Took:
    """A text that was taken: `key` is the gateway's idempotency key, or for Twilio the end of the receipts' address."""

    to: str
    text: str
    key: str
    receipts: str
    id: str


class TextProvider:
    """`asked`: all attempts; `took`: what phones would show, each once where a key tells attempts apart. `on_taken` is called
    with a text that was taken, before it is answered."""

    def __init__(self) -> None:
        self.secret = SECRET
        self.asked = 0
        self.took: list[Took] = []
        self.faults: list[str] = []
        self.replies: list[Reply] = []
        self.reply = Reply()
        self.on_taken: Callable[[Took], None] | None = None
        self.lock = threading.Lock()
        self.stopping = threading.Event()
        provider = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            disable_nagle_algorithm = True

            def do_POST(self) -> None:
                provider.take(self, self.rfile.read(int(self.headers["Content-Length"])))

            def log_message(self, *_: Any) -> None:
                pass

        class Server(ThreadingHTTPServer):
            daemon_threads = True

            def handle_error(self, *_: Any) -> None:
                """A killed worker's connection."""

        self._server = Server(("127.0.0.1", 0), Handler)
        self.host = f"127.0.0.1:{self._server.server_address[1]}"
        self.url = f"http://{self.host}/send"
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()

    def take(self, handler: BaseHTTPRequestHandler, body: bytes) -> None:
        with self.lock:
            self.asked += 1
            reply = self.replies.pop(0) if self.replies else self.reply
            text = self._read(handler, body)
            known: Took | None = None
            told: dict[str, Any] | str = {"error": "no"}
            if reply.status < 300 and reply.how != "drop":
                known = next((each for each in self.took if each.key == text.key and handler.path == "/send"), None)
                if known is None:
                    self.took.append(known := text)
                told = reply.told or (
                    {"id": known.id}
                    if handler.path == "/send"
                    else {"sid": known.id, "num_segments": "1", "price": None}
                )
            elif reply.told:
                told = reply.told
        if known is not None and self.on_taken is not None:
            self.on_taken(known)
            connections.close_all()  # what it did may have used one of this thread's
        if reply.how == "hang":
            self.stopping.wait(60)
        if reply.how != "answer":
            handler.close_connection = True
            return
        said = told.encode() if isinstance(told, str) else json.dumps(told).encode()
        with contextlib.suppress(OSError):
            handler.send_response(reply.status)
            for name, value in {"Content-Length": str(len(said)), **reply.headers}.items():
                handler.send_header(name, value)
            handler.end_headers()
            handler.wfile.write(said)

    def _read(self, handler: BaseHTTPRequestHandler, body: bytes) -> Took:
        name = f"SM{len(self.took) + 1:032d}"
        if handler.path == "/send":
            try:
                told = Webhook(self.secret).verify(body, dict(handler.headers.items()))
            except Exception as problem:
                self.faults.append(f"not signed: {problem}")
                raise
            key = handler.headers["Idempotency-Key"]
            if not key == told["id"] == handler.headers["webhook-id"]:
                self.faults.append("three names of one message")
            return Took(told["to"], told["text"], key, told["callback"], name)
        proof = base64.b64encode(f"{SID}:{TOKEN}".encode()).decode()
        if handler.headers["Authorization"] != f"Basic {proof}" or f"/Accounts/{SID}/Messages.json" not in handler.path:
            self.faults.append(f"not Twilio's: {handler.path}")
        form = {each: values[0] for each, values in parse_qs(body.decode()).items()}
        receipts = form.get("StatusCallback", "")
        return Took(form["To"], form.get("Body", form.get("ContentVariables", "")), receipts[-36:], receipts, name)

    def tell(self, url: str, said: dict[str, Any]) -> httpx.Response:
        """Tells the program something, as a gateway does: signed."""
        body = json.dumps(said).encode()
        headers = signed(str(uuid4()), body, [self.secret], datetime.now(UTC))
        return httpx.post(url, content=body, headers={**headers, "content-type": "application/json"}, timeout=20)

    def close(self) -> None:
        self.stopping.set()
        self._server.shutdown()
        self._server.server_close()


@cache
def gateway() -> TextProvider:
    """The gateway of this process. An installation may reach it when its TEXT_EXTRA_HOSTS names it at the start."""
    return TextProvider()
