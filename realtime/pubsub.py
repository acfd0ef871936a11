"""Who follows what in this process. One subscription of the channel layer hears "there is something newer" of everything;
what is followed here is then read once, and handed to all who follow it. A lost message costs a second: each topic looks
again by itself. A slow follower skips to the newest state.
"""

import asyncio
import contextlib
import logging
import math
import time
from collections.abc import Awaitable, Callable
from typing import Any, Generic, Protocol, TypeVar

from prometheus_client import Gauge
from redis.asyncio.connection import Connection

from core import clock
from core.cache import Unavailable, breaker
from realtime import broadcast, metrics
from realtime.fanout import Beat, Follower
from realtime.postgres import Unreadable

logger = logging.getLogger(__name__)

LOOK_AGAIN_S = 1.0
RECONNECT_S = 0.5
BEAT_EVERY_S = 0.5
SILENT_S = 1.5
# A layer that passes nothing on for so long has lost its connection or its reading task, and is made anew.
DEAD_S = 5.0
NEVER = -math.inf
UNKNOWN = -1
# Yield to the event loop after this many callbacks.
AT_ONCE = 250


class State(Protocol):
    """What can be followed: anything that says how new it is."""

    @property
    def version(self) -> int:
        """Grows with every change."""


T = TypeVar("T", bound=State)
# Called with a key of realtime/store.py, a version, and what changed (None: not known).
Listener = Callable[[str, int, dict[str, Any] | None], None]


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


