"""The limits of core/rate_limits.py on the event loop: the same script and counters. Tries that come while others are counted are
counted together, in one round trip to Redis: a parallel burst gets exactly the limit."""

import sys
from collections import Counter
from collections.abc import Callable, Sequence

from django.conf import settings
from limits import RateLimitItem
from redis.asyncio import Redis

from core import rate_limits
from core.asgi_types import Scope
from core.cache import Unavailable, breaker
from realtime.batcher import Box

# A limit, and the key of whoever tries at what.
Try = tuple[RateLimitItem, str]
# Whoever waits has a connection of the server's, and those are bounded.
MOST = sys.maxsize


class Gate:
    """One per process, bound to its event loop. `redis()` is the loop's client."""

    def __init__(self, redis: Callable[[], Redis]) -> None:
        self._redis = redis
        self._box: Box[Try, int] = Box(self._count, most=MOST, most_waiting=MOST)

    async def admit(self, scope: Scope, limit: RateLimitItem, *what: str) -> None:
        """Counts one try of this client at `what`. Raises TooMany."""
        if not settings.RATE_LIMITS or not breaker.closed:
            return
        if wait_ms := await self._box.put((limit, rate_limits.counter_of(limit, rate_limits.address_of(scope), *what))):
            raise rate_limits.too_many(wait_ms)

    async def _count(self, tries: Sequence[Try]) -> list[int]:
        """For each try 0, or how many ms its window still lasts."""
        limit_of = {key: limit for limit, key in tries}
        times = Counter(key for _, key in tries)
        counted: list[tuple[int, int]] = [(0, 0)] * len(times)
        try:
            if breaker.closed:  # it may have been tripped by those who were counted before
                pipeline = self._redis().pipeline(transaction=False)
                for key, number in times.items():
                    pipeline.eval(rate_limits.COUNT, 1, key, number, rate_limits.window_ms(limit_of[key]))
                counted = await pipeline.execute()
        except Unavailable as problem:
            breaker.trip(problem)
        left = {key: left_ms for key, (_, left_ms) in zip(times, counted, strict=True)}
        place = {key: total - times[key] for key, (total, _) in zip(times, counted, strict=True)}
        waits = []
        for limit, key in tries:
            place[key] += 1
            waits.append(left[key] if place[key] > limit.amount else 0)
        return waits
