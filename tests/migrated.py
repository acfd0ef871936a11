"""A migrated database, made once for all workers (decision 0095) and kept while the code is the same (0101).

Migrations take 7 s of CPU, to load their dump takes one.
"""

import hashlib
import os
import subprocess
import sys
import threading
import time
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import Any

import psycopg
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from devserver.embedded.postgres import POSTGRES_BIN

ROOT = Path(__file__).resolve().parent.parent
NAME = "tallyline_migrated"
FIRST = "tallyline_first"
# The environment variable with the path of the dump that another process makes. The file is empty when that has failed.
DUMP = "MIGRATED_DUMP"
PATIENCE_S = 200
# Dumps of earlier runs, each for one state of the code.
KEPT = ROOT / ".made"
# Top packages that a migration does not use.
APART = {"tests", "benchmarks"}


@cache
def migrated(database_url: str) -> str:
    """The name of a migrated database on this server. Others are made as its copies, so no connection to it may stay open."""
    dump = _dumped(Path(os.environ[DUMP])) if DUMP in os.environ else _kept_dump(os.environ["DATABASE_URL"])
    if not dump:  # says what is wrong
        _migrate(database_url, NAME)
        return NAME
    remake(database_url, NAME, "template1")
    with psycopg.connect(make_conninfo(database_url, dbname=NAME), autocommit=True) as connection:
        connection.execute(dump)
    return NAME


def remake(database_url: str, name: str, template: str) -> None:
    """Makes a database of this name as a copy of `template`, in place of one that bears the name."""
    with psycopg.connect(database_url, autocommit=True) as connection:
        connection.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
        connection.execute(f'CREATE DATABASE "{name}" TEMPLATE "{template}"')


def begin_dump(database_url: str, path: Path) -> threading.Thread:
    """Has a thread make the dump on this server while the workers collect their tests."""

    def make() -> None:
        content = b""
        try:
            content = _kept_dump(database_url)
        finally:  # without it each worker migrates for itself, and says what is wrong
            unfinished = path.with_suffix(".new")
            unfinished.write_bytes(content)
            unfinished.rename(path)

    thread = threading.Thread(target=make, daemon=True)
    thread.start()
    return thread


def state_of(packages: Path, server: str) -> str:
    """What tells one state of the code from another: a digest of all that a migration can use, and of the server's version."""
    digest = hashlib.sha256(server.encode())
    folders = sorted(each.parent for each in packages.glob("*/__init__.py") if each.parent.name not in APART)
    files = [packages / "requirements-run.txt", *(file for folder in folders for file in sorted(folder.rglob("*.py")))]
    for file in files:
        content = file.read_bytes()
        digest.update(f"{file.relative_to(packages)} {len(content)}\n".encode() + content)
    return digest.hexdigest()


def _kept_dump(database_url: str) -> bytes:
    """The dump of an earlier run of the same code; if there is none, it is made, and takes the place of others."""
    with psycopg.connect(database_url) as connection:
        kept = KEPT / f"migrated-{state_of(ROOT, connection.info.parameter_status('server_version') or '')}.sql"
    with suppress(FileNotFoundError):
        return kept.read_bytes()
    _migrate(database_url, FIRST)
    content = _dump(database_url, FIRST)
    KEPT.mkdir(exist_ok=True)
    for old in KEPT.glob("migrated-*.sql"):
        old.unlink(missing_ok=True)
    unfinished = kept.with_suffix(f".{os.getpid()}")
    unfinished.write_bytes(content)
    unfinished.rename(kept)
    return content


def _dumped(path: Path) -> bytes:
    """The dump, once the other process has written it; AssertionError after PATIENCE_S."""
    end = time.monotonic() + PATIENCE_S
    while not path.exists():
        assert time.monotonic() < end, f"{path} was not written in {PATIENCE_S} s"
        time.sleep(0.05)
    return path.read_bytes()


def _migrate(database_url: str, name: str) -> None:
    remake(database_url, name, "template1")
    env = {**os.environ, "DATABASE_URL": make_conninfo(database_url, dbname=name)}
    command = [sys.executable, "manage.py", "migrate", "-v0"]
    done = subprocess.run(command, cwd=ROOT, env=env, capture_output=True, text=True, timeout=PATIENCE_S, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def _dump(database_url: str, name: str) -> bytes:
    """Statements that make what is in this database. (Lines with a backslash are for psql alone.)"""
    known: dict[str, Any] = conninfo_to_dict(make_conninfo(database_url, dbname=name))
    password = str(known.pop("password", ""))
    command = [str(POSTGRES_BIN / "pg_dump"), "--inserts", "--no-owner", f"--dbname={make_conninfo(**known)}"]
    env = {**os.environ, "PGPASSWORD": password}
    done = subprocess.run(command, env=env, capture_output=True, timeout=PATIENCE_S, check=False)
    assert done.returncode == 0, done.stderr.decode(errors="replace")
    return b"\n".join(line for line in done.stdout.splitlines() if not line.startswith(b"\\"))
