"""Topics: the newest state of what is followed in this process, and the followers to wake. A lost message costs a second, since
a topic reads again by itself. A slow follower skips to the newest state."""

import asyncio
import contextlib
import logging
from collections.abc import Awaitable, Callable
from typing import Generic, Protocol, TypeVar

from core import clock
from realtime.fanout import Follower
from realtime.postgres import Unreadable

logger = logging.getLogger(__name__)

LOOK_AGAIN_S = 1.0
# Yield to the event loop after this many callbacks.
AT_ONCE = 250


class State(Protocol):
    """What can be followed: anything that says how new it is."""

    @property
    def version(self) -> int:
        """Grows with every change."""


T = TypeVar("T", bound=State)


class Topic(Generic[T]):
    """One thing that is followed in this process. `state` is the newest known; None once it is gone for good."""

    def __init__(self, read: Callable[[], Awaitable[T | None]], state: T | None = None) -> None:
        self._read = read
        self.state = state
        # Of the newest state shown, kept apart: a state may grow in place.
        self._version = state.version if state is not None else -1
        self.gone = False
        self.followers = 0
        self.told = asyncio.Event()
        # Woken by every news (realtime/fanout.py).
        self.tellers: set[Follower] = set()
        self._telling: asyncio.Task[None] | None = None
        self._more = False
        self._alarm: asyncio.TimerHandle | None = None
        self._alarm_at = 0
        self._news: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    async def newer(self, than: int, *, within_s: float) -> T | None:
        """The newest state as soon as it is newer than version `than`; None when nothing came within `within_s` seconds,
        or it is gone."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(within_s):
                while not self.gone and self._version <= than:
                    await asyncio.shield(self._news)
        return self.state if self._version > than and not self.gone else None

    async def look(self) -> None:
        """Reads once and wakes the followers. Raises Unreadable."""
        found = await self._read()
        if found is None:
            self.gone = True
            self._wake()
        else:
            self.take(found)

    def take(self, found: T) -> None:
        """Wakes the followers with `found`, unless it is no newer."""
        if self.state is None or found.version > self._version:
            self.state, self._version = found, found.version
            self._wake()

    def wake_at_ms(self, when: int) -> None:
        """Wakes the followers at this time, too (ms since 1970): a deadline passes without a new version."""
        if self._alarm_at != when:
            self.silence()
            self._alarm_at = when
            # A little late rather than early: then it would have to be set again.
            delay_s = max(0.0, (when - clock.estimate.now_ms()) / 1000) + 0.002
            self._alarm = asyncio.get_running_loop().call_later(delay_s, self._ring)

    def _ring(self) -> None:
        self._alarm_at = 0
        self._wake()

    def silence(self) -> None:
        """Cancels the wake-up by the clock: there is no follower."""
        if self._alarm is not None:
            self._alarm.cancel()

    def _wake(self) -> None:
        self._news.set_result(None)
        self._news = asyncio.get_running_loop().create_future()
        self._more = True
        if self.tellers and self._telling is None:
            self._telling = asyncio.create_task(self._tell())

    async def _tell(self) -> None:
        while self._more:
            self._more = False
            for number, teller in enumerate(list(self.tellers), start=1):
                teller.wake()
                if number % AT_ONCE == 0:
                    await asyncio.sleep(0)
        self._telling = None

    async def keep_looking(self) -> None:
        """Looks whenever it is told to, and each LOOK_AGAIN_S seconds."""
        while self.followers and not self.gone:
            try:
                await self.look()
            except Unreadable as problem:
                logger.warning("what is followed could not be read", extra={"problem": problem.__cause__})
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(LOOK_AGAIN_S):
                    await self.told.wait()
            self.told.clear()
