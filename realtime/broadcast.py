"""Tells every process what changed, through the Channels layer (channels-redis, pub/sub). A message may be lost (law 1):
followers look again each second, and the timers tell recent versions again.
"""

import asyncio
import os
import threading
from collections.abc import Awaitable, Callable
from concurrent.futures import Future, wait
from typing import Any

from channels_redis.pubsub import RedisPubSubChannelLayer
from django.conf import settings
from redis.asyncio.connection import Connection
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff

from core.cache import breaker
from core.redis_servers import servers

# Every process is in this group: the snapshot cache has to hear of each write, followed or not.
GROUP = "changes"
PREFIX = "tl"
# While Redis is slow this many messages wait to be sent; the rest are dropped.
MOST_WAITING = 1_000


def channel_layer(connected: Callable[[Connection], Awaitable[None]] | None = None) -> RedisPubSubChannelLayer:
    """A layer on REDIS_URL. `connected` completes each new connection of it (redis-py: redis_connect_func): the layer itself
    reconnects without reporting that messages were lost."""
    host = {**servers(settings.REDIS_URL).layer_host(), "retry": Retry(NoBackoff(), 1)}
    if connected is not None:
        host["redis_connect_func"] = connected
    return RedisPubSubChannelLayer(hosts=[host], prefix=PREFIX)


class Broadcaster:
    """Sends from an event loop in a separate thread, one per process: any thread may call `tell`, and none waits for Redis."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._process: int | None = None
        self._loop: asyncio.AbstractEventLoop
        self._layer: RedisPubSubChannelLayer
        self._sending: set[asyncio.Task[None]] = set()

    def tell(self, name: str, version: int, changes: dict[str, Any] | None = None) -> "Future[None]":
        """There is this version of the thing `name` (a key of realtime/store.py), and what changed where that is known.
        Returns at once; the future is done when Redis has the message, or it was dropped."""
        self._start()
        message = {"type": "changed", "name": name, "version": version, "changes": changes}
        sent: Future[None] = Future()
        self._loop.call_soon_threadsafe(self._begin, message, sent)
        return sent

    def tell_and_wait(self, name: str, version: int, changes: dict[str, Any] | None = None) -> None:
        """The same for a thread whose answer follows: it waits until Redis has the message, at most REDIS_TIMEOUT_S, so that
        a client that was answered finds the change in the other processes too."""
        wait([self.tell(name, version, changes)], timeout=settings.REDIS_TIMEOUT_S)

    def _start(self) -> None:
        with self._lock:
            if self._process != os.getpid():  # also in a forked child: threads do not survive a fork
                self._process = os.getpid()
                self._loop, self._layer, self._sending = asyncio.new_event_loop(), channel_layer(), set()
                threading.Thread(target=self._loop.run_forever, name="broadcast", daemon=True).start()

    def _begin(self, message: dict[str, Any], sent: "Future[None]") -> None:
        if len(self._sending) < MOST_WAITING:
            task = self._loop.create_task(self._send(message))
            self._sending.add(task)
            task.add_done_callback(self._sending.discard)
            task.add_done_callback(lambda _: sent.set_result(None))
        else:
            sent.set_result(None)

    async def _send(self, message: dict[str, Any]) -> None:
        with breaker:
            await self._layer.group_send(GROUP, message)


_broadcaster = Broadcaster()
tell = _broadcaster.tell
tell_and_wait = _broadcaster.tell_and_wait
