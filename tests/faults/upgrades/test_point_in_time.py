"""WAL_ARCHIVE: the embedded Postgres comes back as of an instant, also on a machine that has only the archive."""

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import psycopg
import pytest

from core import environment as env
from devserver.embedded.archive import Archive
from devserver.embedded.postgres import POSTGRES_BIN, Postgres
from tests.installation import wait_until

JOINED = "INSERT INTO joined VALUES (%s)"


@pytest.fixture
def folder() -> Iterator[Path]:
    """A folder with a short path."""
    with tempfile.TemporaryDirectory(prefix="tl-") as directory:
        yield Path(directory).resolve()


def manage(folder: Path, *arguments: str) -> "subprocess.CompletedProcess[str]":
    """A command of an installation without a database of its operator."""
    left_out = {"DATABASE_URL", "REDIS_URL", *env.SHARED_SECRETS}
    environment = {name: value for name, value in os.environ.items() if name not in left_out}
    environment |= {"DATA_DIR": str(folder / "data"), "WAL_ARCHIVE": str(folder / "archive")}
    return subprocess.run(
        [sys.executable, *arguments], cwd=env.BASE_DIR, env=environment, capture_output=True, text=True, check=False
    )


def migrated(folder: Path) -> None:
    """A first start, which also takes the first base backup."""
    done = manage(folder, "-m", "devserver.embedded", "--", sys.executable, "manage.py", "migrate", "-v0")
    assert done.returncode == 0, done.stderr


def joined(url: str) -> list[int]:
    """What the database has."""
    with psycopg.connect(url) as connection:
        return [number for (number,) in connection.execute("SELECT number FROM joined ORDER BY number")]


def write(folder: Path, end: str = "fast") -> datetime:
    """Writes 1 and 2, and 3 after a while; between 2 and 3 is the instant that is returned."""
    postgres = Postgres(folder / "data", folder / "archive")
    postgres.start()
    with psycopg.connect(postgres.url, autocommit=True) as connection:
        connection.execute("CREATE TABLE joined (number int)")
        connection.execute(JOINED, [1])
        connection.execute("SELECT pg_switch_wal()")
        wait_until(lambda: list((folder / "archive/wal").glob("*.gz")), what="a segment in the archive")
        connection.execute(JOINED, [2])
        [moment] = connection.execute("SELECT clock_timestamp()").fetchone() or [None]
        connection.execute(JOINED, [3])
    postgres.stop(end)
    assert isinstance(moment, datetime)
    return moment


def restored(folder: Path, moment: datetime) -> str:
    """What `restore --to` prints; it has proved what it restored."""
    done = manage(folder, "manage.py", "restore", "--to", moment.isoformat())
    assert done.returncode == 0, done.stdout + done.stderr
    assert "0 looked at, no differences." in done.stdout
    return done.stdout


def contents(folder: Path) -> list[int]:
    """What the next start finds."""
    postgres = Postgres(folder / "data", folder / "archive")
    postgres.start()
    try:
        return joined(postgres.url)
    finally:
        postgres.stop()


@pytest.mark.timeout(300)
def test_the_database_comes_back_as_of_an_instant_and_as_of_the_end(folder: Path) -> None:
    migrated(folder)
    moment = write(folder, end="immediate")
    # The log since the last segment is in no archive: it is found beside the data.
    restored(folder, datetime.now(UTC))
    assert contents(folder) == [1, 2, 3]
    printed = restored(folder, moment)
    assert f"The last transaction that the log has is of {moment:%Y-%m-%d %H:%M}" in printed
    assert contents(folder) == [1, 2]
    assert len(list((folder / "data").glob("postgres-before-*"))) == 2


@pytest.mark.timeout(300)
def test_a_machine_that_has_only_the_archive_gets_all_that_was_archived(folder: Path) -> None:
    migrated(folder)
    moment = write(folder)
    shutil.rmtree(folder / "data")
    restored(folder, moment)
    assert contents(folder)[:1] == [1]
    early = manage(folder, "manage.py", "restore", "--to", "2020-01-01T00:00:00Z")
    assert (early.returncode, "has no base backup from before" in early.stderr) == (1, True)
    assert contents(folder)[:1] == [1]


@pytest.mark.timeout(300)
def test_what_is_too_old_goes_and_what_is_needed_stays(folder: Path) -> None:
    migrated(folder)
    write(folder)
    archive = Archive(folder / "archive", POSTGRES_BIN)
    postgres = Postgres(folder / "data", folder / "archive")
    postgres.start()
    [first] = archive.bases()
    archive.take_base(postgres.url)
    moment = datetime.now(UTC)
    postgres.stop()
    assert archive.forget_before(first) == []
    before = len(list(archive.wal.glob("*.gz")))
    [gone] = archive.forget_before(moment)
    assert not gone.exists() and len(archive.bases()) == 1
    assert 0 < len(list(archive.wal.glob("*.gz"))) < before
    restored(folder, datetime.now(UTC))
    assert contents(folder) == [1, 2, 3]
