"""uvicorn's HTTP, bounded: the size of a head, the time to a whole request, requests that wait for the answers before theirs,
readers that do not read, and the number of connections."""

import logging
from typing import Any

from django.conf import settings
from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol

from realtime.server.dates import Dates
from realtime.server.sweep import Sweep, Swept

logger = logging.getLogger(__name__)

# Request line and header fields.
MOST_HEAD = 32 * 1024
# What is parsed at once: some hundred requests of the smallest kind.
SLICE = 4_096
# Requests of one connection that wait for the answers before theirs; what follows them is not parsed yet.
MOST_PIPELINED = 8
# To a whole head, from the first byte of it or, for the first, from the connection. Kept connections: --timeout-keep-alive.
HEAD_WITHIN_S = 15.0
BODY_WITHIN_S = 120.0
# A reader that takes nothing for so long is gone; and a connection that was closed is over by then.
STALL_S = 60.0
LINGER_S = 10.0
# After a refusal the rest of what was sent is read and dropped for so long: the client sees why before the end.
DROP_S = 2.0

TOO_LARGE, TOO_LATE, TOO_MANY = 431, 408, 503
_WHY = {
    TOO_LARGE: "The request line and header fields are larger than 32 KiB.",
    TOO_LATE: "The request did not come within the time for it.",
    TOO_MANY: "Too many connections. Please try again.",
}


class _Refused(Exception):
    """Ends the parsing of a request."""


