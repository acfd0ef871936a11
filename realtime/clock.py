"""Keeps this process's estimate of the database's clock (core/clock.py) true while no command reads that clock."""

import asyncio
import logging

from core import clock
from realtime.postgres import Run, Unreadable, ask
from realtime.tasks import end

logger = logging.getLogger(__name__)

EVERY_S = 10.0
# Before the first reading no deadline counts as past.
AT_FIRST_S = 0.5


class ClockReader:
    """One per process, bound to its event loop. `run` performs a function as a thread job."""

    def __init__(self, run: Run) -> None:
        self._run = run
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begins to read."""
        self._task = asyncio.create_task(self._keep_reading())

    async def read(self) -> bool:
        """Reads the database's clock; whether it answered."""
        try:
            await ask(self._run, clock.now)
        except Unreadable:
            return False
        return True

    async def aclose(self) -> None:
        """Stops."""
        if self._task is not None:
            await end([self._task])

    async def _keep_reading(self) -> None:
        while True:
            try:
                known = await self.read() or clock.estimate.now_ms() > 0
            except Exception as problem:  # e.g. a Postgres that is not durable: the process ends by itself
                logger.warning("the database's clock was not read", extra={"problem": problem})
                known = False
            await asyncio.sleep(EVERY_S if known else AT_FIRST_S)
