"""A large installation on one machine: two hosts behind nginx, RabbitMQ, a Redis Cluster, two Postgres with ballots on both."""

import json
import os
import secrets
import signal
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

import psycopg

from devserver.embedded import Postgres
from devserver.embedded.postgres import DATABASE
from tests.deploy.nginx import Nginx
from tests.faults.engines.rabbitmq import rabbitmq
from tests.installation import Stack
from tests.migrated import remake
from tests.redis_groups import Cluster
from tests.warm_start import Program

# A host's processes; those of the second end with 2.
HOST = ("web", "worker", "timers")
PROGRAMS = (*HOST, *(f"{name}2" for name in HOST))
# The database of ballots on each Postgres.
BALLOTS = "ballots"


class Hosts(Stack):
    """Two installations with a DATA_DIR each, which share the database and the secrets."""

    def launch(self, name: str, log: Path) -> Program:
        """Starts this process on its host."""
        self.env["DATA_DIR"] = str(self.folder / ("b" if name.endswith("2") else "a"))
        return super().launch(name, log)  # type: ignore[return-value]


class Part(NamedTuple):
    """A process, how to kill it, and how a supervisor starts it again."""

    name: str
    kill: Callable[[], Any]
    start: Callable[[], Any]


class Deployment:
    """Everything, running, in an environment that also has `more`. `stop` ends it."""

    def __init__(self, folder: Path, **more: str) -> None:
        self._stops: list[Callable[[], Any]] = []
        try:
            self._start(folder, more)
        except BaseException:
            self.stop()
            raise

    def _start(self, folder: Path, more: dict[str, str]) -> None:
        self.postgres = [self._started(Postgres(folder / f"postgres{number}"), "fast") for number in (1, 2)]
        self.redis = Cluster(folder / "redis", replicas=1)
        self._stops.append(self.redis.stop)
        self.rabbitmq = rabbitmq(folder / "broker")
        self._stops.append(self.rabbitmq.stop)
        self.ballots = [server.url.replace(f"/{DATABASE}?", f"/{BALLOTS}?") for server in self.postgres]
        for server in self.postgres:
            remake(server.url, BALLOTS, "template1")
        for name in "ab":
            (folder / name).mkdir()
        self.stack = Hosts(
            folder, name="tallyline_live", database_url=self.postgres[0].url, redis_url=self.redis.url,
            CELERY_BROKER_URL=self.rabbitmq.url, BALLOT_DATABASE_URLS=",".join(self.ballots),
            SECRET_KEY=secrets.token_urlsafe(48), VAPID_PRIVATE_KEY=secrets.token_urlsafe(32), TRUSTED_PROXIES="1",
            **more,
        )  # fmt: skip
        self._stops.append(self.stack.stop)
        self.stack.manage("migrate", "-v0")
        self.stack.start(*PROGRAMS)
        (folder / "nginx").mkdir()
        ports = self.stack.ports
        self.nginx = Nginx(folder / "nginx", ports["web"], ports["web2"]).start()
        self._stops.append(self.nginx.stop)
        ports["nginx"] = self.nginx.port

    def _started(self, server: Postgres, *how: str) -> Postgres:
        server.home.parent.mkdir(parents=True, exist_ok=True)
        self._stops.append(lambda: server.stop(*how))
        server.start()
        return server

    def describe(self, path: Path, *, web: str) -> None:
        """Writes what tests.installation.Attached reads. `web`: what "web" is there, a host's "web" or "nginx"."""
        stack = self.stack
        ports = {**stack.ports, "web": stack.ports[web], "web1": stack.ports["web"]}
        shown = {"folder": str(stack.folder), "database": stack.database, "env": stack.env, "ports": ports}
        path.touch(0o600)
        path.write_text(json.dumps(shown))

    def parts(self) -> list[Part]:
        """Each process of the installation."""
        masters = [member for member in self.redis.members if self.redis.is_master(member)]
        replica = next(member for member in self.redis.members if member not in masters)
        return [
            *(Part(name, partial(self.stack.kill, name), partial(self.stack.start, name)) for name in PROGRAMS),
            Part("nginx", self._kill_nginx, self.nginx.start),
            Part("RabbitMQ", self.rabbitmq.kill, self.rabbitmq.start),
            Part("Redis, a replica", replica.kill, replica.start),
            *(Part(f"Redis, master {number}", each.kill, each.start) for number, each in enumerate(masters, 1)),
            *(Part(f"Postgres {number}", each.kill, each.start) for number, each in enumerate(self.postgres, 1)),
        ]  # fmt: skip

    def _kill_nginx(self) -> None:
        assert self.nginx.process is not None
        os.killpg(self.nginx.process.pid, signal.SIGKILL)
        self.nginx.process.wait(10)

    def ballots_there(self, poll_id: str) -> list[str]:
        """The ids of a poll's ballots on all nodes."""
        found: list[str] = []
        for database in self.ballots:
            with psycopg.connect(database) as connection:
                rows = connection.execute("SELECT ballot_id FROM polls_ballot WHERE poll_id = %s", [poll_id])
                found += [str(row[0]) for row in rows]
        return found

    def stop(self) -> None:
        """Ends all of it, the databases last."""
        for stop in reversed(self._stops):
            stop()
