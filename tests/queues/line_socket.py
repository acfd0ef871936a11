"""A client of the line's WebSocket, as old clients are."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import ClientConnection, connect

from tests.contracts.queueup import Line

PATIENCE_S = 10.0


class Socket:
    """An open socket. Everything is waited for, never slept for."""

    def __init__(self, connection: ClientConnection) -> None:
        self.connection = connection

    def next(self) -> dict[str, Any]:
        """The next message but pings; AssertionError when none comes or the socket closes."""
        while True:
            try:
                message: dict[str, Any] = json.loads(self.connection.recv(PATIENCE_S))
            except TimeoutError:
                raise AssertionError("no message came") from None
            except ConnectionClosed as closed:
                raise AssertionError(f"closed instead: {closed}") from None
            if message != {"type": "ping"}:
                return message

    def until(self, condition: Any) -> dict[str, Any]:
        """The first message for which `condition` holds; those before are passed over."""
        while not condition(message := self.next()):
            pass
        return message

    def silent(self) -> None:
        """Asserts that nothing was said up to now: a pong is answered in order, so it comes first."""
        self.say({"type": "ping"})
        assert self.next() == {"type": "pong"}

    def say(self, message: Any) -> None:
        """Sends JSON."""
        self.connection.send(json.dumps(message))

    def closed(self) -> tuple[int | None, str]:
        """Waits for the close, which nothing may come before; its code and reason."""
        with pytest.raises(ConnectionClosed) as closed:
            while True:
                message = json.loads(self.connection.recv(PATIENCE_S))
                assert message == {"type": "ping"}, f"not closed, but {message}"
        received = closed.value.rcvd
        return (received.code, received.reason) if received else (None, "")


@contextmanager
def opened(line: Line, headers: dict[str, str] | None = None, **query: str) -> Iterator[Socket]:
    """A socket of the line."""
    with connect(
        line.socket_url(**query), additional_headers=headers, open_timeout=PATIENCE_S, close_timeout=2, proxy=None
    ) as connection:
        yield Socket(connection)


@contextmanager
def host_socket(line: Line) -> Iterator[Socket]:
    """The host's, by query as browsers must."""
    with opened(line, hostToken=line.token) as socket:
        yield socket


def refusal(line: Line, headers: dict[str, str] | None = None, url: str = "", **query: str) -> int:
    """The HTTP status with which the handshake is refused."""
    with pytest.raises(InvalidStatus) as refused:
        connect(url or line.socket_url(**query), additional_headers=headers, open_timeout=PATIENCE_S, proxy=None)
    status: int = refused.value.response.status_code
    return status
