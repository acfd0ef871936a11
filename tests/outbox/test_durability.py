"""Law 1: the program refuses a Postgres that may lose what it has acknowledged."""

import os
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
from tests.warm_start import Ended, run_alone

pytestmark = pytest.mark.program

# Only the first may be off for one database; the two others are the server's.
PER_DATABASE = "synchronous_commit"


class Reckless(Postgres):
    """Started with one of the needed settings off."""

    off = "fsync"

    def _launch(self, command: list[str], account: Account | None = None) -> None:
        super()._launch([word.replace(f"{self.off}=on", f"{self.off}=off") for word in command], account)


def ended(program: list[str], database_url: str, **extra: str) -> Ended:
    """Starts a program and waits until it has ended; one that runs on for a minute fails the test."""
    return run_alone(program, cwd=ROOT, env={**os.environ, "DATABASE_URL": database_url, **extra})


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
    done = ended(command(kind, free_port()), careless_database)
    printed = done.stdout + done.stderr
    assert done.returncode != 0
    assert f"Postgres runs with {PER_DATABASE} off" in printed
    assert "Traceback" not in printed


def test_fsync_of_a_whole_server_counts_as_well() -> None:
    with tempfile.TemporaryDirectory(prefix="tl-") as directory:
        server = Reckless(Path(directory).resolve())
        server.start()
        try:
            done = ended(command("web", free_port()), server.url)
            assert done.returncode != 0
            assert "Postgres runs with fsync off" in done.stdout + done.stderr
        finally:
            server.stop("immediate")


def test_a_postgres_that_comes_later_is_asked_when_it_comes(careless_database: str, tmp_path: Path) -> None:
    """A server without a lifespan (daphne), a management command, a fail-over: every new connection is asked."""
    script = tmp_path / "connects.py"
    script.write_text("import django; django.setup(); from django.db import connection; connection.cursor()")
    for debug, accepted in (("off", False), ("on", True)):
        done = ended([str(script)], careless_database, DEBUG=debug)
        assert (done.returncode == 0) == accepted, done.stderr
        assert ("NotDurable" in done.stderr) != accepted


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
