"""F13: Redis that answers with errors: full, read-only in a failover, loading, forbidding, with keys of a wrong type.

No process ends, no request is refused, both servers show the truth all the time, and all converges once Redis works again.
"""

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
import redis

from devserver.embedded import Redis
from tests.faults.installation import (
    CELERY_LIST,
    CONVERGES_WITHIN_S,
    SLACK,
    Target,
    TargetLine,
    report,
    snapshots_right,
)
from tests.installation import FULL, free_port, wait_until

AWAY_S = 15.0 if FULL else 1.0
ADMIN = "admin"
# Slow enough to be found loading on any machine: Redis answers once in 2 MB, a third of a second here.
KEYS_TO_LOAD, BYTES, LOAD_US = 800, 65_536, 10_000


class Admin:
    """A connection that the faults do not concern, and what each fault is: begin, end."""

    def __init__(self, server: Redis) -> None:
        self.server = server
        with redis.Redis.from_url(server.url) as first:
            first.acl_setuser(ADMIN, enabled=True, nopass=True, categories=["+@all"], keys=["*"], channels=["*"])
        self.client = redis.Redis(port=server.port, username=ADMIN, password="", single_connection_client=True)

    def cut(self) -> None:
        """Ends every connection but this one, so that all come again."""
        self.client.execute_command("CLIENT", "KILL", "SKIPME", "yes")

    @contextmanager
    def full(self) -> Iterator[None]:
        """OOM command not allowed."""
        before: Any = self.client.config_get("maxmemory*")
        self.client.config_set("maxmemory-policy", "noeviction")
        self.client.config_set("maxmemory", 1)
        try:
            yield
        finally:
            for name in ("maxmemory", "maxmemory-policy"):
                self.client.config_set(name, before[name])

    @contextmanager
    def read_only(self) -> Iterator[None]:
        """READONLY: what a failover leaves for a while."""
        self.client.execute_command("REPLICAOF", "127.0.0.1", str(free_port()))
        try:
            yield
        finally:
            self.client.execute_command("REPLICAOF", "NO", "ONE")

    @contextmanager
    def master_down(self) -> Iterator[None]:
        """MASTERDOWN: a replica that lost its master and may not show what it has."""
        self.client.config_set("replica-serve-stale-data", "no")
        try:
            with self.read_only():
                yield
        finally:
            self.client.config_set("replica-serve-stale-data", "yes")

    @contextmanager
    def forbidding(self) -> Iterator[None]:
        """NOPERM for everything."""
        self.client.execute_command("ACL", "SETUSER", "default", "-@all")
        try:
            yield
        finally:
            self.client.execute_command("ACL", "SETUSER", "default", "+@all")

    @contextmanager
    def not_writable(self) -> Iterator[None]:
        """NOPERM for what writes and tells; what is read is answered."""
        self.client.execute_command("ACL", "SETUSER", "default", "-@write", "-@scripting", "-publish")
        try:
            yield
        finally:
            self.client.execute_command("ACL", "SETUSER", "default", "+@all")

    @contextmanager
    def another_password(self) -> Iterator[None]:
        """WRONGPASS, NOAUTH."""
        self.client.execute_command("ACL", "SETUSER", "default", "resetpass", ">another")
        self.cut()
        try:
            yield
        finally:
            self.client.execute_command("ACL", "SETUSER", "default", "resetpass", f">{self.server.password}")

    @contextmanager
    def no_more_clients(self) -> Iterator[None]:
        """ERR max number of clients reached."""
        before: Any = self.client.config_get("maxclients")["maxclients"]
        self.client.config_set("maxclients", 1)
        self.cut()
        try:
            yield
        finally:
            self.client.config_set("maxclients", before)

    @contextmanager
    def wrong_types(self) -> Iterator[None]:
        """WRONGTYPE: something else wrote to our keys."""
        self.client.delete(CELERY_LIST)
        self.client.set(CELERY_LIST, "x")
        for key in self.client.scan_iter("tl:line:*"):
            self.client.delete(key)
            self.client.set(key, "x")
        try:
            yield
        finally:
            self.client.delete(CELERY_LIST)

    @contextmanager
    def paused(self) -> Iterator[None]:
        """CLIENT PAUSE: reads are answered, writes wait."""
        self.client.execute_command("CLIENT", "PAUSE", "60000", "WRITE")
        try:
            yield
        finally:
            self.client.execute_command("CLIENT", "UNPAUSE")

    @contextmanager
    def loading(self) -> Iterator[None]:
        """LOADING: it takes over another server's data set, slowly."""
        folder = self.server.home.parent / "master"
        master = Redis(folder)
        master.start()
        try:
            with redis.Redis.from_url(master.url) as client, client.pipeline() as pipeline:
                for number in range(KEYS_TO_LOAD):
                    pipeline.set(f"key:{number}", os.urandom(BYTES))
                pipeline.execute()
            self.client.config_set("key-load-delay", LOAD_US)
            self.client.config_set("masterauth", master.password)
            self.client.execute_command("REPLICAOF", "127.0.0.1", str(master.port))
            wait_until(lambda: self.client.info("persistence")["loading"], timeout_s=20, what="Redis to be loading")
            yield
            self.client.config_set("key-load-delay", 0)
            wait_until(
                lambda: not self.client.info("persistence")["loading"], timeout_s=60, what="Redis to have loaded"
            )
            self.client.execute_command("REPLICAOF", "NO", "ONE")
        finally:
            master.kill()


