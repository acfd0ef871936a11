"""The program as it is shipped, for a benchmark."""

import subprocess
import sys
from pathlib import Path
from typing import Any

import psycopg
import redis

from benchmarks.processes import (
    as_shipped,
    family_cpu_s,
    output_of,
    postgres_cpu_s,
    redis_cpu_s,
    started,
)
from tests.installation import Stack


class Installation(Stack):
    """Each process is started by its command of the Procfile. `core`: pins them; None: none."""

    core: int | None = None
    workers = 1

    def launch(self, name: str, log: Path) -> "subprocess.Popen[bytes]":
        """Starts a process on its port."""
        command = as_shipped(name.rstrip("0123456789"), self.ports[name], workers=self.workers)
        return started(command, log=log, core=self.core, environment=self.env)

    def pid(self, name: str = "web") -> int:
        """The id of the process (the shell that started it has replaced itself by it)."""
        return self.processes[name].pid

    def connection(self) -> "psycopg.Connection[Any]":
        """A connection of Postgres, for many statements."""
        return psycopg.connect(self.database, autocommit=True)

    def cpu_s(self) -> dict[str, float]:
        """Seconds of CPU that each process, all of Postgres, and Redis have used so far."""
        with self.connection() as connection, redis.Redis.from_url(self.env["REDIS_URL"]) as client:
            found = {name: family_cpu_s(self.pid(name)) for name in self.processes}
            return {**found, "Postgres": postgres_cpu_s(connection.info.backend_pid), "Redis": redis_cpu_s(client)}

    def inside(self, *words: str) -> str:
        """The output of `python -m benchmarks.inside` in this installation."""
        return output_of([sys.executable, "-m", "benchmarks.inside", *words], within_s=300, env=self.env)
