"""Load by pgbench, PostgreSQL's own benchmark: transactions per second that no web stands before."""

import os
import re
import subprocess
from pathlib import Path
from tempfile import NamedTemporaryFile

import psycopg
from psycopg.conninfo import conninfo_to_dict

from benchmarks.processes import pinned
from devserver.embedded.postgres import POSTGRES_BIN

PGBENCH = POSTGRES_BIN / "pgbench"
# libpq's names of what a connection string says; the password belongs into no command line.
_VARIABLES = {"host": "PGHOST", "port": "PGPORT", "user": "PGUSER", "password": "PGPASSWORD", "dbname": "PGDATABASE"}

# A busy disk may hold up all commits for a second.
LEAST_S = 2


class Transactions:
    """One transaction again and again, by `clients` connections with prepared statements, on its own tables."""

    def __init__(self, database: str, *, tables: str, transaction: str, clients: int, core: int | None) -> None:
        self.database = database
        self._transaction, self._clients, self._core = transaction, clients, core
        self.done = 0
        with psycopg.connect(database, autocommit=True) as connection:
            connection.execute(tables)

    def per_s(self, seconds: float) -> float:
        """Committed transactions per second. AssertionError when one failed."""
        parts = conninfo_to_dict(self.database)
        environment = {variable: str(parts[name]) for name, variable in _VARIABLES.items() if parts.get(name)}
        with NamedTemporaryFile("w", suffix=".sql") as script:
            script.write(self._transaction)
            script.flush()
            command = [
                str(PGBENCH), "--no-vacuum", f"--client={self._clients}", "--jobs=1", f"--time={max(LEAST_S, round(seconds))}",
                "--protocol=prepared", f"--file={script.name}",
            ]  # fmt: skip
            done = subprocess.run(
                pinned(command, self._core), env={"PATH": os.environ["PATH"], "LC_ALL": "C", **environment},
                cwd=Path(script.name).parent, capture_output=True, text=True, timeout=seconds + 60, check=False,
            )  # fmt: skip
        assert done.returncode == 0, done.stdout + done.stderr
        processed = int(_found(r"number of transactions actually processed: (\d+)", done.stdout))
        assert processed, f"not one transaction in {seconds} s: is the disk busy?"
        assert "number of failed transactions: 0 " in done.stdout, done.stdout
        self.done += processed
        return float(_found(r"tps = ([\d.]+) \(without initial connection time\)", done.stdout))

    def count(self, query: str) -> int:
        """The one number a query gives."""
        with psycopg.connect(self.database) as connection:
            row = connection.execute(query).fetchone()
        assert row is not None
        return int(row[0])


def _found(pattern: str, text: str) -> str:
    match = re.search(pattern, text)
    assert match, text
    return match[1]
