"""Waits on the event loop for a condition, as wait_until of tests/installation.py does in a thread."""

import asyncio
from collections.abc import Callable
from typing import Any

PATIENCE_S = 20.0


async def until(condition: Callable[[], Any]) -> None:
    """Returns once the condition, or what it awaits, is true. Raises TimeoutError after PATIENCE_S."""
    async with asyncio.timeout(PATIENCE_S):
        while not (found := condition()) or (asyncio.iscoroutine(found) and not await found):
            await asyncio.sleep(0.005)
