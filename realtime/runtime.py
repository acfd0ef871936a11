"""What the hot paths of one process share."""

from redis.asyncio import Redis

from core.cache import async_redis
from realtime.postgres import Run
from realtime.pubsub import Hub
from realtime.rate_limit import RateLimiter


class Runtime:
    """Thread jobs (`run`), Redis, pub/sub and rate limits. One per process, bound to its event loop."""

    def __init__(self, run: Run) -> None:
        self.run = run
        self.hub = Hub(lambda: self.redis)
        self.limiter = RateLimiter(lambda: self.redis)
        self._redis: Redis | None = None

    @property
    def redis(self) -> Redis:
        """The loop's client, made on first use."""
        if self._redis is None:
            self._redis = async_redis()
        return self._redis

    async def aclose(self) -> None:
        """Gives the connections back."""
        await self.hub.aclose()
        if self._redis is not None:
            await self._redis.aclose()
