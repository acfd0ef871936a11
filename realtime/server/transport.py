"""A transport that cuts a connection off when its client takes nothing, or stays after the close."""

import asyncio
from typing import Any, ClassVar
from weakref import WeakKeyDictionary

SWEEP_S = 5.0
# A client that takes nothing for this long is gone.
STALL_S = 60.0


class Transport(asyncio.Transport):
    """Passes everything on to the connection's own transport. `linger_s`: seconds from the close to the end, at most.

    One timer sweeps over all transports: it ends those whose clients take nothing, and calls `sweep` of each protocol that has
    one.
    """

    __slots__ = (
        "_all", "_ending", "_held", "_linger_s", "_paused", "_real", "_timer", "_unread", "_unread_since", "wrote",
    )  # fmt: skip
    _of_loop: ClassVar[WeakKeyDictionary[asyncio.AbstractEventLoop, "set[Transport]"]] = WeakKeyDictionary()

    def __init__(self, real: asyncio.Transport, *, linger_s: float) -> None:
        self._real = real
        self._linger_s = linger_s
        self._ending = self._held = self._paused = False
        # Whether anything was written since this was last set to False.
        self.wrote = False
        self._timer: asyncio.TimerHandle | None = None
        self._unread, self._unread_since = 0, 0.0
        loop = asyncio.get_running_loop()
        if (others := self._of_loop.get(loop)) is None:
            others = self._of_loop[loop] = set()
            loop.call_later(SWEEP_S, self._sweep, loop)
        self._all = others
        others.add(self)

    def count(self) -> int:
        """The number of connections."""
        return len(self._all)

    def end_with(self, last: bytes) -> None:
        """Writes the last bytes. The protocol reads and drops what the client still sends, so that the client reads them before
        the end."""
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
        self._all.discard(self)
        if self._timer is not None:
            self._timer.cancel()

    def hold(self) -> None:
        """Pauses reading until `release`, also when the server asks to resume."""
        if not self._held:
            self._held = True
            self._real.pause_reading()

    def release(self) -> None:
        """After `hold`."""
        if self._held:
            self._held = False
            if not self._paused:
                self._real.resume_reading()

    def _cut_off_soon(self) -> None:
        if self._timer is None:
            unread = self._real.get_write_buffer_size()
            self._timer = asyncio.get_running_loop().call_later(self._linger_s, self._cut_off, unread)

    def _cut_off(self, before: int) -> None:
        """Ends the connection, unless the client goes on reading the rest of an answer."""
        self._timer = None
        if 0 < self._real.get_write_buffer_size() < before:
            self._cut_off_soon()
        else:
            self._real.abort()

    def _sweep(self, loop: asyncio.AbstractEventLoop) -> None:
        now = loop.time()
        for each in list(self._all):
            each.look(now)
        if self._all:
            loop.call_later(SWEEP_S, self._sweep, loop)
        else:
            del self._of_loop[loop]

    def look(self, now: float) -> None:
        """Ends a connection that has waited too long; `now` in seconds of the loop."""
        if (unread := self._real.get_write_buffer_size()) != self._unread or not unread:
            self._unread, self._unread_since = unread, now
        elif now - self._unread_since > STALL_S:
            self._real.abort()
            return
        sweep = getattr(self._real.get_protocol(), "sweep", None)
        if sweep is not None:
            sweep(now)

    # ------------------------------------------------------------------------------------------------ as asyncio has it
    def write(self, data: Any) -> None:
        """Drops it after `end_with`."""
        if not self._ending:
            self.wrote = True
            self._real.write(data)

    def close(self) -> None:
        """Closes once all is written, or `linger_s` later. After `end_with` the client has `linger_s` to go."""
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
        self._paused = True
        if not self._ending and not self._held:
            self._real.pause_reading()

    def resume_reading(self) -> None:
        """After `pause_reading`."""
        self._paused = False
        if not self._held:
            self._real.resume_reading()

    def set_protocol(self, protocol: asyncio.BaseProtocol) -> None:
        """Hands the connection over."""
        self._real.set_protocol(protocol)

    def get_protocol(self) -> asyncio.BaseProtocol:
        """Whose connection it is."""
        return self._real.get_protocol()
