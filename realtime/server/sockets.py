"""uvicorn's WebSockets, bounded: pings and parts of messages never reach the application, so they are counted here."""

import logging
from typing import Any

from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from websockets.server import ServerProtocol

from realtime.budget import EXCEEDED, WHY, Budget
from realtime.server.between import Between

logger = logging.getLogger(__name__)

# What is parsed at once: some hundred frames of the smallest kind.
SLICE = 4_096
# A message of 64 KiB in parts of 512 bytes.
MOST_PARTS = 128
# What a client still sends after the close is read and dropped, so that it sees the code before the end of the connection.
MOST_DROPPED = 8 * 1024 * 1024

CLOSE_FRAME = bytes((0x88, 2 + len(WHY))) + EXCEEDED.to_bytes(2, "big") + WHY.encode()
NOT_A_HANDSHAKE = b"This is not the handshake of a WebSocket (RFC 6455)."


class Frames:
    """Counts the frames of a client by their headers (RFC 6455, 5.2)."""

    __slots__ = ("_begun", "_skip", "parts")

    def __init__(self) -> None:
        self._begun = b""  # of a header
        self._skip = 0  # bytes of the frame that are still to come
        self.parts = 0  # of the message that is being sent

    def count(self, data: bytes) -> int:
        """The number of frames that begin in these bytes."""
        data, frames, at = self._begun + data, 0, self._skip
        while at + 2 <= len(data):
            opcode, size = data[at] & 0x0F, data[at + 1] & 0x7F
            extended = {126: 2, 127: 8}.get(size, 0)
            head = 2 + extended + (4 if data[at + 1] & 0x80 else 0)
            if at + head > len(data):
                break
            if extended:
                size = int.from_bytes(data[at + 2 : at + 2 + extended], "big")
            if opcode < 8:  # no control frame; 0: one more part
                self.parts = 1 if opcode else self.parts + 1
            frames += 1
            at += head + size
        self._begun, self._skip = data[at:], max(0, at - len(data))
        return frames


class SocketProtocol(Between):
    """Closes a socket with 1008 that sends more than its budget. Parses nothing, so answers no ping, while what was sent to the
    client waits to be read."""

    __slots__ = ("_budget", "_frames", "_held", "_left_to_drop", "_made", "_paused")

    def __init__(self, **uvicorns: Any) -> None:
        # Else the HTTP protocol would live as long as the socket.
        uvicorns["app_state"] = {name: one for name, one in uvicorns["app_state"].items() if name != "connection"}
        super().__init__(WebSocketsSansIOProtocol(**uvicorns))
        self._budget, self._frames = Budget(), Frames()
        self._held: list[bytes] = []
        self._made = self._paused = False
        self._left_to_drop = MOST_DROPPED

    def connection_made(self, transport: Any) -> None:
        """The HTTP protocol hands its connection over."""
        self._transport = transport
        self._inner.connection_made(transport)

    def data_received(self, data: bytes) -> None:
        """Parses first the handshake's head; then frames, SLICE bytes at a time, as long as the budget lasts."""
        if not self._made:
            self._made = True
            self._shake_hands(data)
            return
        for start in range(0, len(data), SLICE):
            if self._over:
                self._left_to_drop -= len(data) - start
                if self._left_to_drop < 0:
                    self._transport.abort()
                return
            piece = data[start : start + SLICE]
            if not self._budget.spend(self._frames.count(piece), len(piece)) or self._frames.parts > MOST_PARTS:
                self._exceed()
            elif self._paused:
                self._held.append(piece)
            else:
                self._inner.data_received(piece)

    def pause_writing(self) -> None:
        """The client does not read."""
        self._paused = True
        super().pause_writing()

    def resume_writing(self) -> None:
        """The client has read: what it sent while it did not is parsed."""
        self._paused = False
        super().resume_writing()
        while self._held and not self._paused and not self._over:
            self._inner.data_received(self._held.pop(0))

    def _exceed(self) -> None:
        logger.warning("a socket was closed: %s", WHY)
        self._held = []
        self.end_with(CLOSE_FRAME, WHY)

    def _shake_hands(self, head: bytes) -> None:
        """Refuses a request with a body, another method, or longer headers than a handshake has: uvicorn would not answer."""
        trial = ServerProtocol()
        trial.receive_data(head)
        if trial.handshake_exc is None:
            self._inner.data_received(head)
            return
        said = b"".join(trial.data_to_send()) or (
            b"HTTP/1.1 400 Bad Request\r\nContent-Type: text/plain; charset=utf-8\r\nConnection: close\r\n"
            b"X-Content-Type-Options: nosniff\r\nContent-Length: %d\r\n\r\n%b" % (len(NOT_A_HANDSHAKE), NOT_A_HANDSHAKE)
        )
        self._transport.write(said)
        self._transport.close()
