"""Every few seconds: which of the process's connections have waited too long. One timer, and none for each request."""

import asyncio
from typing import Any, ClassVar
from weakref import WeakKeyDictionary

SWEEP_S = 5.0


class Swept:
    """A connection that is looked at."""

    def sweep(self, now: float) -> None:
        """Ends it when it has waited too long; `now` in seconds of the loop."""
        raise NotImplementedError


class Sweep:
    """One per set of connections, as long as there are any."""

    _running: ClassVar[WeakKeyDictionary[asyncio.AbstractEventLoop, "Sweep"]] = WeakKeyDictionary()

    def __init__(self, loop: asyncio.AbstractEventLoop, connections: set[Any]) -> None:
        self._loop = loop
        self._connections = connections
        self._timer = loop.call_later(SWEEP_S, self._sweep)

    @classmethod
    def over(cls, connections: set[Any]) -> None:
        """Begins, unless it runs."""
        loop = asyncio.get_running_loop()
        if loop not in cls._running:
            cls._running[loop] = cls(loop, connections)

    def _sweep(self) -> None:
        now = self._loop.time()
        for connection in list(self._connections):
            if isinstance(connection, Swept):
                connection.sweep(now)
        if self._connections:
            self._timer = self._loop.call_later(SWEEP_S, self._sweep)
        else:
            del self._running[self._loop]
