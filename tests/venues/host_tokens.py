"""Host tokens of the running program: what each opens, and sockets that end with it."""

import base64
import re

from websockets.exceptions import ConnectionClosed
from websockets.sync.client import ClientConnection, connect

from tests.installation import Stack

ENDED = 4401


PATIENCE_S = 20.0


def open_socket(site: Stack, path: str, token: str = "", server: str = "web", **headers: str) -> ClientConnection:
    """A WebSocket of a host."""
    more = {"x-host-auth": token, **headers} if token else headers
    return connect(site.url(server).replace("http", "ws", 1) + path, additional_headers=more, proxy=None)


def closed_with(socket: ClientConnection) -> int | None:
    """Reads until the end: its code."""
    try:
        while True:
            socket.recv(PATIENCE_S)
    except ConnectionClosed as closed:
        return closed.rcvd.code if closed.rcvd else None


def parts_of(token: str, subject_id: str) -> bytes:
    """The secret of a token, which is as the contract says."""
    named, _, rest = token.partition(".")
    assert named == subject_id
    assert re.fullmatch(r"[A-Za-z0-9_-]{43}", rest)
    return base64.urlsafe_b64decode(rest + "=")
