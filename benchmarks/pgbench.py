"""Load by pgbench, PostgreSQL's own benchmark: transactions per second that no web stands before."""

import os
import re
from pathlib import Path
from tempfile import NamedTemporaryFile

import psycopg
from psycopg.conninfo import conninfo_to_dict

from benchmarks.bench import Bench
from benchmarks.processes import output_of
from devserver.embedded.postgres import POSTGRES_BIN

PGBENCH = POSTGRES_BIN / "pgbench"
# libpq's names of what a connection string says; the password belongs into no command line.
_VARIABLES = {"host": "PGHOST", "port": "PGPORT", "user": "PGUSER", "password": "PGPASSWORD", "dbname": "PGDATABASE"}

# A busy disk may hold up all commits for a second.
LEAST_S = 2


class Transactions:
    """One transaction again and again, by `clients` connections with prepared statements, on its own tables."""

    def __init__(self, bench: Bench, database: str, *, tables: str, transaction: str, clients: int) -> None:
        self._bench, self._database = bench, database
        self._transaction, self._clients = transaction, clients
        self._done = 0
        with psycopg.connect(database, autocommit=True) as connection:
            connection.execute(tables)

    def per_s(self) -> float:
        """Committed transactions per second. AssertionError when one failed."""
        seconds = max(LEAST_S, round(self._bench.seconds))
        parts = conninfo_to_dict(self._database)
        environment = {variable: str(parts[name]) for name, variable in _VARIABLES.items() if parts.get(name)}
        with NamedTemporaryFile("w", suffix=".sql") as script:
            script.write(self._transaction)
            script.flush()
            command = [
                str(PGBENCH), "--no-vacuum", f"--client={self._clients}", "--jobs=1", f"--time={seconds}",
                "--protocol=prepared", f"--file={script.name}",
            ]  # fmt: skip
            said = output_of(
                command, core=self._bench.load_core, within_s=seconds + 60, cwd=Path(script.name).parent,
                env={"PATH": os.environ["PATH"], "LC_ALL": "C", **environment},
            )  # fmt: skip
        processed = int(_found(r"number of transactions actually processed: (\d+)", said))
        assert processed, f"not one transaction in {seconds} s: is the disk busy?"
        assert "number of failed transactions: 0 " in said, said
        self._done += processed
        return float(_found(r"tps = ([\d.]+) \(without initial connection time\)", said))

    def check(self, *queries: str) -> None:
        """Each query gives the number of transactions that were committed. AssertionError when one does not."""
        with psycopg.connect(self._database) as connection:
            for query in queries:
                assert connection.execute(query).fetchone() == (self._done,), query


def _found(pattern: str, text: str) -> str:
    match = re.search(pattern, text)
    assert match, text
    return match[1]
