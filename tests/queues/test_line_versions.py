"""Following a line by its version alone: as an event stream and as a WebSocket, on both servers."""

from contextlib import ExitStack
from typing import Any

import httpx
import pytest
from websockets.exceptions import InvalidStatus
from websockets.sync.client import connect

from tests.contracts import sse
from tests.contracts.queueup import Line
from tests.installation import Stack
from tests.queues.line_socket import PATIENCE_S, Socket


@pytest.fixture
def line(site: Stack, server: str) -> Line:
    """A fresh line, asked of `server`."""
    return Line.open(site, server)


def address(line: Line) -> str:
    """Where its versions are told."""
    return f"{line.api}/versions"


def version_of(line: Line) -> int:
    """What the public snapshot says."""
    shown: dict[str, Any] = httpx.get(f"{line.api}/snapshot").json()
    version: int = shown["version"]
    return version


def test_a_stream_tells_each_change_and_goes_on_saying_so(site: Stack, quiet_logs: None) -> None:
    """On both servers at once, for what is silent is said to be there after some seconds."""
    with ExitStack() as opened:
        lines = [Line.open(site, server) for server in ("web", "daphne")]
        followed = [(line, opened.enter_context(sse.opened(address(line)))) for line in lines]
        for line, stream in followed:
            assert stream.next().json == {"version": version_of(line)}
            line.join("Ann")
            changed = version_of(line)
            assert stream.until(lambda message, to=changed: message.json["version"] == to).json == {"version": changed}
        for line, stream in followed:
            assert stream.next().json == {"version": version_of(line)}, "a silent line is said to be there"


def test_a_socket_tells_the_same_and_nothing_else(line: Line, quiet_logs: None) -> None:
    with connect(address(line).replace("http", "ws", 1), open_timeout=PATIENCE_S, proxy=None) as connection:
        socket = Socket(connection)
        assert socket.next() == {"version": version_of(line)}
        line.join("Canary")
        changed = version_of(line)
        assert socket.until(lambda message: message["version"] == changed) == {"version": changed}
        socket.silent()


def test_unknown_lines_and_strange_pages_are_refused(site: Stack, server: str, line: Line) -> None:
    base = f"{site.url(server)}/api/queue"
    assert httpx.get(f"{base}/ZZZZZZ/versions").status_code == 404
    assert httpx.post(address(line)).status_code == 405
    assert httpx.get(address(line), headers={"origin": "https://evil.example"}).status_code == 403
    for code, headers in (("ZZZZZZ", {}), ("nonsense", {}), (line.code, {"origin": "https://evil.example"})):
        with pytest.raises(InvalidStatus) as refused:
            connect(
                f"{base}/{code}/versions".replace("http", "ws", 1),
                additional_headers=headers,
                open_timeout=PATIENCE_S,
                proxy=None,
            )
        assert refused.value.response.status_code in {403, 404}
