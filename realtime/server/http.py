"""uvicorn's HTTP, bounded: the size of a head, the time to a whole request, requests that wait for the answers before theirs,
and the number of connections.

The application tells the protocol when a request begins and ends (`scope["state"]["connection"]`).
"""

import asyncio
import logging
from http import HTTPStatus
from typing import Any

from django.conf import settings
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from core.asgi_types import App, Message, Receive, Scope, Send
from realtime.server.between import Between
from realtime.server.transport import Transport

logger = logging.getLogger(__name__)

# Request line and header fields.
MOST_HEAD = 32 * 1024
# Of what is sent before its turn this much is held; then nothing more is read.
MOST_HELD = 4_096
# To a whole head, from its first byte or, for the first, from the connection. Kept connections: --timeout-keep-alive.
HEAD_WITHIN_S = 15.0
BODY_WITHIN_S = 120.0
LINGER_S = 5.0
END = b"\r\n\r\n"
WHOLE = -1

TOO_LARGE, TOO_LATE, TOO_MANY = 431, 408, 503
_WHY = {
    TOO_LARGE: "The request line and header fields are larger than 32 KiB.",
    TOO_LATE: "The request did not come within the time for it.",
    TOO_MANY: "Too many connections. Please try again.",
}


def bounded(app: App) -> App:
    """The application, with its requests' beginnings and ends told to their connections; other servers know nothing of it."""

    async def application(scope: Scope, receive: Receive, send: Send) -> None:
        connection = (scope.get("state") or {}).get("connection")
        if connection is None or scope["type"] != "http":
            await app(scope, receive, send)
            return
        receive = connection.begin(scope, receive)
        try:
            await app(scope, receive, send)
        finally:
            connection.end()

    return application


class HttpProtocol(Between):
    """One connection. Requests are parsed one at a time: what follows one waits until it is answered."""

    __slots__ = ("_begun_at", "_blank", "_body_left", "_head", "_held", "_loop", "_serving", "_tail")

    def __init__(self, **uvicorns: Any) -> None:
        uvicorns["app_state"] = {**uvicorns["app_state"], "connection": self}
        super().__init__(HttpToolsProtocol(**uvicorns))
        self._loop = asyncio.get_running_loop()
        self._held = self._tail = b""  # read before its turn; the last bytes of an unfinished head
        self._head = 0  # bytes of the head so far; or WHOLE, and its request has not begun
        self._body_left: float = 0  # bytes; infinite while it is not known
        self._serving = self._blank = False
        self._begun_at = self._loop.time()

    def connection_made(self, transport: Any) -> None:
        """Refuses a connection over the number of them that this process serves (WEB_CONNECTIONS)."""
        self._transport = Transport(transport, linger_s=LINGER_S)
        self._inner.connection_made(self._transport)
        if self._transport.count() > settings.WEB_CONNECTIONS:
            self._refuse(TOO_MANY)

    def data_received(self, data: bytes) -> None:
        """Parses what came, when it is its turn."""
        if self._over:
            return
        self._held += data
        self._go_on()

    def _go_on(self, patience: int = 3) -> None:
        """Parses what is held up to the end of a request."""
        while self._held and not self._over and not self._transport.is_closing():
            if self._head == WHOLE and patience:  # its task begins in the next turn of the loop
                self._loop.call_soon(self._go_on, patience - 1)
                return
            if self._body_left:
                size = int(min(self._body_left, len(self._held)))
                self._body_left -= size
                self._feed(size)
            elif self._serving:
                break
            else:
                self._feed_head()
            if self._held and self._transport.get_protocol() is not self:  # it has become a WebSocket
                rest, self._held = self._held, b""
                self._transport.get_protocol().data_received(rest)  # type: ignore[attr-defined]
        if len(self._held) > MOST_HELD:
            self._transport.hold()
        else:
            self._transport.release()

    def _feed_head(self) -> None:
        if self._head <= 0:
            self._head = 0
            self._held = self._held.lstrip(b"\r\n")
            if not self._blank or self._held:
                self._begun_at = self._loop.time()
            self._blank = not self._held
            if self._blank:
                return
        at = (self._tail + self._held).find(END)
        size = len(self._held) if at < 0 else at + len(END) - len(self._tail)
        self._head += size
        if self._head > MOST_HEAD:
            self._refuse(TOO_LARGE)
            return
        self._tail = b"" if at >= 0 else (self._tail + self._held)[1 - len(END) :]
        self._head = WHOLE if at >= 0 else self._head
        self._feed(size)

    def _feed(self, size: int) -> None:
        piece, self._held = self._held[:size], self._held[size:]
        self._inner.data_received(piece)

    # ------------------------------------------------------------------------------------------- told by the application
    def begin(self, scope: Scope, receive: Receive) -> Receive:
        """A request has its turn. Returns what it is read with."""
        self._serving, self._head = True, 0
        self._begun_at = self._loop.time()
        self._transport.wrote = False
        fields = dict(scope["headers"])
        if b"transfer-encoding" in fields:
            self._body_left, read = float("inf"), receive

            async def received() -> Message:
                message = await read()
                if not message.get("more_body"):
                    self._body_left = 0
                return message

            receive = received
        else:
            length = fields.get(b"content-length", b"")
            self._body_left = int(length) if length.isdigit() else 0
        if self._held and self._body_left:  # a body that came with its head is there when it is asked for
            self._go_on()
        return receive

    def end(self) -> None:
        """It is answered: what waits has its turn."""
        self._serving = False
        self._begun_at = self._loop.time()
        if self._held:
            self._loop.call_soon(self._go_on)

    # ------------------------------------------------------------------------------------------------------------- bounds
    def sweep(self, now: float) -> None:
        """Ends the connection when its client has let it wait too long; `now` in seconds of the loop."""
        waited_s = now - self._begun_at
        if self._over or self._transport.is_closing():
            return
        if self._body_left:
            if waited_s > BODY_WITHIN_S:
                self._refuse(TOO_LATE)
        elif self._serving:
            pass
        elif waited_s > HEAD_WITHIN_S and self._head > 0:
            self._refuse(TOO_LATE)
        elif waited_s > HEAD_WITHIN_S and (self._blank or not self._transport.wrote):
            self._transport.close()

    def _refuse(self, status: int) -> None:
        """Answers and closes; only closes where the answer to this has begun."""
        if self._transport.wrote and (self._serving or self._body_left):
            self._transport.close()
            return
        self._held = b""
        phrase, why = HTTPStatus(status).phrase, _WHY[status].encode()
        self.end_with(
            b"HTTP/1.1 %d %b\r\ncontent-type: text/plain; charset=utf-8\r\nx-content-type-options: nosniff\r\n"
            b"content-length: %d\r\nconnection: close\r\n\r\n%b" % (status, phrase.encode(), len(why), why),
            phrase,
        )
