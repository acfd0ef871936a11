"""How often one address may do something on the event loop. Tries that come while others are counted are counted together, in
one round trip to Redis, each by an atomic script: a parallel burst gets exactly the limit. Without Redis nothing is limited
(config/limits.py).
"""

import sys
from collections import Counter
from collections.abc import Callable, Sequence

from django.conf import settings
from limits import RateLimitItem
from redis.asyncio import Redis

from config import limits
from config.asgi_types import Scope
from config.errors import TooMany
from config.hashing import keyed
from realtime.box import Box
from realtime.cache import Unavailable, breaker

# KEYS[1] counter; ARGV: how many tries, window in ms. {how many there are now, how long the window lasts, in ms}
_COUNT = """
local tries = redis.call('INCRBY', KEYS[1], ARGV[1])
local left = redis.call('PTTL', KEYS[1])
if left < 0 then
    redis.call('PEXPIRE', KEYS[1], ARGV[2])
    left = tonumber(ARGV[2])
end
return {tries, left}
"""

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
        """Counts one try of this client at `what`. Raises TooMany. The address becomes a keyed hash (law 8)."""
        if not settings.RATE_LIMITS or not breaker.closed:
            return
        who = keyed("limit", limits.address_of(scope)).hex()[:32]
        if wait_ms := await self._box.put((limit, f"tl:gate:{limit.key_for(*what, who)}")):
            raise TooMany("Too many requests. Please wait a little.", retry_after_s=wait_ms // 1000 + 1)

    async def _count(self, tries: Sequence[Try]) -> list[int]:
        """For each try 0, or how many ms its window still lasts."""
        limit_of = {key: limit for limit, key in tries}
        times = Counter(key for _, key in tries)
        counted: list[tuple[int, int]] = [(0, 0)] * len(times)
        try:
            if breaker.closed:  # it may have been tripped by those who were counted before
                pipeline = self._redis().pipeline(transaction=False)
                for key, number in times.items():
                    pipeline.eval(_COUNT, 1, key, number, limit_of[key].get_expiry() * 1000)
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
