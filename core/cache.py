"""The process's clients of Redis (core/redis_servers.py), and their circuit breaker: a Redis that is down or frozen costs one
time-out per second, not one per request (law 1). A Redis that answers with errors (out of memory, read-only in a failover)
costs no time and does not open the breaker."""

import logging
import time
from functools import cache

from django.conf import settings
from redis import Redis
from redis.asyncio import Redis as AsyncRedis
from redis.exceptions import BusyLoadingError, ClusterDownError, RedisClusterException, RedisError, ResponseError

from core.redis_servers import servers

logger = logging.getLogger(__name__)

OPEN_FOR_S = 1.0
# What redis-py raises when Redis is away or frozen, or answers with an error: loading, out of memory, read-only, a key of a
# wrong type, no permission. Each caller does without it then.
Unavailable = (RedisError, RedisClusterException, OSError, TimeoutError)


def answered(problem: Exception) -> bool:
    """Whether Redis answered with this error: it is not away. A cluster is, when its nodes answer that it is down."""
    return isinstance(problem, (ResponseError, BusyLoadingError)) and type(problem) is not ClusterDownError


class Breaker:
    """A circuit breaker that stays open for OPEN_FOR_S after Redis did not answer. `with breaker:` trips it, and goes on behind
    the block, when Redis is unavailable there."""

    def __init__(self) -> None:
        self._until = 0.0
        self._said_until = 0.0

    @property
    def closed(self) -> bool:
        """Whether to ask Redis."""
        return time.monotonic() >= self._until

    def trip(self, problem: Exception) -> None:
        """Opens the breaker, unless Redis answered with an error. Logs at most once a second."""
        now = time.monotonic()
        if now >= self._said_until:
            what = "Redis answers with errors" if answered(problem) else "Redis is away"
            logger.warning(f"{what}, going on without it", extra={"problem": problem})
            self._said_until = now + OPEN_FOR_S
        if not answered(problem):
            self._until = now + OPEN_FOR_S

    def __enter__(self) -> None:
        """Nothing to prepare."""

    def __exit__(self, kind: type[BaseException] | None, problem: BaseException | None, trace: object) -> bool:
        if isinstance(problem, Unavailable):
            self.trip(problem)
            return True
        return False


breaker = Breaker()


@cache
def sync_redis() -> Redis:
    """The process's client for threads. Raises one of `Unavailable` when a cluster cannot be asked for its nodes."""
    return servers(settings.REDIS_URL).client()


def async_redis() -> AsyncRedis:
    """A new client for one event loop; its owner closes it."""
    return servers(settings.REDIS_URL).async_client()
