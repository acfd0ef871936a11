"""What stands between a connection's transport and one of uvicorn's protocols. It knows of both only what asyncio says of
transports and protocols."""

import asyncio

from realtime.server.transport import Transport


class Between(asyncio.Protocol):
    """Passes everything on to `inner`, until this ends the connection itself."""

    __slots__ = ("_inner", "_over", "_transport")
    _transport: Transport

    def __init__(self, inner: asyncio.Protocol) -> None:
        self._inner = inner
        self._over = False

    def end_with(self, last: bytes, why: str) -> None:
        """Says `last` to the client, and to uvicorn that the connection is lost. What the client still sends is dropped."""
        self._over = True
        self._transport.end_with(last)
        self._inner.connection_lost(ConnectionError(why))

    def pause_writing(self) -> None:
        """The client does not read."""
        self._inner.pause_writing()

    def resume_writing(self) -> None:
        """The client has read."""
        self._inner.resume_writing()

    def eof_received(self) -> bool | None:
        """The client sends nothing more."""
        return None if self._over else self._inner.eof_received()

    def connection_lost(self, exc: Exception | None) -> None:
        """The end of it."""
        self._transport.over()
        if not self._over:
            self._over = True
            self._inner.connection_lost(exc)
