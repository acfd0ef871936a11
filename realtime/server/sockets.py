"""uvicorn's WebSockets, bounded: pings and parts of messages never reach the application, so they are counted here."""

import logging
from typing import Any

from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from websockets.frames import Frame
from websockets.protocol import State

from realtime.budget import EXCEEDED, WHY, Budget
from realtime.server.sweep import Sweep, Swept

logger = logging.getLogger(__name__)

# What is parsed at once: some hundred frames of the smallest kind.
SLICE = 4_096
# A message of 64 KiB in parts of 512 bytes.
MOST_PARTS = 128
# What a client still sends after the close is read and dropped, so that it sees the code before the end of the connection.
LINGER_S = 5.0
MOST_DROPPED = 8 * 1024 * 1024

NOT_A_HANDSHAKE = b"This is not the handshake of a WebSocket (RFC 6455)."


class SocketProtocol(WebSocketsSansIOProtocol, Swept):
    """Closes a socket with 1008 that sends more than its budget; answers no ping while what it was sent waits to be read."""

    def __init__(self, *arguments: Any, **more: Any) -> None:
        super().__init__(*arguments, **more)
        self.budget = Budget()
        self._exceeded = False
        self._left_to_drop = MOST_DROPPED
        self._closing_since: float | None = None

    def connection_made(self, transport: Any) -> None:
        """The HTTP protocol hands its connection over."""
        super().connection_made(transport)
        Sweep.over(self.connections)

    def data_received(self, data: bytes) -> None:
        """Parses a little at a time, as long as the budget lasts."""
        for start in range(0, len(data), SLICE):
            if self._exceeded:
                self._drop(len(data) - start)
                return
            piece = data[start : start + SLICE]
            self.conn.receive_data(piece)
            if self.conn.handshake_exc is not None:
                self._refuse_handshake()
                return
            frames = sum(1 for event in self.conn.events if isinstance(event, Frame))
            if self.conn.parser_exc is not None:
                self._fail()
                return
            self.handle_events()
            if not self.budget.spend(frames, len(piece)) or len(self.frames) > MOST_PARTS:
                self._exceed()

    def handle_ping(self) -> None:
        """Of a client that reads nothing the pongs are dropped: it gets one for a later ping (RFC 6455, 5.5.3)."""
        pongs = b"".join(self.conn.data_to_send())
        if self.writable.is_set():
            self.transport.write(pongs)

    def connection_lost(self, exc: Exception | None) -> None:
        """Forgets what came and was not asked for."""
        self.frames = []
        super().connection_lost(exc)

    def sweep(self, now: float) -> None:
        """Ends a connection that should have ended; `now` in seconds of the loop."""
        if not self.transport.is_closing():
            return
        if self._closing_since is None:
            self._closing_since = now
        elif now - self._closing_since > LINGER_S:
            self.transport.abort()

    def _exceed(self) -> None:
        if self.close_sent or self.transport.is_closing():
            return
        logger.warning("a socket was closed: %s", WHY)
        self._exceeded = True
        self.stop_keepalive()
        self.frames = []
        while not self.queue.empty():
            self.queue.get_nowait()
        self.queue.put_nowait({"type": "websocket.disconnect", "code": EXCEEDED, "reason": WHY})
        if not self.handshake_complete or self.conn.state is not State.OPEN:
            self.transport.abort()
            return
        self.conn.send_close(EXCEEDED, WHY)
        self.transport.write(b"".join(self.conn.data_to_send()))
        self.close_sent = True
        if self.read_paused:
            self.read_paused = False
            self.transport.resume_reading()
        if self.transport.can_write_eof():
            self.transport.write_eof()
        self.close_timer = self.loop.call_later(LINGER_S, self.transport.abort)

    def _fail(self) -> None:
        """What was sent is no WebSocket's; before the handshake is over there is no code to say so."""
        if self.conn.close_sent is None:
            self.transport.abort()
        else:
            self.handle_parser_exception()

    def _drop(self, size: int) -> None:
        self._left_to_drop -= size
        if self._left_to_drop < 0:
            self.transport.abort()

    def _refuse_handshake(self) -> None:
        """A request with a body, another method, or longer headers than a handshake has."""
        if self.transport.is_closing():
            return
        self.handshake_complete = self.close_sent = True
        said = b"".join(self.conn.data_to_send()) or (
            b"HTTP/1.1 400 Bad Request\r\nContent-Type: text/plain; charset=utf-8\r\nConnection: close\r\n"
            b"X-Content-Type-Options: nosniff\r\nContent-Length: %d\r\n\r\n%b" % (len(NOT_A_HANDSHAKE), NOT_A_HANDSHAKE)
        )
        self.transport.write(said)
        self.transport.close()
