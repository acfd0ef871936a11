"""Fan-out to thousands of clients without a task for each: a topic wakes its followers, each sends what is new at once, and only
a follower that must wait (for a slow client, for Postgres) becomes a task until it has sent it.
"""

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable, Coroutine, Generator
from functools import partial
from types import coroutine
from typing import Any, Protocol

logger = logging.getLogger(__name__)

# A client that takes nothing for this long is dropped.
STALL_S = 30.0

Work = Coroutine[Any, Any, None]


class Done(Exception):
    """Everything has been sent."""


class Follows(Protocol):
    """What can be followed (realtime/pubsub.py: Topic)."""

    tellers: "set[Follower]"


class Follower:
    """One client. `step` sends all that is new, each time it is woken, and never runs twice at once; it raises Done after the
    last message. A slow client gets the newest state once it has taken the message before.
    """

    # Of the class: a follower that has nothing to say keeps none of these.
    over = False
    done = False
    _again = False
    _rest: asyncio.Task[None] | None = None
    _main: asyncio.Task[None] | None = None
    _sending_since = 0.0
    _topic: Follows | None = None
    _beats: "tuple[Beat, int] | None" = None

    async def step(self) -> None:
        """Sends what is new. Raises Done, OSError."""
        raise NotImplementedError

    async def serve(self, client: Awaitable[None]) -> None:
        """Awaits `client`, which returns when the client is gone; or until all is sent. Then this follows nothing."""
        self._main = asyncio.current_task()
        try:
            await client
        except asyncio.CancelledError:
            if not self.over or self._main is None:
                raise
            self._main.uncancel()
        finally:
            self.over = True
            self._main = None
            if self._topic is not None:
                self._topic.tellers.discard(self)
            if self._beats is not None:
                self._beats[0].discard(self._beats[1], self.beat)
            if self._rest is not None:
                self._rest.cancel()
                await asyncio.gather(self._rest, return_exceptions=True)

    def follow(self, topic: Follows, beats: "Beat") -> None:
        """From now on this is woken by news of the topic, and by `beats`."""
        self._topic, self._beats = topic, (beats, beats.add(self.beat))
        topic.tellers.add(self)
        self.wake()

    def wake(self) -> None:
        """There may be something new. Returns at once."""
        if self._rest is not None:
            self._again = True
        elif not self.over and (rest := _begin(self._steps())) is not None:
            self._rest = asyncio.get_running_loop().create_task(rest)

    def beat(self) -> None:
        """Time has passed: wakes the client, or gives up one that takes nothing."""
        if self._sending_since and time.monotonic() - self._sending_since > STALL_S:
            self._end()
        else:
            self.wake()

    async def patiently(self, sending: Awaitable[None]) -> None:
        """Awaits a client that takes what it is sent; `beat` sees when it does not. Raises OSError when it is gone."""
        self._sending_since = time.monotonic()
        try:
            await sending
        except RuntimeError as problem:  # so daphne says that the client is gone
            raise ConnectionError("the client is gone") from problem
        self._sending_since = 0.0

    async def _steps(self) -> None:
        self._again = True
        try:
            while self._again and not self.over:
                self._again = False
                await self.step()
        except Done:
            self.done = True
            self._end()
        except OSError:
            self._end()
        except Exception:
            logger.exception("a follower failed")
            self._end()
        self._rest = None

    def _end(self) -> None:
        self.over = True
        if self._main is not None and self._main is not asyncio.current_task():
            self._main.cancel()


class Beat:
    """Calls thousands about every `every_s()` seconds, by one timer for all: a fifteenth of them each time."""

    SLOTS = 15

    def __init__(self, every_s: Callable[[], float]) -> None:
        self._every_s = every_s
        self._slots: list[set[Callable[[], None]]] = [set() for _ in range(self.SLOTS)]
        self._now = 0
        self._count = 0
        self._timer: asyncio.TimerHandle | None = None

    def add(self, beat: Callable[[], None]) -> int:
        """Calls `beat` from now on. Returns what `discard` has to know."""
        self._slots[self._now].add(beat)
        self._count += 1
        if self._timer is None:
            self._wait()
        return self._now

    def discard(self, slot: int, beat: Callable[[], None]) -> None:
        """Calls it no more."""
        self._slots[slot].discard(beat)
        self._count -= 1
        if not self._count and self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _wait(self) -> None:
        self._timer = asyncio.get_running_loop().call_later(self._every_s() / self.SLOTS, self._tick)

    def _tick(self) -> None:
        self._wait()
        self._now = (self._now + 1) % self.SLOTS
        for beat in list(self._slots[self._now]):
            beat()


def _begin(work: Work) -> Work | None:
    """Runs a coroutine in the current task until it first waits; returns what is left of it, or None when it has ended.

    Python 3.12 has eager tasks for this. Until it waits nothing in it may ask for the current task (asyncio.timeout does).
    """
    try:
        waits = work.send(None)
    except StopIteration:
        return None
    return _left(work, waits)


async def _left(work: Work, waits: Any) -> None:
    await _going_on(work, waits)


@coroutine
def _going_on(work: Work, waits: Any) -> Generator[Any, Any, None]:
    while True:
        try:
            got = yield waits
        except BaseException as problem:
            go_on = partial(work.throw, problem)
        else:
            go_on = partial(work.send, got)
        try:
            waits = go_on()
        except StopIteration:
            return
