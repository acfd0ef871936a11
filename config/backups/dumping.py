"""pg_dump, read while it writes."""

import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from typing import IO, cast

from config.backups.databases import Database
from config.backups.errors import Refused


@contextmanager
def dump(database: Database, major: int, snapshot: str) -> Iterator[IO[bytes]]:
    """The archive of a database as of `snapshot`, in pg_dump's custom format. Raises Refused when pg_dump fails."""
    command, environment = database.program(
        major,
        "pg_dump",
        "--format=custom",
        "--schema=public",
        "--no-owner",
        "--no-privileges",
        f"--snapshot={snapshot}",
    )
    with tempfile.TemporaryFile() as errors:
        with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=errors) as process:
            yield cast(IO[bytes], process.stdout)
        if process.returncode:
            raise Refused(f"pg_dump failed: {reason(errors)}")


def reason(errors: IO[bytes]) -> str:
    """The error in what a program of PostgreSQL has written. Lines after it quote rows, and rows hold guests' names."""
    errors.seek(0)
    lines = errors.read().decode(errors="replace").strip().splitlines() or ["it said nothing"]
    return next((line for line in lines if "error:" in line.lower()), lines[-1])
