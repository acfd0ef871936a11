"""A database is replaced within one transaction of psql, which stays open until all databases are ready."""

import subprocess
import tempfile
from collections.abc import Callable, Iterable
from typing import IO, cast

from psycopg.sql import SQL, Identifier, Literal

from config.backups.databases import Database, programs
from config.backups.dumping import reason
from config.backups.errors import Refused

_BEGIN = """\\o /dev/null
BEGIN;
SET client_min_messages = warning;
SET LOCAL lock_timeout = '10s';
SET LOCAL statement_timeout = 0;
DROP SCHEMA IF EXISTS public CASCADE;
"""
_END_OF_COUNT = "counted"
_COMMIT = "COMMIT;\nSET statement_timeout = 0;\nANALYZE;\n"


class Restoration:
    """Use as a context manager: the database stays as it was unless `commit` is called."""

    def __init__(self, database: Database, major: int) -> None:
        self._database, self._major = database, major
        command, environment = database.program(
            major, "psql", "--no-psqlrc", "--quiet", "--no-align", "--tuples-only", "--set=ON_ERROR_STOP=1"
        )
        self._errors = tempfile.TemporaryFile()  # noqa: SIM115 — closed by __exit__
        self._psql = subprocess.Popen(
            command, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=self._errors, bufsize=0
        )

    def __enter__(self) -> "Restoration":
        return self

    def __exit__(self, *_: object) -> None:
        with self._psql, self._errors:
            self._psql.kill()

    def load(self, copy: Callable[[IO[bytes]], object]) -> None:
        """Replaces all tables by those of the archive that `copy` writes into its argument. Raises Refused."""
        self._say(_BEGIN)
        command = [str(programs(self._major) / "pg_restore"), "--file=-", "--no-owner", "--no-privileges"]
        with tempfile.TemporaryFile() as errors:
            with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=self._psql.stdin, stderr=errors) as restore:
                copied: Refused | None = None
                try:
                    copy(cast(IO[bytes], restore.stdin))
                except Refused as problem:  # also when one of the two programs takes no more
                    copied = problem
            if restore.returncode and self._psql.poll() is None:
                raise Refused(f"pg_restore failed: {reason(errors)}")
        self._say("")
        if copied:
            raise copied

    def rows(self, tables: Iterable[str]) -> dict[str, int]:
        """How many rows these tables have now. Raises Refused."""
        queries = [
            SQL("SELECT {}, count(*) FROM {}").format(Literal(table), Identifier("public", table)).as_string(None)
            for table in tables
        ]
        self._say(f"\\o\n{' UNION ALL '.join(queries)};\n\\echo {_END_OF_COUNT}\n")
        lines = iter(cast(IO[bytes], self._psql.stdout).readline, b"")
        found: dict[str, int] = {}
        for line in lines:
            if line.strip() == _END_OF_COUNT.encode():
                return found
            table, _, number = line.decode().strip().rpartition("|")
            found[table] = int(number)
        raise self._failed()

    def commit(self) -> None:
        """From now on the database is the restored one. Raises Refused when it is not."""
        self._say(_COMMIT)
        cast(IO[bytes], self._psql.stdin).close()
        if self._psql.wait():
            raise self._failed()

    def _say(self, script: str) -> None:
        try:
            if self._psql.poll() is None:
                cast(IO[bytes], self._psql.stdin).write(script.encode())
                return
        except BrokenPipeError:
            pass
        raise self._failed()

    def _failed(self) -> Refused:
        self._psql.wait()
        return Refused(f"The database {self._database.name} does not take the backup: {reason(self._errors)}")
