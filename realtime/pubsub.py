"""News of changes in this process, and the topics that are followed in it. One channel of the channel layer hears "there is a
newer version" of every line, poll and room; what is followed here is then read once, for all its followers."""

import asyncio
import contextlib
import logging
import time
from collections.abc import Awaitable, Callable
from typing import Any, Generic, TypeVar

from prometheus_client import Gauge
from redis.asyncio import Redis
from redis.asyncio.connection import Connection

from core.cache import Unavailable, breaker
from realtime import broadcast, metrics, tasks
from realtime.fanout import Beat
from realtime.topics import State, Topic

logger = logging.getLogger(__name__)

RECONNECT_S = 0.5
BEAT_EVERY_S = 0.5
SILENT_S = 1.5
# A layer that passes nothing on for so long has lost its connection or its reading task, and is made anew.
DEAD_S = 5.0
UNKNOWN = -1


T = TypeVar("T", bound=State)
# Called with a key of realtime/store.py, a version, and what changed (None: not known).
Listener = Callable[[str, int, dict[str, Any] | None], None]


class Hub:
    """What this process hears through the channel layer, and the topics that are followed here. One per event loop.

    `period` numbers the unbroken stretches of listening: what was read in this one, and not told of since, is the newest
    there is. `hears`: whether that holds just now. `deaf`: Redis takes no messages, so it may take no rows either, and what
    it has may be old (realtime/snapshot_cache.py). `redis()` is the loop's client.
    """

    def __init__(self, redis: Callable[[], Redis]) -> None:
        self._redis = redis
        self.period = 0
        self.deaf = False
        self.listeners: list[Listener] = [self._wake]
        self._heard_at = time.monotonic()
        # Whether all news since a beat has come here: not from a new connection until a beat came back through it.
        self._unbroken = False
        self._layer = broadcast.channel_layer(self._connected)
        self._channel = ""
        self._listens = asyncio.Event()
        self._topics: dict[str, Topic[Any]] = {}
        self._looking: dict[str, asyncio.Task[None]] = {}
        self._beats: dict[Callable[[], float], Beat] = {}
        self._tasks: list[asyncio.Task[None]] = []
        self._loop: asyncio.AbstractEventLoop | None = None

    @property
    def hears(self) -> bool:
        """Whether news would be heard: what this process said itself came back a moment ago, and Redis has answered since.

        An answer to a ping proves less: a Redis that is paused, or that refuses to publish, gives it too.
        """
        return self._unbroken and self.silent_s < SILENT_S and breaker.closed

    @property
    def silent_s(self) -> float:
        """Seconds since the layer last passed on what this process said, or since the process began."""
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
        """The topic `name` (a key of realtime/store.py), kept up to date by `read` as long as it has followers; a new one
        begins with `state`."""
        return Following(self, name, read, state)

    def enter(self, name: str, read: Callable[[], Awaitable[T | None]], state: T | None) -> Topic[T]:
        """Adds a follower of the topic, until `leave`."""
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
        """Removes a follower; without followers the topic is forgotten."""
        _followers(name).dec()
        topic.followers -= 1
        if topic.followers == 0:
            self._looking.pop(name).cancel()
            topic.silence()
            del self._topics[name]

    def beat(self, every_s: Callable[[], float]) -> Beat:
        """The one beat of all followers that are woken every `every_s()` seconds."""
        return self._beats.setdefault(every_s, Beat(every_s))

    async def aclose(self) -> None:
        """Stops listening and looking."""
        await tasks.end([*self._looking.values(), *self._tasks])
        await self._flush()

    async def _connected(self, connection: Connection) -> None:
        """Completes a new connection of the layer. What was said before it is lost, so nothing is certain until a beat comes
        back: with it come all messages that follow."""
        self._unbroken = False
        await connection.on_connect()

    async def _listen(self) -> None:
        while True:
            try:
                async with asyncio.timeout(DEAD_S):
                    channel = await self._layer.new_channel()
                    await self._layer.group_add(broadcast.GROUP, channel)
                self._channel = channel
                self._listens.set()
                await self._hear(channel)
            except Unavailable as problem:
                logger.info("no news from Redis, looking by the clock", extra={"problem": problem})
                self._unbroken = False
                self.deaf = True
                self._listens.clear()
                await self._flush()
                await asyncio.sleep(RECONNECT_S)

    async def _flush(self) -> None:
        """Closes the layer's connections. It would not notice that a subscription of it is gone; so it begins anew."""
        with contextlib.suppress(*Unavailable):
            async with asyncio.timeout(DEAD_S):
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
                if not self._unbroken:
                    self.period += 1
                    self._unbroken = True
                self._heard_at = time.monotonic()
                self.deaf = False

    async def _beat(self) -> None:
        """Sends a message to this process itself through Redis, every BEAT_EVERY_S seconds.

        In a cluster that message goes through one node, while rows are on all masters. So all masters are asked first, and while
        one of them does not answer, all of Redis counts as away.
        """
        while True:
            await self._listens.wait()
            try:
                await self._redis().ping()
                await self._layer.send(self._channel, {"type": "beat"})
            except Unavailable as problem:
                breaker.trip(problem)
                self._unbroken = False
                self.deaf = True
            await asyncio.sleep(BEAT_EVERY_S)

    def _wake(self, name: str, version: int, changes: dict[str, Any] | None) -> None:
        topic = self._topics.get(name)
        if topic is not None:
            topic.told.set()


def _followers(name: str) -> Gauge:
    return metrics.FOLLOWERS.labels(name.split(":")[1])


class Following(Generic[T]):
    """A topic to follow: in a block, or between `enter` and `leave`. Not a generator, which would need more memory: there may be
    thousands of these for hours."""

    __slots__ = ("_hub", "_name", "_read", "_state", "_topic")

    def __init__(self, hub: Hub, name: str, read: Callable[[], Awaitable[T | None]], state: T | None) -> None:
        self._hub, self._name, self._read, self._state = hub, name, read, state

    def enter(self) -> Topic[T]:
        """Adds a follower."""
        self._topic = self._hub.enter(self._name, self._read, self._state)
        del self._read, self._state
        return self._topic

    def leave(self) -> None:
        """Removes it."""
        self._hub.leave(self._name, self._topic)

    async def __aenter__(self) -> Topic[T]:
        return self.enter()

    async def __aexit__(self, *_: object) -> None:
        self.leave()
