"""What of the server's own is used beyond ASGI, where it is uvicorn with `httptools` and `websockets-sansio`
(realtime/server): what thousands are sent is written to each transport as it is, and the handshake of a socket is forgotten
once it is over. With any other server these functions find nothing, and everything goes by ASGI.
"""

from functools import partial
from typing import Any

from core.asgi_types import Scope, Send

try:
    from uvicorn.protocols.http.httptools_impl import RequestResponseCycle as Cycle
    from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol as Protocol

    from realtime.server.sockets import SocketProtocol
except ImportError:  # another version of uvicorn, or none
    Cycle = Protocol = SocketProtocol = None  # type: ignore[assignment, misc]


def protocol_of(send: Send) -> Any:
    """The uvicorn protocol whose method `send` is, if it is one; frames are written to it as they are, uncompressed."""
    owner = getattr(send, "__self__", None)
    if Protocol is None or not isinstance(owner, Protocol) or owner.conn.available_extensions:
        return None
    return owner


def counts_frames(protocol: Any) -> bool:
    """Whether the protocol has a budget of its own for what the client sends (realtime/server/sockets.py)."""
    return SocketProtocol is not None and isinstance(protocol, SocketProtocol)


def forget_handshake(scope: Scope, protocol: Any) -> None:
    """An accepted socket may live for hours, and needs neither its request nor the answer to it: 4 KiB of 19."""
    scope.clear()
    if protocol is not None:
        protocol.scope.clear()
        protocol.request = protocol.response = None


def text_frame(text: str) -> bytes:
    """A whole text message of a server: one unmasked frame (RFC 6455, 5.2)."""
    body = text.encode()
    size = len(body)
    if size < 126:
        return b"\x81" + bytes((size,)) + body
    if size < 65_536:
        return b"\x81\x7e" + size.to_bytes(2, "big") + body
    return b"\x81\x7f" + size.to_bytes(8, "big") + body


def write(protocol: Any, frame: bytes) -> bool:
    """Hands a frame to the transport; False when it has to go by ASGI: the client reads slowly, or is going."""
    if (
        not protocol.writable.is_set()
        or protocol.close_sent
        or protocol.disconnected
        or not protocol.handshake_complete
        or protocol.transport.is_closing()
    ):
        return False
    protocol.transport.write(frame)
    return True


def cycle_of(send: Send) -> Any:
    """The uvicorn answer whose method `send` is, if it is one. Ours that lie in between (config/edge.py, door.py) do
    something with the beginning of an answer only."""
    while isinstance(send, partial) and send.args:
        send = send.args[-1]
    owner = getattr(send, "__self__", None)
    return owner if Cycle is not None and isinstance(owner, Cycle) else None


def event(data: bytes, mark: str = "") -> bytes:
    """A Server-Sent Event, with the id `mark` if there is one; `data` is one line."""
    return (f"id: {mark}\n".encode() if mark else b"") + b"data: " + data + b"\n\n"


def chunk(body: bytes) -> bytes:
    """A part of a body of unknown length (RFC 9112, 7.1)."""
    return b"%x\r\n%b\r\n" % (len(body), body)


def write_chunk(cycle: Any, made: bytes) -> bool:
    """Hands a chunk to the transport; False when it has to go by ASGI, as `write`."""
    if cycle.flow.write_paused or cycle.disconnected or cycle.response_complete or not cycle.chunked_encoding:
        return False
    cycle.transport.write(made)
    return True
