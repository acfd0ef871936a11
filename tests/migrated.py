"""A migrated database, made once for all workers (decision 0095): migrations take 7 s of CPU, to load their dump takes one."""

import os
import subprocess
import sys
import threading
import time
from functools import cache
from pathlib import Path
from typing import Any

import psycopg
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from devserver.embedded.postgres import POSTGRES_BIN

ROOT = Path(__file__).resolve().parent.parent
NAME = "tallyline_migrated"
# The environment variable with the path of the dump that another process makes. The file is empty when that has failed.
DUMP = "MIGRATED_DUMP"
PATIENCE_S = 200


@cache
def migrated(database_url: str) -> str:
    """The name of a migrated database on this server. Others are made as its copies, so no connection to it may stay open."""
    ours = os.environ["DATABASE_URL"]
    loaded = _dumped(Path(os.environ[DUMP])) if DUMP in os.environ else b""
    if not loaded and database_url == ours:
        _migrate(ours, NAME)
        return NAME
    loaded = loaded or _dump(ours, migrated(ours))
    remake(database_url, NAME, "template1")
    with psycopg.connect(make_conninfo(database_url, dbname=NAME), autocommit=True) as connection:
        connection.execute(loaded)
    return NAME


def remake(database_url: str, name: str, template: str) -> None:
    """Makes a database of this name as a copy of `template`, in place of one that bears the name."""
    with psycopg.connect(database_url, autocommit=True) as connection:
        connection.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
        connection.execute(f'CREATE DATABASE "{name}" TEMPLATE "{template}"')


def begin_dump(database_url: str, path: Path) -> threading.Thread:
    """Makes the dump, on this server, in a thread: meanwhile the workers collect their tests."""

    def make() -> None:
        content = b""
        try:
            _migrate(database_url, "tallyline_first")
            content = _dump(database_url, "tallyline_first")
        finally:  # without it each worker migrates for itself, and says what is wrong
            unfinished = path.with_suffix(".new")
            unfinished.write_bytes(content)
            unfinished.rename(path)

    thread = threading.Thread(target=make, daemon=True)
    thread.start()
    return thread


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
