"""Redis clients of the hot paths: short time-outs, no retries, and a circuit breaker, so that a Redis that is down or frozen
costs one time-out per second, not one per request (law 1). A Redis that answers with errors (out of memory, read-only in a
failover) costs no time and does not open the breaker."""

import logging
import time
from functools import cache

from django.conf import settings
from redis import BlockingConnectionPool, Redis
from redis.asyncio import BlockingConnectionPool as AsyncPool
from redis.asyncio import Redis as AsyncRedis
from redis.asyncio.retry import Retry as AsyncRetry
from redis.backoff import NoBackoff
from redis.exceptions import BusyLoadingError, RedisError, ResponseError
from redis.retry import Retry

logger = logging.getLogger(__name__)

OPEN_FOR_S = 1.0
# What redis-py raises when Redis is away or frozen, or answers with an error: loading, out of memory, read-only, a key of a
# wrong type, no permission. Each caller does without it then.
Unavailable = (RedisError, OSError, TimeoutError)
# Of these, errors that Redis answered with: it is not away.
Answered = (ResponseError, BusyLoadingError)


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
        answered = isinstance(problem, Answered)
        if now >= self._said_until:
            what = "Redis answers with errors" if answered else "Redis is away"
            logger.warning(f"{what}, going on without it", extra={"problem": problem})
            self._said_until = now + OPEN_FOR_S
        if not answered:
            self._until = now + OPEN_FOR_S

    def __enter__(self) -> None:
        """Nothing to prepare."""

    def __exit__(self, kind: type[BaseException] | None, problem: BaseException | None, trace: object) -> bool:
        if isinstance(problem, Unavailable):
            self.trip(problem)
            return True
        return False


breaker = Breaker()


def _patience() -> dict[str, float]:
    """Time-outs in seconds: for a connection, for a free one of the pool, and for an answer."""
    return dict.fromkeys(("timeout", "socket_timeout", "socket_connect_timeout"), settings.REDIS_TIMEOUT_S)


@cache
def sync_redis() -> Redis:
    """The process's client for threads."""
    retry = Retry(NoBackoff(), 0)
    return Redis(
        connection_pool=BlockingConnectionPool.from_url(
            settings.REDIS_URL, max_connections=16, retry=retry, **_patience()
        )
    )


def async_redis() -> AsyncRedis:
    """A new client for one event loop; its owner closes it."""
    retry = AsyncRetry(NoBackoff(), 0)
    return AsyncRedis(
        connection_pool=AsyncPool.from_url(settings.REDIS_URL, max_connections=32, retry=retry, **_patience())
    )
