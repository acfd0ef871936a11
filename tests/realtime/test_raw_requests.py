"""Well-formed requests that mean harm, and ill-formed ones, as bytes: each is answered within bounded time by something that is
no 5xx, or hung up on, and none leaves a traceback or an error in the log (X6, X7)."""

import concurrent.futures
import re
import socket
import uuid
from collections.abc import Iterator
from contextlib import suppress
from functools import partial

import httpx
import pytest

from tests.contracts.queueup import Line
from tests.installation import FULL, Stack
from tests.realtime.hostile_requests import HOSTILE, Request

WITHIN_S = 15.0


@pytest.fixture(scope="module")
def paths(site: Stack) -> list[str]:
    """One of each kind, on both sides of the edge."""
    line = Line.open(site)
    poll = site.open_poll()
    room = site.open_room()
    lines, of_poll = f"/api/queue/{line.code}", f"/api/polls/{poll['id']}"
    return [
        "/", "/healthz", "/queue", "/sign-in", "/admin/login/", "/language", "/static/img/icon.svg", "/nowhere",
        f"/queue/{line.code}", f"/queue/{line.code}/restore", f"/queue/{line.code}/host/next", f"/vote/{poll['code']}",
        f"/vote/{poll['code']}/ballot", f"/rooms/{room['code']}", "/polls/new", "/rooms/new", "/api/queue/create",
        f"{lines}/join", f"{lines}/snapshot", f"{lines}/leave", f"{lines}/connect", "/api/vote_ws/", of_poll,
        f"{of_poll}/ballots", f"{of_poll}/export", f"{of_poll}/receipt/{uuid.uuid4()}", f"/api/rooms/{room['room']}/history",
        "/api/push/subscribe", "/api/track", "/api/schema", "/poll", f"/poll/{poll['id']}", f"/poll/{poll['id']}/results",
        "/api/vote",
    ]  # fmt: skip


def answered(port: int, sent: Request, path: str) -> str:
    """The status line; empty when the connection was closed instead. AssertionError when neither happens in time."""
    method, after, body, head = sent
    with socket.create_connection(("127.0.0.1", port), timeout=WITHIN_S) as connection:
        connection.settimeout(WITHIN_S)
        with suppress(ConnectionError):  # refused before all of it was sent
            connection.sendall(f"{method} {path}{after} {head}\r\n".encode("latin-1") + body)
        received = b""
        try:
            while b"\r\n\r\n" not in received or received.startswith(b"HTTP/1.1 100"):
                received = received.removeprefix(b"HTTP/1.1 100 Continue\r\n\r\n")
                if not (chunk := connection.recv(65536)):
                    break
                received += chunk
        except ConnectionError:
            pass
        except TimeoutError:
            raise AssertionError(f"no answer within {WITHIN_S} s") from None
        return received.split(b"\r\n")[0].decode("latin-1")


@pytest.fixture
def log_since(site: Stack, server: str) -> Iterator[None]:
    """Asserts that the server logged no error since."""
    before = len(site.log(server))
    yield
    logged = site.log(server)[before:]
    assert "Traceback" not in logged, logged[:4000]
    assert "level=error" not in logged and "ERROR" not in logged, logged[:4000]
    # No log line has an id, a token or an address.
    assert "/api/queue/" not in logged and "partyId" not in logged, logged[:4000]


# Daphne reads a body to its end before anything else, and waits for it; it is for development (docs/operations.md).
WAITED_FOR = {"a length beyond all", "a chunk beyond all"}
CASES = [
    (server, name) for server in ("web", "daphne") for name in HOSTILE if server == "web" or name not in WAITED_FOR
]


@pytest.mark.faults
@pytest.mark.parametrize(("server", "name"), CASES)
@pytest.mark.usefixtures("log_since")
def test_it_is_answered(server: str, name: str, site: Stack, paths: list[str]) -> None:
    asked = paths if server == "web" else paths[::5]
    if not FULL:  # the others with the next two requests
        asked = asked[CASES.index((server, name)) % 3 :: 3]
    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        statuses = dict(zip(asked, pool.map(partial(answered, site.ports[server], HOSTILE[name]), asked), strict=True))
    wrong = {path: s for path, s in statuses.items() if s and not re.match(r"HTTP/1\.[01] (101|[234]\d\d) ", s)}
    assert wrong == {}
    assert httpx.get(f"{site.url(server)}/healthz").status_code == 200
