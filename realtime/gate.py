"""How often one address may do something on the event loop. Tries that come while others are counted are counted together, in
one round trip to Redis, each by an atomic script: a parallel burst gets exactly the limit. Without Redis nothing is limited
(config/limits.py).
"""

import asyncio
from collections.abc import Callable

from django.conf import settings
from limits import RateLimitItem
from redis.asyncio import Redis

from config import limits
from config.asgi_types import Scope
from config.errors import TooMany
from config.hashing import keyed
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

Try = tuple[RateLimitItem, asyncio.Future[int]]


class Gate:
    """One per process, bound to its event loop. `redis()` is the loop's client."""

    def __init__(self, redis: Callable[[], Redis]) -> None:
        self._redis = redis
        self._asking: dict[str, list[Try]] = {}
        self._counting: asyncio.Task[None] | None = None

    async def admit(self, scope: Scope, limit: RateLimitItem, *what: str) -> None:
        """Counts one try of this client at `what`. Raises TooMany. The address becomes a keyed hash (law 8)."""
        if not settings.RATE_LIMITS or not breaker.closed:
            return
        who = keyed("limit", limits.address_of(scope)).hex()[:32]
        loop = asyncio.get_running_loop()
        answer: asyncio.Future[int] = loop.create_future()
        if not self._asking and self._counting is None:
            loop.call_soon(self._begin)  # at the end of this turn of the loop
        self._asking.setdefault(f"tl:gate:{limit.key_for(*what, who)}", []).append((limit, answer))
        if wait_ms := await answer:
            raise TooMany("Too many requests. Please wait a little.", retry_after_s=wait_ms // 1000 + 1)

    def _begin(self) -> None:
        asking, self._asking = self._asking, {}
        self._counting = asyncio.create_task(self._count(asking))
        self._counting.add_done_callback(self._counted)

    def _counted(self, _: asyncio.Task[None]) -> None:
        self._counting = None
        if self._asking:
            self._begin()

    async def _count(self, asking: dict[str, list[Try]]) -> None:
        """Answers each try with 0, or how many ms its window still lasts."""
        counted: list[tuple[int, int]] = [(0, 0)] * len(asking)
        try:
            if breaker.closed:  # it may have been tripped by those who were counted before
                pipeline = self._redis().pipeline(transaction=False)
                for key, tries in asking.items():
                    pipeline.eval(_COUNT, 1, key, len(tries), tries[0][0].get_expiry() * 1000)
                counted = await pipeline.execute()
        except Unavailable as problem:
            breaker.trip(problem)
        for tries, (total, left_ms) in zip(asking.values(), counted, strict=True):
            for place, (limit, answer) in enumerate(tries, start=total - len(tries) + 1):
                if not answer.done():
                    answer.set_result(left_ms if place > limit.amount else 0)
