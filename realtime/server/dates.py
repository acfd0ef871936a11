"""The Date of every answer: the database's time, not this machine's. Pages set their countdowns by it (decision 0028)."""

import asyncio
import time
from email.utils import formatdate
from typing import Any, ClassVar
from weakref import WeakKeyDictionary

from core import clock

EVERY_S = 1.0


class Dates:
    """One per event loop, in place of uvicorn's own header, which it writes each second from the machine's clock."""

    _running: ClassVar[WeakKeyDictionary[asyncio.AbstractEventLoop, "Dates"]] = WeakKeyDictionary()

    def __init__(self, loop: asyncio.AbstractEventLoop, config: Any, state: Any) -> None:
        self._loop = loop
        self._config = config
        self._state = state
        config.date_header = False
        self._headers = [header for header in config.encoded_headers if header[0] != b"date"]
        self._write()

    @classmethod
    def of(cls, config: Any, state: Any) -> None:
        """Begins, unless it runs. `config`, `state`: uvicorn's."""
        loop = asyncio.get_running_loop()
        if loop not in cls._running:
            cls._running[loop] = cls(loop, config, state)

    def _write(self) -> None:
        """Both where answers take it from, and where uvicorn takes it from each second."""
        now_ms = clock.estimate.now_ms()
        date = formatdate(now_ms / 1000 if now_ms else time.time(), usegmt=True).encode()
        self._config.encoded_headers = self._state.default_headers = [(b"date", date), *self._headers]
        self._loop.call_later(EVERY_S, self._write)
