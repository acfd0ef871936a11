"""The databases of this installation, and PostgreSQL's own programs for them."""

import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import psycopg
from django.db import connections
from psycopg.conninfo import make_conninfo
from psycopg.sql import SQL, Identifier

from config.backups.errors import Refused
from devserver.embedded.postgres import POSTGRES_BIN

# Where Debian and Red Hat keep several versions beside each other.
_INSTALLED = ("/usr/lib/postgresql/*/bin", "/usr/pgsql-*/bin")
# From this one on, the programs of a newer PostgreSQL write SQL that an older server understands.
_UNDERSTOOD_SINCE = 17
# Parameters of psycopg, and limits of the program's own connections, that PostgreSQL's programs do not take or need.
_OURS = {"options", "client_encoding", "prepare_threshold"}
# Filled by migrations, also in an installation that is not used yet.
_MADE_BY_MIGRATIONS = {"django_migrations", "django_content_type", "auth_permission"}

Connection = psycopg.Connection[tuple[Any, ...]]


@dataclass(frozen=True)
class Database:
    """One of settings.DATABASES: how libpq reaches it, the password apart."""

    name: str
    conninfo: str
    password: str

    def connect(self) -> Connection:
        """A connection without the limits of the program's own: copying takes longer than a statement of a page."""
        return psycopg.connect(self.conninfo, password=self.password)

    def program(self, major: int, name: str, *arguments: str) -> tuple[list[str], dict[str, str]]:
        """A command of PostgreSQL `major` on this database, and its environment: others see a command line, not that."""
        command = [str(programs(major) / name), f"--dbname={self.conninfo}", *arguments]
        return command, {**os.environ, "PGPASSWORD": self.password}


def databases() -> list[Database]:
    """Every database of the settings, `default` first. One that several aliases name is listed once."""
    found: dict[str, Database] = {}
    for alias in sorted(connections, key=lambda alias: alias != "default"):
        given = connections[alias].get_connection_params()
        known: dict[str, Any] = {
            key: value for key, value in given.items() if isinstance(value, str | int) and key not in _OURS
        }
        password = str(known.pop("password", ""))
        found.setdefault(make_conninfo(**known), Database(alias, make_conninfo(**known), password))
    return list(found.values())


def major_version(connection: Connection) -> int:
    """PostgreSQL's, of the server."""
    return connection.info.server_version // 10_000


@cache
def programs(major: int) -> Path:
    """The folder of pg_dump, pg_restore and psql for a server of this version. Raises Refused when there are none."""
    here = Path(shutil.which("pg_dump") or "/nowhere/pg_dump").parent
    folders = [POSTGRES_BIN, here, *(found for each in _INSTALLED for found in sorted(Path("/").glob(each[1:])))]
    fitting = {version: folder for folder in reversed(folders) if (version := _version(folder)) >= major}
    if fitting and (major in fitting or major >= _UNDERSTOOD_SINCE):
        return fitting[min(fitting)]
    raise Refused(f"The server is PostgreSQL {major}: install its client programs (Debian: postgresql-client-{major}).")


def _version(folder: Path) -> int:
    if not all((folder / name).exists() for name in ("pg_dump", "pg_restore", "psql")):
        return 0
    told = subprocess.run([str(folder / "pg_dump"), "--version"], capture_output=True, text=True, check=False).stdout
    found = re.search(r"\) (\d+)", told)
    return int(found[1]) if found else 0


@contextmanager
def snapshot(database: Database) -> Iterator[tuple[Connection, str]]:
    """A read-only transaction, and the name under which pg_dump may see the same instant while the block lasts."""
    with database.connect() as connection:
        connection.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        connection.execute("SET LOCAL statement_timeout = 0; SET LOCAL idle_in_transaction_session_timeout = 0")
        [exported] = connection.execute("SELECT pg_export_snapshot()").fetchone() or [""]
        yield connection, str(exported)


def rows(connection: Connection) -> dict[str, int]:
    """How many rows each table has."""
    return {
        table: _number(connection, SQL("SELECT count(*) FROM {}").format(Identifier("public", table)))
        for table in _tables(connection)
    }


def used(connection: Connection) -> bool:
    """Whether the database has anything besides what migrations make."""
    return any(
        _number(
            connection, SQL("SELECT count(*) FROM (SELECT FROM {} LIMIT 1) one").format(Identifier("public", table))
        )
        for table in _tables(connection)
        if table not in _MADE_BY_MIGRATIONS
    )


def others(connection: Connection) -> int:
    """How many other clients are connected to the same database."""
    return _number(
        connection,
        SQL(
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
            " AND backend_type = 'client backend'"
        ),
    )


def _tables(connection: Connection) -> list[str]:
    """Tables that hold rows: partitions, not what is partitioned."""
    found = connection.execute(
        "SELECT relname FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace ORDER BY relname"
    )
    return [str(name) for (name,) in found]


def _number(connection: Connection, query: Any) -> int:
    [number] = connection.execute(query).fetchone() or [0]
    return int(number)
