"""Telling a client what is new without a task that waits for it: a topic wakes its tellers, each says what it has to say
at once, and only one that must wait (for a slow client, for Postgres) becomes a task until it has.
"""

import asyncio
import contextlib
from collections.abc import Callable, Iterator
from typing import Protocol

from core.asgi_types import Receive, Scope, Send
from realtime.eager import Work, begin
from realtime.streams import EventStream, Stalled, disconnected


class Done(Exception):
    """Everything has been said."""


class Follows(Protocol):
    """What can be followed (realtime/pubsub.py: Topic)."""

    tellers: "set[Teller]"


class Teller:
    """Tells one client. `step` says all that is new, each time it is woken, and never runs twice at once; it raises Done
    after the last. Until it first waits it runs in somebody else's task (eager.begin).
    """

    __slots__ = ("_again", "_done", "_main", "_over", "_problem", "_rest", "_step")

    def __init__(self, step: Callable[[], Work]) -> None:
        self._step = step
        self._main: asyncio.Task[None] | None = None
        self._rest: asyncio.Task[None] | None = None
        self._again = self._over = self._done = False
        self._problem: Exception | None = None

    async def follow(self, topic: Follows, gone: Work) -> bool:
        """Tells what `topic` has to say until all is said (then True), or `gone` ends. Raises what either raised, but not
        that the client went or stalled: that is how such connections end."""
        self._main = asyncio.current_task()
        topic.tellers.add(self)
        try:
            self.wake()
            if not self._over:
                await gone
        except asyncio.CancelledError:
            if not self._over:
                raise
            if self._main is not None:
                self._main.uncancel()
        except (OSError, Stalled):
            pass
        finally:
            topic.tellers.discard(self)
            self._main = None
            gone.close()
            if self._rest is not None:
                self._rest.cancel()
                await asyncio.gather(self._rest, return_exceptions=True)
        if self._problem is not None:
            raise self._problem
        return self._done

    def wake(self) -> None:
        """There may be something new. Returns at once."""
        if self._rest is not None:
            self._again = True
        elif not self._over and (rest := begin(self._steps())) is not None:
            self._rest = asyncio.get_running_loop().create_task(rest)

    async def _steps(self) -> None:
        self._again = True
        try:
            while self._again:
                self._again = False
                await self._step()
        except Done:
            self._done = True
            self._end()
        except (OSError, Stalled):
            self._end()
        except Exception as problem:
            self._problem = problem
            self._end()
        self._rest = None

    def _end(self) -> None:
        self._over = True
        if self._main is not None and self._main is not asyncio.current_task():
            self._main.cancel()


class Beat:
    """Wakes thousands about every `every_s()` seconds, by one timer for all: a fifteenth of them each time."""

    SLOTS = 15

    def __init__(self, every_s: Callable[[], float]) -> None:
        self._every_s = every_s
        self._slots: list[set[Callable[[], None]]] = [set() for _ in range(self.SLOTS)]
        self._now = 0
        self._count = 0
        self._timer: asyncio.TimerHandle | None = None

    @contextlib.contextmanager
    def on(self, beat: Callable[[], None]) -> Iterator[None]:
        """Calls `beat` while the block lasts."""
        slot = self._slots[self._now]
        slot.add(beat)
        self._count += 1
        if self._timer is None:
            self._wait()
        try:
            yield
        finally:
            slot.discard(beat)
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


async def stream(
    scope: Scope,
    receive: Receive,
    send: Send,
    topic: Follows,
    tell: Callable[[EventStream], Work],
    *,
    beats: Beat,
) -> None:
    """Answers with the Server-Sent Events that `tell` says whenever there is news, until Done or the client goes; a HEAD
    with the headers alone."""
    events = EventStream(send)
    beating = False

    def beat() -> None:
        nonlocal beating
        beating = True
        teller.wake()

    async def step() -> None:
        nonlocal beating
        if beating:
            beating = False
            await events.beat()
        await tell(events)

    with contextlib.suppress(OSError, Stalled):
        await events.begin()
        if scope["method"] != "HEAD":
            teller = Teller(step)
            with beats.on(beat):
                if not await teller.follow(topic, disconnected(receive)):
                    return
        await events.end()
