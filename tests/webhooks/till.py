"""A receiver of webhooks as a stranger writes it: a program that verifies with the `standardwebhooks` library, and knows nothing
else of Tallyline. `python -m tests.webhooks.till PORT FILE REFUSES SECRET`

What it has verified it notes in the file, one line each, and then answers: so a kill between the two is a message that comes
again. One in REFUSES it refuses at first, as a program on a bad day does.
"""

import hashlib
import socket
import subprocess
import sys
import time
from collections.abc import Iterable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, NamedTuple

from standardwebhooks import Webhook, WebhookVerificationError


class Server(ThreadingHTTPServer):
    """One that starts again at once on the port of the one that was killed."""

    daemon_threads = True
    allow_reuse_address = True

    def handle_error(self, *_: Any) -> None:
        """A killed worker's connection."""


def main(port: str, file: str, refuses: str, secret: str) -> None:
    """Serves until it is killed."""
    webhook = Webhook(secret)
    notes = Path(file).open("a", buffering=1)  # noqa: SIM115 — a line is written whole, and is the system's before the answer
    refused = {line.split()[1] for line in Path(file).read_text().splitlines() if line.startswith("refused")}

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            try:
                message = webhook.verify(body, dict(self.headers.items()))
            except WebhookVerificationError:
                notes.write("forged\n")
                return self._answer(401)
            name, digest = self.headers["webhook-id"], hashlib.sha256(body).hexdigest()
            data = message["data"]
            if data["version"] % int(refuses) == 0 and name not in refused:
                refused.add(name)
                notes.write(f"refused {name} {digest}\n")
                return self._answer(500)
            line = data.get("line", {}).get("code", "-")
            notes.write(f"taken {name} {digest} {line} {data['version']} {data['seq']}\n")
            return self._answer(204)

        def _answer(self, status: int) -> None:
            self.send_response(status)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    Server(("127.0.0.1", int(port)), Handler).serve_forever()


class Taken(NamedTuple):
    """A message that was verified and taken."""

    id: str
    digest: str
    line: str
    place: tuple[int, int]


class Till:
    """The program as a test runs it: started, killed, started again on the same port, and what it has noted."""

    def __init__(self, folder: Path, *, refuses: int) -> None:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self._port = probe.getsockname()[1]
        self.host = f"127.0.0.1:{self._port}"
        self.url = f"http://{self.host}/hook"
        self.secret = ""
        self.kills = 0
        self._refuses = refuses
        self._file = folder / "till.txt"
        self._file.touch()
        self._read = 0
        self._notes: list[list[str]] = []
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Starts it; it is there once it listens."""
        command = [sys.executable, "-m", "tests.webhooks.till", str(self._port), str(self._file), str(self._refuses)]
        self._process = subprocess.Popen([*command, self.secret])
        until = time.monotonic() + 30
        while True:
            try:
                return socket.create_connection(("127.0.0.1", self._port), timeout=1).close()
            except OSError:
                assert time.monotonic() < until and self._process.poll() is None, "the receiver does not start"
                time.sleep(0.02)

    def kill(self) -> None:
        """kill -9."""
        if self._process is not None:
            self._process.kill()
            self._process.wait(10)
            self.kills += 1

    def _noted(self, how: str) -> Iterable[list[str]]:
        with self._file.open("rb") as file:
            file.seek(self._read)
            new = file.read()
        whole = new[: new.rfind(b"\n") + 1]
        self._read += len(whole)
        self._notes += [line.split() for line in whole.decode().splitlines()]
        return (words[1:] for words in self._notes if words[0] == how)

    def taken(self) -> list[Taken]:
        """All that it took, in the order in which it came."""
        return [
            Taken(name, digest, line, (int(version), int(seq)))
            for name, digest, line, version, seq in self._noted("taken")
        ]

    def refused(self) -> dict[str, str]:
        """The digests of what it refused once, by id."""
        return {name: digest for name, digest in self._noted("refused")}

    def forged(self) -> int:
        """How many messages its secret did not verify."""
        return len(list(self._noted("forged")))


if __name__ == "__main__":
    main(*sys.argv[1:])