FAULTS = (
    "full", "read_only", "not_writable", "master_down", "forbidding", "another_password", "no_more_clients", "wrong_types",
    "paused", "loading",
)  # fmt: skip


@pytest.fixture(scope="module")
def busy(installation: Target) -> Iterator[tuple[Target, TargetLine, Admin]]:
    """Everything runs, and goes on running from fault to fault."""
    installation.renew()
    installation.run("web", "web2", "worker", "timers")
    admin = Admin(installation.redis)
    yield installation, installation.line(), admin
    admin.client.close()


@pytest.mark.timeout(180)
@pytest.mark.parametrize("fault", FAULTS if FULL else FAULTS[:3])
def test_redis_that_answers_with_errors(busy: tuple[Target, TargetLine, Admin], fault: str) -> None:
    target, line, admin = busy
    pids = {name: process.pid for name, process in target.stack.processes.items()}
    with line.client() as client, line.client("web2") as other, line.client(host=True) as staff:
        # In memory at both servers, which believe it as long as they hear of news.
        for _ in range(2):
            assert client.post("join", json={}).status_code == 200
        snapshots_right([line])
        snapshots_right([line], server="web2")
        slowest = 0.0
        with getattr(admin, fault)():
            until = time.monotonic() + AWAY_S
            while True:
                for ask in (lambda: other.post("join", json={}), lambda: staff.post("advance", json={})):
                    began = time.monotonic()
                    answer = ask()
                    slowest = max(slowest, time.monotonic() - began)
                    assert answer.status_code == 200, (fault, answer.text)
                for server in ("web", "web2"):
                    snapshots_right([line], server=server)
                if time.monotonic() > until:
                    break
        returned = time.monotonic()
        for server in ("web", "web2"):
            snapshots_right([line], timeout_s=returned + CONVERGES_WITHIN_S - time.monotonic(), server=server)
        done = target.all_done(since=returned, timeout_s=2 * CONVERGES_WITHIN_S)
    assert {name: process.pid for name, process in target.stack.processes.items() if process.poll() is None} == pids
    for name in pids:
        assert "Traceback" not in target.stack.log(name), (name, target.stack.log(name)[-3000:])
    assert slowest < 5 * SLACK
    report(f"Redis {fault}: slowest mutation {slowest * 1000:.0f} ms, effects done {done:.1f} s after")
