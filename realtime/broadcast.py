"""Tells all processes "this line is now at version n" through Channels' Redis layer. A lost message is told again by the
timers; a doubled or late one is dropped by its readers, for its version is not newer (law 3)."""

import asyncio
import logging
import os
import threading
from uuid import UUID

from channels.layers import get_channel_layer

logger = logging.getLogger(__name__)


def group_of(queue_id: UUID | str) -> str:
    """The Channels group of everybody who follows a line."""
    return f"line.{queue_id}"


def line_changed(queue_id: UUID, version: int) -> None:
    """Returns at once; callable from any thread of any process."""
    asyncio.run_coroutine_threadsafe(_send(group_of(queue_id), version), _loop())


async def _send(group: str, version: int) -> None:
    try:
        await asyncio.wait_for(
            get_channel_layer().group_send(group, {"type": "line.changed", "version": version}), timeout=2
        )
    except Exception as problem:  # Redis is away: the timers tell it again
        logger.warning("broadcast lost", extra={"problem": repr(problem)})


_lock = threading.Lock()
_running: tuple[int, asyncio.AbstractEventLoop] | None = None


def _loop() -> asyncio.AbstractEventLoop:
    """This process's loop for sending. Commands run in plain threads, and Channels speaks asyncio only."""
    global _running
    with _lock:
        if _running is None or _running[0] != os.getpid():
            loop = asyncio.new_event_loop()
            threading.Thread(target=loop.run_forever, name="broadcast", daemon=True).start()
            _running = (os.getpid(), loop)
        return _running[1]
