"""A poll of the running program, asked of any of its processes."""

import json
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Any
from uuid import uuid4

import httpx
import pytest
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import ClientConnection, connect

from tests.contracts import sse
from tests.contracts.queueup import http
from tests.installation import Stack

PATIENCE_S = 20.0


class LivePoll:
    """Made through `server`; `made` is what its creator was told."""

    def __init__(
        self, stack: Stack, *, server: str = "web", headers: dict[str, str] | None = None, **fields: Any
    ) -> None:
        self.stack = stack
        self.made = stack.open_poll(server, headers, **fields)
        self.id: str = self.made["id"]
        self.code: str = self.made["code"]
        self.host = {"x-host-auth": self.made["hostToken"]}
        self.host_cookie = {"Cookie": f"poll_host_{self.code}={self.made['hostToken']}"}

    def url(self, path: str = "", server: str = "web") -> str:
        """An address of the poll's own API."""
        return f"{self.stack.url(server)}/api/polls/{self.id}{path}"

    def vote(self, *choices: int, server: str = "web", ballot_id: str = "", token: str = "") -> httpx.Response:
        """A ballot; of a new browser unless it shows a token."""
        sent = {"ballotId": ballot_id or str(uuid4()), "choices": list(choices)}
        cookie = {"Cookie": f"voter_token={token}"} if token else {}
        return http.post(self.url("/ballots", server), json=sent, headers=cookie)

    def voted(self, *choices: int, **how: Any) -> None:
        """The same, and it must be counted."""
        answer = self.vote(*choices, **how)
        assert answer.status_code == 201, answer.text

    def act(self, action: str, server: str = "web") -> None:
        """open, close, reset; as its host."""
        answer = http.post(self.url(f"/{action}", server), headers=self.host)
        assert answer.status_code == 200, answer.text

    def delete(self, server: str = "web") -> None:
        """As its host."""
        answer = http.delete(self.url("", server), headers=self.host)
        assert answer.status_code == 200, answer.text

    def get(self, server: str = "web", headers: dict[str, str] | None = None, *, exact: bool = False) -> httpx.Response:
        """GET results."""
        return http.get(self.url("/results", server), params={"cache": "false"} if exact else {}, headers=headers)

    def results(self, server: str = "web", headers: dict[str, str] | None = None, *, exact: bool = False) -> Any:
        """What they are for this person."""
        answer = self.get(server, headers, exact=exact)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def counts(self, server: str = "web", *, exact: bool = False) -> list[int]:
        """Counts by choice, as the host sees them."""
        return counts(self.results(server, self.host, exact=exact))

    def stream(self, server: str = "web", headers: dict[str, str] | None = None) -> AbstractContextManager[sse.Stream]:
        """Its SSE stream, open."""
        return sse.opened(self.url("/stream", server), headers)

    def socket_url(self, server: str = "web") -> str:
        """Of its WebSocket."""
        return self.url("/connect", server).replace("http", "ws", 1)


def counts(view: Any) -> Any:
    """Counts by choice in a results view; None where hidden."""
    return [choice["count"] for choice in view["choices"]]


class Socket:
    """An open WebSocket of a poll. Everything is waited for, never slept for."""

    def __init__(self, connection: ClientConnection) -> None:
        self.connection = connection

    def next(self) -> Any:
        """The next message; AssertionError when none comes or it is closed."""
        try:
            return json.loads(self.connection.recv(PATIENCE_S))
        except TimeoutError:
            raise AssertionError("no message came") from None
        except ConnectionClosed as closed:
            raise AssertionError(f"closed instead: {closed}") from None

    def rest(self) -> tuple[list[Any], int | None]:
        """All messages up to the close, which must come, and its code."""
        messages: list[Any] = []
        while True:
            try:
                messages.append(json.loads(self.connection.recv(PATIENCE_S)))
            except ConnectionClosed as closed:
                return messages, closed.rcvd.code if closed.rcvd else None


@contextmanager
def socket_at(url: str, headers: dict[str, str] | None = None) -> Iterator[Socket]:
    """An open socket."""
    with connect(url, additional_headers=headers, open_timeout=PATIENCE_S, close_timeout=2, proxy=None) as connection:
        yield Socket(connection)


def refusal(url: str, headers: dict[str, str] | None = None) -> int:
    """The HTTP status with which a socket's handshake is refused."""
    with pytest.raises(InvalidStatus) as refused:
        connect(url, additional_headers=headers, open_timeout=PATIENCE_S, proxy=None)
    status: int = refused.value.response.status_code
    return status