class HttpProtocol(HttpToolsProtocol, Swept):
    """One connection. On the path of every request this only sets flags; what takes long is found by the sweep."""

    def __init__(self, *arguments: Any, **more: Any) -> None:
        super().__init__(*arguments, **more)
        self._refusal = 0
        self._active: Any = None  # the request that is being answered; `cycle` is the one read last
        self._held = b""  # read, and not parsed yet
        self._fed = self._head_from = self._chunk_from = (
            0  # bytes parsed, and where in them the head began, at the earliest
        )
        self._begun = 0
        self._in_head = self._in_message = False
        # For the sweep: which request it saw last, since when; how much waited to be read, since when; closing since when.
        self._seen = 0
        self._seen_since = 0.0
        self._unread = 0
        self._unread_since = 0.0
        self._closing_since: float | None = None

    # ---------------------------------------------------------------------------------------------------------- reading
    def connection_made(self, transport: Any) -> None:
        """Refuses a connection over the number of them that this process serves (WEB_CONNECTIONS)."""
        super().connection_made(transport)
        self._seen_since = self.loop.time()
        Sweep.over(self.connections)
        Dates.of(self.config, self.server_state)
        if len(self.connections) > settings.WEB_CONNECTIONS:
            self._refuse(TOO_MANY, drop_s=0)

    def data_received(self, data: bytes) -> None:
        """Parses what came, if the requests before it leave room."""
        if self._refusal:
            return
        if not self._held and len(data) <= SLICE:
            self._feed(data)
            return
        self._held += data
        self._feed_held()

    def _feed_held(self) -> None:
        while (
            self._held and len(self.pipeline) < MOST_PIPELINED and not self.transport.is_closing() and self._is_http()
        ):
            piece, self._held = self._held[:SLICE], self._held[SLICE:]
            self._feed(piece)
        if self._held and self._is_http():
            self.flow.pause_reading()

    def _is_http(self) -> bool:
        """Until it became a WebSocket."""
        return self in self.connections

    def _feed(self, data: bytes) -> None:
        self._chunk_from = self._fed
        self._fed += len(data)
        HttpToolsProtocol.data_received(self, data)
        # The head may have begun anywhere in its first slice.
        if self._in_head and self._fed - self._head_from > MOST_HEAD + SLICE:
            self._refuse(TOO_LARGE)

    def on_message_begin(self) -> None:
        """Of the parser: the first byte of a request."""
        self._in_head = self._in_message = True
        self._begun += 1
        self._head_from = self._chunk_from
        HttpToolsProtocol.on_message_begin(self)

    def on_headers_complete(self) -> None:
        """Of the parser: the whole head is there."""
        if self._fed - self._head_from > MOST_HEAD and self._head_size() > MOST_HEAD:
            self._refusal = TOO_LARGE
            raise _Refused
        self._in_head = False
        HttpToolsProtocol.on_headers_complete(self)

    def on_message_complete(self) -> None:
        """Of the parser: the whole request is there."""
        self._in_message = False
        HttpToolsProtocol.on_message_complete(self)

    def _head_size(self) -> int:
        """Bytes of the request's target and header fields."""
        return len(self.url) + sum(len(name) + len(value) + 4 for name, value in self.headers)

    # -------------------------------------------------------------------------------------------------------- answering
    def _start_asgi_task(self, cycle: Any, app: Any) -> None:
        self._active = cycle
        HttpToolsProtocol._start_asgi_task(self, cycle, app)

    def on_response_complete(self) -> None:
        """An answer was sent: those that wait for it go on."""
        HttpToolsProtocol.on_response_complete(self)
        if self._held and not self.transport.is_closing():
            self.flow.pause_reading()
            self.loop.call_soon(self._feed_held)

    def send_400_response(self, msg: str) -> None:
        """What cannot be parsed is refused, and so is what a callback of ours refused."""
        self._refuse(self._refusal or 400, _WHY.get(self._refusal, msg))

    def _refuse(self, status: int, why: str = "", *, drop_s: float = DROP_S) -> None:
        """Answers and closes; only closes where another answer is being made, or the answer to this has begun."""
        self._refusal = status
        self._held = b""
        if self.transport.is_closing():
            return
        if not self._may_be_told():
            self.transport.close()
            return
        why = why or _WHY[status]
        said = (
            b"%bcontent-type: text/plain; charset=utf-8\r\nx-content-type-options: nosniff\r\ncontent-length: %d\r\n"
            b"connection: close\r\n\r\n%b"
        )
        self.transport.write(said % (STATUS_LINE[status], len(why), why.encode()))
        if self._active is not None:
            self._active.disconnected = True
            self._active.message_event.set()
        if drop_s and self.transport.can_write_eof():
            self.transport.write_eof()
            self.loop.call_later(drop_s, self.transport.close)
        else:
            self.transport.close()

    def _may_be_told(self) -> bool:
        """Whether it is this request's turn to be answered, and it was not yet."""
        if self._active is None or self._active.response_complete:
            return True
        return self._active is self.cycle and not self._in_head and not self._active.response_started

    def connection_lost(self, exc: Exception | None) -> None:
        """Tells the request that is being answered, too, where others wait behind it."""
        active, self._active, self._held = self._active, None, b""
        if active is not None and not active.response_complete:
            active.disconnected = True
            active.message_event.set()
        self.pipeline.clear()
        HttpToolsProtocol.connection_lost(self, exc)

    # -------------------------------------------------------------------------------------------------------- the sweep
    def sweep(self, now: float) -> None:
        """Ends the connection when its client has let it wait too long; `now` in seconds of the loop."""
        if self.transport.is_closing():
            if self._closing_since is None:
                self._closing_since = now
            elif now - self._closing_since > LINGER_S:
                self.transport.abort()
        elif self._reads_nothing(now):
            self.transport.abort()
        elif self._is_late(now):
            if self._in_message:
                self._refuse(TOO_LATE, drop_s=0)
            else:
                self.transport.close()

    def _reads_nothing(self, now: float) -> bool:
        unread = self.transport.get_write_buffer_size() if self.flow.write_paused else 0
        if not unread or unread != self._unread:
            self._unread, self._unread_since = unread, now
            return False
        return now - self._unread_since > STALL_S

    def _is_late(self, now: float) -> bool:
        # Where reading is paused it is the client that waits. A blank line between requests ends uvicorn's own timer.
        idle = self.timeout_keep_alive_task is None and (self._active is None or self._active.response_complete)
        if self._begun != self._seen or self.flow.read_paused or not (self._in_message or idle):
            self._seen, self._seen_since = self._begun, now
            return False
        return now - self._seen_since > (BODY_WITHIN_S if self._in_message and not self._in_head else HEAD_WITHIN_S)
