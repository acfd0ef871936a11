"""The limits of core/rate_limits.py on the event loop. Tries that come while others are counted are counted together, in one
round trip to Redis.
"""

import sys
from collections.abc import Callable, Sequence

from limits import RateLimitItem
from redis.asyncio import Redis

from core import rate_limits
from core.asgi_types import Scope
from core.cache import breaker
from core.rate_limits import Count, Try
from realtime.batcher import Batcher

# Unbounded: the server caps connections.
MOST = sys.maxsize


class RateLimiter:
    """One per process, bound to its event loop. `redis()` is the loop's client."""

    def __init__(self, redis: Callable[[], Redis]) -> None:
        self._redis = redis
        self._box: Batcher[Try, int] = Batcher(self._count, most=MOST, most_waiting=MOST)

    async def check(self, scope: Scope, limit: RateLimitItem, *what: str) -> None:
        """Counts one try of this client at `what`. Raises TooMany."""
        if rate_limits.is_on():
            await self.check_address(rate_limits.address_of(scope), limit, *what)

    async def check_address(self, address: str, limit: RateLimitItem, *what: str) -> None:
        """The same where the client's address is known."""
        if rate_limits.is_on():
            rate_limits.refuse(await self._box.put(rate_limits.a_try(limit, address, *what)))

    async def _count(self, tries: Sequence[Try], _: float) -> list[int]:
        """For each try 0, or how long its window still lasts, in ms."""
        if breaker.closed:  # unless tripped by the tries counted before
            with breaker:
                count = Count(tries)
                pipeline = self._redis().pipeline(transaction=False)
                count.run(pipeline)
                return count.waits_ms(await pipeline.execute())
        return [0] * len(tries)
