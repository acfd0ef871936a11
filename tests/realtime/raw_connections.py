"""Raw connections to a server: bytes sent as they are, frames of WebSockets, and what comes back."""

import socket
import struct
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress

from tests.installation import Stack

EXCEEDED = 1008


PATIENCE_S = 60.0


def frame(opcode: int, payload: bytes = b"", *, fin: bool = True) -> bytes:
    """A client's frame, masked with zeros (RFC 6455, 5.2)."""
    size = len(payload)
    head = bytes([(0x80 if fin else 0) | opcode])
    length = bytes([0x80 | size]) if size < 126 else b"\xfe" + struct.pack("!H", size)
    return head + length + bytes(4) + payload


@contextmanager
def connected(stack: Stack, server: str) -> Iterator[socket.socket]:
    """A connection to a server."""
    with closing(socket.create_connection(("127.0.0.1", stack.ports[server]), timeout=PATIENCE_S)) as end:
        yield end


@contextmanager
def upgraded(stack: Stack, server: str, path: str) -> Iterator[socket.socket]:
    """An accepted WebSocket, nothing said."""
    with connected(stack, server) as end:
        end.sendall(
            f"GET {path} HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n".encode()
        )
        answer = b""
        while b"\r\n\r\n" not in answer:
            answer += end.recv(1)
        assert b" 101 " in answer, answer
        yield end


def sent(end: socket.socket, data: bytes) -> None:
    """Sends all of it, or as much as the server takes."""
    with suppress(ConnectionError, TimeoutError):
        end.sendall(data)


def all_of(end: socket.socket) -> bytes:
    """What the server says until the end."""
    received = b""
    try:
        while part := end.recv(65_536):
            received += part
    except ConnectionError:
        pass
    return received


def answered(end: socket.socket) -> bytes:
    """One answer of /healthz."""
    received = b""
    while not received.endswith(b'{"ok":true}'):
        received += end.recv(1)
    return received


def close_code(frames: bytes) -> int | None:
    """The code of the close frame among a server's frames."""
    while len(frames) >= 2:
        opcode, size, start = frames[0] & 15, frames[1], 2
        if size == 126:
            size, start = struct.unpack("!H", frames[2:4])[0], 4
        elif size == 127:
            size, start = struct.unpack("!Q", frames[2:10])[0], 10
        if opcode == 8:
            return int(struct.unpack("!H", frames[start : start + 2])[0])
        frames = frames[start + size :]
    return None
