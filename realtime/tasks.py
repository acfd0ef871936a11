"""Ends tasks of the event loop."""

import asyncio
from collections.abc import Sequence
from typing import Any

# How long a task that was cancelled may clean up before it is cancelled again.
CANCEL_AGAIN_S = 0.05


async def end(tasks: Sequence[asyncio.Task[Any]]) -> None:
    """Cancels tasks until all have ended; what they raise is dropped.

    One cancellation may be lost: before Python 3.12, `wait_for` swallows it when what it waits for ends at that moment, and
    redis-py sends each command by it.
    """
    while going_on := [task for task in tasks if not task.done()]:
        for task in going_on:
            task.cancel()
        await asyncio.wait(going_on, timeout=CANCEL_AGAIN_S)
    await asyncio.gather(*tasks, return_exceptions=True)
