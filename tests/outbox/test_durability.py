"""Law 1: the program refuses a Postgres that may lose what it has acknowledged."""

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from django.db import connection
from psycopg.conninfo import make_conninfo

from core.durability import NEEDED, NotDurable, check_connection
from devserver.embedded import Postgres
from devserver.embedded.account import Account
from tests.installation import ROOT, command, free_port

pytestmark = pytest.mark.program

# Only the first may be off for one database; the two others are the server's.
PER_DATABASE = "synchronous_commit"


class Reckless(Postgres):
    """Started with one of the needed settings off."""

    off = "fsync"

    def _launch(self, command: list[str], account: Account | None = None) -> None:
        super()._launch([word.replace(f"{self.off}=on", f"{self.off}=off") for word in command], account)


def start(kind: str, database_url: str, **extra: str) -> "subprocess.CompletedProcess[str]":
    """Starts a process and waits until it has ended; one that runs on for a minute fails the test."""
    program = [sys.executable, *command(kind, free_port())]
    env = {**os.environ, "DATABASE_URL": database_url, **extra}
    return subprocess.run(program, cwd=ROOT, env=env, capture_output=True, text=True, timeout=60, check=False)


@pytest.fixture
def careless_database() -> Iterator[str]:
    """A database, on the server of the tests, that does not wait for the disk."""
    server, name = os.environ["DATABASE_URL"], "tallyline_careless"
    with psycopg.connect(server, autocommit=True) as admin:
        admin.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
        admin.execute(f"CREATE DATABASE {name}")
        admin.execute(f"ALTER DATABASE {name} SET {PER_DATABASE} = off")
        yield make_conninfo(server, dbname=name)
        admin.execute(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.mark.parametrize("kind", ["web", "worker", "timers"])
def test_no_process_starts_on_it(kind: str, careless_database: str) -> None:
    ended = start(kind, careless_database)
    printed = ended.stdout + ended.stderr
    assert ended.returncode != 0
    assert f"Postgres runs with {PER_DATABASE} off" in printed
    assert "Traceback" not in printed


def test_fsync_of_a_whole_server_counts_as_well() -> None:
    with tempfile.TemporaryDirectory(prefix="tl-") as directory:
        server = Reckless(Path(directory).resolve())
        server.start()
        try:
            ended = start("web", server.url)
            assert ended.returncode != 0
            assert "Postgres runs with fsync off" in ended.stdout + ended.stderr
        finally:
            server.stop("immediate")


def test_a_postgres_that_comes_later_is_asked_when_it_comes(careless_database: str) -> None:
    """A server without a lifespan (daphne), a management command, a fail-over: every new connection is asked."""
    script = "import django; django.setup(); from django.db import connection; connection.cursor()"
    env = {**os.environ, "DATABASE_URL": careless_database, "DJANGO_SETTINGS_MODULE": "config.settings"}
    for debug, accepted in (("off", False), ("on", True)):
        ended = subprocess.run(
            [sys.executable, "-c", script], cwd=ROOT, env={**env, "DEBUG": debug}, capture_output=True, text=True,
            check=False,
        )  # fmt: skip
        assert (ended.returncode == 0) == accepted, ended.stderr
        assert ("NotDurable" in ended.stderr) != accepted


@pytest.mark.django_db(transaction=True)
def test_a_refused_connection_is_closed_and_not_used_after_all(settings: object) -> None:
    settings.DEBUG = False  # type: ignore[attr-defined]
    check_connection(connection)  # the tests' own server is durable
    with connection.cursor() as cursor:
        cursor.execute("SET synchronous_commit = off")
    with pytest.raises(NotDurable, match=PER_DATABASE):
        check_connection(connection)
    assert connection.connection is None


@pytest.mark.django_db(transaction=True)
def test_a_connection_without_its_time_outs_is_refused(settings: object) -> None:
    """A pooler has dropped the options with which it began (law 2)."""
    settings.DEBUG = False  # type: ignore[attr-defined]
    with connection.cursor() as cursor:
        cursor.execute("SET lock_timeout = 0")
    with pytest.raises(NotDurable, match="ALTER ROLE .* SET lock_timeout = '3s';"):
        check_connection(connection)
    assert connection.connection is None


@pytest.mark.django_db(transaction=True)
def test_the_settings_are_spelt_as_postgres_spells_them() -> None:
    """A misspelt name would never be found off."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_settings WHERE name = ANY(%s) AND setting = 'on'", [list(NEEDED)])
        assert cursor.fetchone() == (len(NEEDED),)
