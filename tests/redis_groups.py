"""Groups of Redis servers on loopback: a cluster, and a master with a replica that Sentinels watch."""

import secrets
import signal
from collections.abc import Callable
from pathlib import Path
from typing import Any

import redis

from core.redis_servers import servers
from devserver.embedded import Redis
from tests.installation import free_port, wait_until

SLOTS = 16_384
# How long a node may be silent until the others take it for dead.
DEAD_AFTER_MS = 1_000
SERVICE = "tallyline"


class Group:
    """Servers with one password, which start and stop together."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.password = secrets.token_hex(16)
        self.members: list[Redis] = []

    def add(self, kind: Callable[..., Redis] = Redis, **settings: object) -> Redis:
        """A server that runs; `settings` are lines of redis.conf, with _ for -."""
        home = self.folder / str(len(self.members))
        (home / "redis").mkdir(parents=True)
        (home / "redis" / "password").write_text(self.password)
        lines = {name.replace("_", "-"): value for name, value in settings.items()}
        member = kind(home, {"masterauth": self.password, **lines})
        self.members.append(member)
        member.start()
        return member

    def ask(self, member: Redis, *command: object) -> Any:
        """A command's answer."""
        with redis.Redis.from_url(member.url, decode_responses=True) as client:
            return client.execute_command(*command)

    def listed(self, members: list[Redis]) -> str:
        """Hosts and ports as in REDIS_URL."""
        return f":{self.password}@" + ",".join(f"127.0.0.1:{member.port}" for member in members)

    @property
    def url(self) -> str:
        """For REDIS_URL."""
        raise NotImplementedError

    def owner(self, key: str) -> Redis:
        """The master that holds a key."""
        raise NotImplementedError

    def bring_back(self, member: Redis) -> None:
        """One that was killed or frozen is a replica of the one that took over."""
        assert member.process is not None
        if member.running:
            member.process.send_signal(signal.SIGCONT)
        member.start()
        # Sentinels look every 10 s for servers that do not know of their new master.
        wait_until(lambda: self._follows(member), timeout_s=30, what="it to follow the new master")

    def _follows(self, replica: Redis) -> bool:
        return bool(self.ask(replica, "INFO", "replication").get("master_link_status") == "up")

    def stop(self) -> None:
        """Ends all of them, also those that stand still."""
        for member in self.members:
            member.kill()


class Cluster(Group):
    """Three masters that share the slots, each with so many replicas."""

    def __init__(self, folder: Path, *, replicas: int = 0) -> None:
        super().__init__(folder)
        for _ in range(3 * (1 + replicas)):
            self.add(
                cluster_enabled="yes",
                cluster_port=free_port(),
                cluster_node_timeout=DEAD_AFTER_MS,
                repl_diskless_sync_delay=0,
            )
        try:
            self._form()
        except BaseException:
            self.stop()
            raise

    @property
    def url(self) -> str:
        return f"redis+cluster://{self.listed(self.members)}"

    def owner(self, key: str) -> Redis:
        node = self.client().get_node_from_key(key)
        return next(member for member in self.members if member.port == node.port)

    def is_master(self, member: Redis) -> bool:
        """Whether it holds slots now."""
        return bool(self.ask(member, "INFO", "replication")["role"] == "master")

    def client(self) -> Any:
        """redis-py's client of the cluster, as the program makes it."""
        return servers(self.url).client()

    def _form(self) -> None:
        """As `redis-cli --cluster create` does."""
        masters, replicas = self.members[:3], self.members[3:]
        first = masters[0]
        for number, member in enumerate(self.members):
            self.ask(member, "CLUSTER", "SET-CONFIG-EPOCH", number + 1)
        for number, master in enumerate(masters):
            begin, end = SLOTS * number // 3, SLOTS * (number + 1) // 3 - 1
            self.ask(master, "CLUSTER", "ADDSLOTSRANGE", begin, end)
        for member in self.members[1:]:
            bus = member.more["cluster-port"]
            self.ask(member, "CLUSTER", "MEET", "127.0.0.1", first.port, first.more["cluster-port"])
            self.ask(first, "CLUSTER", "MEET", "127.0.0.1", member.port, bus)
        wait_until(lambda: all(self._knows(member, len(self.members)) for member in self.members), what="all to meet")
        for number, replica in enumerate(replicas):
            of = self.ask(masters[number % 3], "CLUSTER", "MYID")
            self.ask(replica, "CLUSTER", "REPLICATE", of)
        for replica in replicas:
            wait_until(lambda replica=replica: self._follows(replica), what="a replica to follow its master")  # type: ignore[misc]
        wait_until(lambda: all(self._is_whole(member) for member in self.members), what="a whole cluster")

    def _knows(self, member: Redis, count: int) -> bool:
        known = self.ask(member, "CLUSTER", "NODES")
        return len(known.splitlines()) == count and "handshake" not in known

    def _is_whole(self, member: Redis) -> bool:
        return "cluster_state:ok" in self.ask(member, "CLUSTER", "INFO")


class Watcher(Redis):
    """A Sentinel."""

    def _launch(self, command: list[str], *options: Any) -> None:
        super()._launch([*command, "--sentinel"], *options)


class Watched(Group):
    """A master, its replica, and three Sentinels."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.master = self.add(repl_diskless_sync_delay=0)
        self.replica = self.add()
        self.ask(self.replica, "REPLICAOF", "127.0.0.1", self.master.port)
        self.sentinels = [self.add(Watcher) for _ in range(3)]
        for sentinel in self.sentinels:
            self.ask(sentinel, "SENTINEL", "CONFIG", "SET", "sentinel-pass", self.password)
            self.ask(sentinel, "SENTINEL", "MONITOR", SERVICE, "127.0.0.1", self.master.port, 2)
            for name, value in (
                ("auth-pass", self.password),
                ("down-after-milliseconds", DEAD_AFTER_MS),
                ("failover-timeout", 5_000),
            ):
                self.ask(sentinel, "SENTINEL", "SET", SERVICE, name, value)
        wait_until(
            lambda: all(self._sees_all(sentinel) for sentinel in self.sentinels), what="the Sentinels to see all"
        )

    @property
    def url(self) -> str:
        return f"redis+sentinel://{self.listed(self.sentinels)}/{SERVICE}?sentinel_password={self.password}"

    def owner(self, key: str) -> Redis:
        with redis.Redis.from_url(self.sentinels[0].url) as client:
            port = client.sentinel_master(SERVICE)["port"]
        return next(server for server in (self.master, self.replica) if server.port == port)

    def _sees_all(self, sentinel: Redis) -> bool:
        with redis.Redis.from_url(sentinel.url) as client:
            state = client.sentinel_master(SERVICE)
        return bool(state["num-slaves"] == 1 and state["num-other-sentinels"] == 2 and state["is_master"])
