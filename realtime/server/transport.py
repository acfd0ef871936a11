"""A transport that ends: one that was closed is cut off when its client does not read what is left."""

import asyncio
from typing import Any


class Transport(asyncio.Transport):
    """Passes everything on to the connection's own transport. `linger_s`: from the close to the end, at most."""

    __slots__ = ("_ending", "_linger_s", "_real", "_timer")

    def __init__(self, real: asyncio.Transport, *, linger_s: float) -> None:
        self._real = real
        self._linger_s = linger_s
        self._ending = False
        self._timer: asyncio.TimerHandle | None = None

    def end_with(self, last: bytes) -> None:
        """Writes the last word. What the client still sends is its protocol's to drop, so that it reads this before the end."""
        self._ending = True
        if self._real.is_closing():
            return
        self._real.write(last)
        if self._real.can_write_eof():
            self._real.write_eof()
        self._real.resume_reading()
        self._cut_off_soon()

    def over(self) -> None:
        """The connection has ended."""
        if self._timer is not None:
            self._timer.cancel()

    def _cut_off_soon(self) -> None:
        if self._timer is None:
            self._timer = asyncio.get_running_loop().call_later(self._linger_s, self._real.abort)

    # ------------------------------------------------------------------------------------------------ as asyncio has it
    def write(self, data: Any) -> None:
        """Drops it after the last word."""
        if not self._ending:
            self._real.write(data)

    def close(self) -> None:
        """Closes once all is written, or `linger_s` later. After the last word the client is waited for."""
        if not self._ending and not self._real.is_closing():
            self._real.close()
            self._cut_off_soon()

    def abort(self) -> None:
        """Ends the connection now."""
        self._real.abort()

    def is_closing(self) -> bool:
        """Whether it was closed."""
        return self._ending or self._real.is_closing()

    def get_extra_info(self, name: str, default: Any = None) -> Any:
        """Addresses, TLS."""
        return self._real.get_extra_info(name, default)

    def get_write_buffer_size(self) -> int:
        """Bytes that the client has not taken."""
        return self._real.get_write_buffer_size()

    def can_write_eof(self) -> bool:
        """Not with TLS."""
        return self._real.can_write_eof()

    def write_eof(self) -> None:
        """Nothing more is written."""
        self._real.write_eof()

    def pause_reading(self) -> None:
        """Until `resume_reading`."""
        if not self._ending:
            self._real.pause_reading()

    def resume_reading(self) -> None:
        """After `pause_reading`."""
        self._real.resume_reading()

    def set_protocol(self, protocol: asyncio.BaseProtocol) -> None:
        """Hands the connection over."""
        self._real.set_protocol(protocol)

    def get_protocol(self) -> asyncio.BaseProtocol:
        """Whose connection it is."""
        return self._real.get_protocol()