class Hub:
    """What this process hears through the channel layer, and the topics that are followed here. One per event loop.

    `period` numbers the unbroken stretches of listening: what was read in this one, and not told of since, is the newest
    there is. `hears`: whether that holds just now. `deaf`: Redis takes no messages, so it may take no rows either, and what
    it has may be old (realtime/snapshot_cache.py).
    """

    def __init__(self) -> None:
        self.period = 0
        self.deaf = False
        self.listeners: list[Listener] = [self._wake]
        self._heard_at = NEVER
        self._layer = broadcast.channel_layer(self._connected)
        self._channel = ""
        self._listens = asyncio.Event()
        self._topics: dict[str, Topic[Any]] = {}
        self._looking: dict[str, asyncio.Task[None]] = {}
        self._beats: dict[Callable[[], float], Beat] = {}
        self._tasks: list[asyncio.Task[None]] = []
        self._loop: asyncio.AbstractEventLoop | None = None
        self._closed = False

    @property
    def hears(self) -> bool:
        """Whether news would be heard: what this process said itself came back a moment ago, and Redis has answered since.

        An answer to a ping proves less: a Redis that is paused, or that refuses to publish, gives it too.
        """
        return self.silent_s < SILENT_S and breaker.closed

    @property
    def silent_s(self) -> float:
        """Seconds since the layer last passed on what this process said."""
        return time.monotonic() - self._heard_at

    def start(self) -> None:
        """Begins to listen, once."""
        if not self._tasks:
            self._loop = asyncio.get_running_loop()
            self._tasks = [asyncio.create_task(self._listen()), asyncio.create_task(self._beat())]

    def changed_here(self, name: str, changes: dict[str, Any] | None = None) -> None:
        """A thread of this process has changed it. Before an answer that follows goes out, this loop's readers know."""
        if self._loop is not None and not self._loop.is_closed():
            version = changes["version"] if changes is not None else UNKNOWN
            self._loop.call_soon_threadsafe(self.tell, name, version, changes)

    def tell(self, name: str, version: int, changes: dict[str, Any] | None = None) -> None:
        """There is this version of the thing `name` (a key of realtime/store.py); UNKNOWN: one that is newer."""
        for listener in self.listeners:
            listener(name, version, changes)

    def follow(self, name: str, read: Callable[[], Awaitable[T | None]], state: T | None = None) -> "Following[T]":
        """The topic `name` (a key of realtime/store.py), kept up to date by `read` while anybody follows it; a new one
        begins with `state`."""
        return Following(self, name, read, state)

    def enter(self, name: str, read: Callable[[], Awaitable[T | None]], state: T | None) -> Topic[T]:
        """One more follows the topic, until `leave`."""
        self.start()
        topic = self._topics.get(name)
        if topic is None:
            topic = self._topics[name] = Topic(read, state)
            self._looking[name] = asyncio.create_task(topic.keep_looking())
        elif state is not None:
            topic.take(state)
        topic.followers += 1
        _followers(name).inc()
        return topic

    def leave(self, name: str, topic: Topic[Any]) -> None:
        """One less; with the last it is forgotten."""
        _followers(name).dec()
        topic.followers -= 1
        if topic.followers == 0:
            self._looking.pop(name).cancel()
            topic.silence()
            del self._topics[name]

    def beat(self, every_s: Callable[[], float]) -> Beat:
        """The beat of all who are woken every `every_s()` seconds."""
        return self._beats.setdefault(every_s, Beat(every_s))

    async def aclose(self) -> None:
        """Stops listening and looking."""
        self._closed = True
        tasks = [*self._looking.values(), *self._tasks]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await self._flush()

    async def _connected(self, connection: Connection) -> None:
        """Completes a new connection of the layer. What was said before it is lost, so nothing is certain until a beat comes
        back: with it come all messages that follow."""
        self._heard_at = NEVER
        await connection.on_connect()

    async def _listen(self) -> None:
        # Libraries below swallow a cancellation now and then; the flag ends what went on.
        while not self._closed:
            try:
                channel = await self._layer.new_channel()
                await self._layer.group_add(broadcast.GROUP, channel)
                self._channel = channel
                self._listens.set()
                await self._hear(channel)
            except Unavailable as problem:
                logger.info("no news from Redis, looking by the clock", extra={"problem": problem})
                self._heard_at = NEVER
                self.deaf = True
                self._listens.clear()
                await self._flush()
                await asyncio.sleep(RECONNECT_S)

    async def _flush(self) -> None:
        """Closes the layer's connections. It would not notice that a subscription of it is gone; so it begins anew."""
        with contextlib.suppress(*Unavailable):
            await self._layer.flush()

    async def _hear(self, channel: str) -> None:
        """Passes messages on. Raises TimeoutError after DEAD_S without any."""
        loop = asyncio.get_running_loop()
        async with asyncio.timeout(DEAD_S) as patience:
            while True:
                message = await self._layer.receive(channel)
                patience.reschedule(loop.time() + DEAD_S)
                if message["type"] == "changed":
                    self.tell(message["name"], message["version"], message["changes"])
                    continue
                if self._heard_at == NEVER:
                    self.period += 1
                self._heard_at = time.monotonic()
                self.deaf = False

    async def _beat(self) -> None:
        """Says something to this process itself, through Redis."""
        while not self._closed:
            await self._listens.wait()
            try:
                await self._layer.send(self._channel, {"type": "beat"})
            except Unavailable as problem:
                breaker.trip(problem)
                self._heard_at = NEVER
                self.deaf = True
            await asyncio.sleep(BEAT_EVERY_S)

    def _wake(self, name: str, version: int, changes: dict[str, Any] | None) -> None:
        topic = self._topics.get(name)
        if topic is not None:
            topic.told.set()


def _followers(name: str) -> Gauge:
    return metrics.FOLLOWERS.labels(name.split(":")[1])


class Following(Generic[T]):
    """A topic to follow: in a block, or between `enter` and `leave`. No generator: there may be thousands of these for hours."""

    __slots__ = ("_hub", "_name", "_read", "_state", "_topic")

    def __init__(self, hub: Hub, name: str, read: Callable[[], Awaitable[T | None]], state: T | None) -> None:
        self._hub, self._name, self._read, self._state = hub, name, read, state

    def enter(self) -> Topic[T]:
        """One more follows the topic."""
        self._topic = self._hub.enter(self._name, self._read, self._state)
        del self._read, self._state
        return self._topic

    def leave(self) -> None:
        """One less."""
        self._hub.leave(self._name, self._topic)

    async def __aenter__(self) -> Topic[T]:
        return self.enter()

    async def __aexit__(self, *_: object) -> None:
        self.leave()
