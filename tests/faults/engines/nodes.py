"""Database nodes that hold ballots, to be restarted and frozen: two plain Postgres, or the workers of a Citus cluster."""

import os
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import psutil
import psycopg

from devserver.embedded import Postgres
from tests.installation import wait_until

# The URLs of a coordinator and two workers, separated by commas: superusers, on this machine.
CITUS_NODES = [url for url in os.environ.get("CITUS_NODES", "").split(",") if url]
WHY_NOT = (
    "CITUS_NODES is not set: the URLs of a Citus coordinator and two workers (Citus 13, PostgreSQL 15 to 17), separated"
    " by commas, on this machine, for superusers, reachable from each other without a password"
)


class Node:
    """A server that runs already. The test may signal its processes, and has pg_ctl restart it."""

    def __init__(self, url: str) -> None:
        self.url = url

    def at(self, database: str) -> str:
        """Its URL for this database."""
        return urlsplit(self.url)._replace(path=f"/{database}").geturl()

    def run(self, statement: str, *, database: str = "") -> None:
        """Runs a statement there."""
        with psycopg.connect(self.at(database) if database else self.url, autocommit=True) as connection:
            connection.execute(statement)

    @contextmanager
    def frozen(self) -> Iterator[None]:
        """All its processes stand still until the block ends."""
        server = psutil.Process(self._pid())
        stopped = [server]
        server.send_signal(signal.SIGSTOP)
        for child in server.children():
            stopped.append(child)
            child.send_signal(signal.SIGSTOP)
        try:
            yield
        finally:
            for process in reversed(stopped):
                process.send_signal(signal.SIGCONT)

    def restart(self) -> None:
        """As after a crash."""
        server = psutil.Process(self._pid())
        program = Path(server.exe()).with_name("pg_ctl")
        account = {"user": server.username()} if os.geteuid() == 0 else {}  # pg_ctl refuses to run as root
        command = [str(program), "-D", self._value("SHOW data_directory"), "-w", "-m", "immediate", "restart"]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL, cwd="/", timeout=120, **account)

    def _pid(self) -> int:
        return int(self._value("SELECT pg_read_file('postmaster.pid')").split()[0])

    def _value(self, query: str) -> str:
        with psycopg.connect(self.url, autocommit=True) as connection:
            row = connection.execute(query).fetchone()
            assert row is not None
            return str(row[0])


class PlainNode(Node):
    """A Postgres of our own."""

    def __init__(self, folder: Path) -> None:
        self._server = Postgres(folder)
        self._server.start()
        super().__init__(self._server.url)

    def restart(self) -> None:
        """Without a shutdown, as a crash does."""
        self._server.stop("immediate")
        self._server.start()
        wait_until(lambda: self._server.running, what="the node")

    def stop(self) -> None:
        """Ends it."""
        self._server.stop("immediate")


def join_cluster(coordinator: Node, workers: list[Node], database: str) -> None:
    """Makes the coordinator's database that of a cluster."""
    for worker in workers:
        worker.run(f'DROP DATABASE IF EXISTS "{database}" WITH (FORCE)')
        worker.run(f'CREATE DATABASE "{database}"')
    for node in (coordinator, *workers):
        node.run("CREATE EXTENSION IF NOT EXISTS citus", database=database)
    address = _address(coordinator)
    coordinator.run(f"SELECT citus_set_coordinator_host('{address[0]}', {address[1]})", database=database)
    for worker in workers:
        host, port = _address(worker)
        coordinator.run(f"SELECT citus_add_node('{host}', {port})", database=database)


def _address(node: Node) -> tuple[str, int]:
    parts = urlsplit(node.url)
    return parts.hostname or "localhost", parts.port or 5432
