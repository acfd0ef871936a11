"""Where Redis runs, as REDIS_URL says, and the clients of each kind. No other module makes clients from a URL.

| URL | Redis |
|---|---|
| `redis://:password@host:6379/0` | one server |
| `redis+cluster://:password@host:6379,host:6379` | a cluster: some of its nodes, which know the others |
| `redis+sentinel://:password@host:26379,host:26379/service/0` | the master of a service that these sentinels watch |

All clients give up after REDIS_TIMEOUT_S and try nothing twice: a circuit breaker (core/cache.py) decides when to ask again.
"""

import asyncio
import random
from collections import deque
from collections.abc import Awaitable, Sequence
from typing import Any, cast
from urllib.parse import SplitResult, parse_qsl, unquote, urlsplit

from django.conf import settings
from redis import BlockingConnectionPool, Redis, RedisCluster
from redis.asyncio import BlockingConnectionPool as AsyncPool
from redis.asyncio import Connection as AsyncConnection
from redis.asyncio import Redis as AsyncRedis
from redis.asyncio import RedisCluster as AsyncRedisCluster
from redis.asyncio.cluster import ClusterNode as AsyncClusterNode
from redis.asyncio.retry import Retry as AsyncRetry
from redis.asyncio.sentinel import Sentinel as AsyncSentinel
from redis.asyncio.sentinel import SentinelConnectionPool as AsyncSentinelPool
from redis.backoff import NoBackoff
from redis.cluster import ClusterNode
from redis.exceptions import RedisError
from redis.retry import Retry
from redis.sentinel import Sentinel

# Connections of a process: of its event loop, and of all its threads.
MOST_OF_LOOP, MOST_OF_THREADS = 32, 16
PORT, SENTINEL_PORT = 6379, 26379
SCHEMES = ("redis", "rediss", "unix", "redis+cluster", "redis+sentinel")
# How long Celery waits for one of the sentinels.
SENTINEL_TIMEOUT_S = 1.0
HEALTH_CHECK_S = 2

Node = tuple[str, int]
# Keyword arguments of redis-py, channels-redis or Kombu.
Options = dict[str, Any]


def _patience() -> Options:
    """Time-outs in seconds: for a connection, and for an answer."""
    return dict.fromkeys(("socket_timeout", "socket_connect_timeout"), settings.REDIS_TIMEOUT_S)


class OneServer:
    """One server, or a proxy that looks like one."""

    def __init__(self, url: str) -> None:
        self._url = url

    def client(self) -> Redis:
        """A client for threads."""
        pool = BlockingConnectionPool.from_url(
            self._url, max_connections=MOST_OF_THREADS, timeout=settings.REDIS_TIMEOUT_S, retry=Retry(NoBackoff(), 0),
            **_patience(),
        )  # fmt: skip
        return Redis(connection_pool=pool)

    def async_client(self) -> AsyncRedis:
        """A client for one event loop; its owner closes it."""
        pool = AsyncPool.from_url(
            self._url, max_connections=MOST_OF_LOOP, timeout=settings.REDIS_TIMEOUT_S, retry=AsyncRetry(NoBackoff(), 0),
            **_patience(),
        )  # fmt: skip
        return AsyncRedis(connection_pool=pool)

    def layer_host(self) -> Options:
        """The host of a channel layer (channels-redis)."""
        return {"address": self._url, **_patience()}

    def broker(self) -> tuple[str, Options]:
        """Celery's broker URL, and its transport options."""
        return self._url, {}


class Cluster:
    """A Redis Cluster. It counts as away while one of its masters is: `ping` asks them all."""

    def __init__(self, parts: SplitResult) -> None:
        if parts.path.strip("/") not in {"", "0"}:
            raise ValueError("a Redis Cluster has no other database than 0")
        self._nodes = _nodes(parts, PORT)
        self._login = _login(parts)

    def client(self) -> Redis:
        """A client for threads. It asks for the cluster's nodes at once: raises a RedisClusterException when none answers."""
        nodes = [ClusterNode(*node) for node in self._nodes]
        made = _Cluster(startup_nodes=nodes, retry=Retry(NoBackoff(), 0), **self._login, **_patience())
        return cast(Redis, made)  # the same commands

    def async_client(self) -> AsyncRedis:
        """A client for one event loop; its owner closes it."""
        nodes = [AsyncClusterNode(*node) for node in self._nodes]
        made = _AsyncCluster(startup_nodes=nodes, retry=AsyncRetry(NoBackoff(), 0), **self._login, **_patience())
        return cast(AsyncRedis, made)

    def layer_host(self) -> Options:
        """The host of a channel layer: any node, for each passes messages on to all others."""
        return {"connection_class": AnyNode, "nodes": self._nodes, **self._login, **_patience()}

    def broker(self) -> tuple[str, Options]:
        """Raises ValueError: Celery's messages cannot go through a cluster."""
        raise ValueError(
            "Celery cannot use a Redis Cluster as its broker: set CELERY_BROKER_URL to a RabbitMQ (amqp://...), "
            "to one Redis server (redis://...), or to Sentinels (redis+sentinel://...)."
        )


class Sentinels:
    """The master of a service. Sentinels tell which server that is, each time a connection is made."""

    def __init__(self, parts: SplitResult) -> None:
        service, _, db = parts.path.strip("/").partition("/")
        if not service or not (db or "0").isdecimal():
            raise ValueError(
                "name the service that the Sentinels watch, as in redis+sentinel://10.0.0.1:26379/tallyline"
            )
        self._sentinels = _nodes(parts, SENTINEL_PORT)
        self._service = service
        self._login = {"db": int(db or 0), **_login(parts)}
        self._userinfo = parts.netloc.rpartition("@")[0]
        # ?sentinel_username=...&sentinel_password=...: what the sentinels themselves ask for.
        self._sentinel_login = {name.removeprefix("sentinel_"): value for name, value in parse_qsl(parts.query)}

    def client(self) -> Redis:
        """A client for threads."""
        sentinel = Sentinel(self._sentinels, sentinel_kwargs=self._asking_sentinels())
        made: Redis = sentinel.master_for(self._service, retry=Retry(NoBackoff(), 0), **self._login, **_patience())
        return made

    def async_client(self) -> AsyncRedis:
        """A client for one event loop; its owner closes it."""
        sentinel = AsyncSentinel(self._sentinels, sentinel_kwargs=self._asking_sentinels())
        made: AsyncRedis = sentinel.master_for(
            self._service, connection_pool_class=_PatientSentinelPool, max_connections=MOST_OF_LOOP,
            timeout=settings.REDIS_TIMEOUT_S, retry=AsyncRetry(NoBackoff(), 0), **self._login, **_patience(),
        )  # fmt: skip
        return made

    def layer_host(self) -> Options:
        """The host of a channel layer (channels-redis)."""
        return {
            "sentinels": self._sentinels,
            "master_name": self._service,
            "sentinel_kwargs": self._asking_sentinels(),
            **self._login,
            **_patience(),
        }

    def broker(self) -> tuple[str, Options]:
        """Celery's broker URL, and its transport options."""
        login = f"{self._userinfo}@" if self._userinfo else ""
        urls = [f"sentinel://{login}{_authority(node)}/{self._login['db']}" for node in self._sentinels]
        return ";".join(urls), {
            "master_name": self._service,
            "sentinel_kwargs": {"socket_timeout": SENTINEL_TIMEOUT_S, **self._sentinel_login},
            # A worker that waits for work at a frozen master looks for the new one after twice as long.
            "health_check_interval": HEALTH_CHECK_S,
        }

    def _asking_sentinels(self) -> Options:
        return {**_patience(), **self._sentinel_login}


Servers = OneServer | Cluster | Sentinels


def broker(url: str, *, redis_url: str) -> tuple[str, Options]:
    """Celery's broker URL as Kombu knows it, and its transport options. Without a URL it is REDIS_URL. Raises ValueError for
    either when it cannot be read, and for a cluster."""
    if (scheme := urlsplit(redis_url).scheme) not in SCHEMES:
        raise ValueError(f"REDIS_URL begins with {scheme}://, which is none of {', '.join(SCHEMES)}")
    redis = servers(redis_url)
    return (servers(url, "CELERY_BROKER_URL") if url else redis).broker()


def servers(url: str, name: str = "REDIS_URL") -> Servers:
    """What a URL names. Raises ValueError, which names the variable, for one that cannot be read."""
    parts = urlsplit(url)
    try:
        if parts.scheme == "redis+cluster":
            return Cluster(parts)
        return Sentinels(parts) if parts.scheme == "redis+sentinel" else OneServer(url)
    except ValueError as problem:
        raise ValueError(f"{name}: {problem}") from None


def _nodes(parts: SplitResult, default_port: int) -> list[Node]:
    found = []
    for text in parts.netloc.rpartition("@")[2].split(","):
        node = urlsplit(f"//{text.strip()}")
        if not node.hostname:
            raise ValueError(
                f"list hosts and ports, as in {parts.scheme}://10.0.0.1:{default_port},10.0.0.2:{default_port}"
            )
        found.append((node.hostname, node.port or default_port))
    return found


def _login(parts: SplitResult) -> Options:
    user, _, password = parts.netloc.rpartition("@")[0].partition(":")
    return {name: unquote(value) for name, value in (("username", user), ("password", password)) if value}


def _authority(node: Node) -> str:
    host, port = node
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


class _Cluster(RedisCluster):
    def ping(self, **_: Any) -> Any:
        """Asks every master."""
        return super().ping(target_nodes=self.PRIMARIES)


class _AsyncCluster(AsyncRedisCluster):
    """redis-py's, which closes all connections when a node has none left; here commands wait for their turn instead."""

    def __init__(self, **options: Any) -> None:
        super().__init__(max_connections=10 * MOST_OF_LOOP, **options)
        self._turns = asyncio.Semaphore(MOST_OF_LOOP)
        # The turn, a look for the nodes, and the answer.
        self._patience_s = 2 * settings.REDIS_TIMEOUT_S

    async def execute_command(self, *args: Any, **options: Any) -> Any:
        """As in redis-py. Raises TimeoutError when it takes too long."""
        async with asyncio.timeout(self._patience_s), self._turns:
            return await super().execute_command(*args, **options)

    def ping(self, **_: Any) -> Awaitable[Any]:
        """Asks every master."""
        return super().ping(target_nodes=self.PRIMARIES)


class _PatientSentinelPool(AsyncSentinelPool, AsyncPool):
    """Waits for a free connection, as the pool of one server does."""


class AnyNode(AsyncConnection):
    """A connection to one of these nodes: to the next one each time that it connects."""

    def __init__(self, *, nodes: Sequence[Node], **options: Any) -> None:
        self._nodes = deque(random.sample(nodes, len(nodes)))
        host, port = self._nodes[0]
        super().__init__(host=host, port=port, **options)

    async def connect(self) -> None:
        """Tries each node once. Raises the last one's error."""
        for left in reversed(range(len(self._nodes))):
            if self.is_connected:
                return
            self.host, self.port = self._nodes[0]
            self._nodes.rotate(-1)
            try:
                await super().connect()
            except (RedisError, OSError):
                if not left:
                    raise
