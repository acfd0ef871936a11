"""Makes a backup."""

import os
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path

import msgspec

from config.backups import files, manifest
from config.backups.archive import Archive, writing
from config.backups.databases import databases, major_version, rows, snapshot
from config.backups.dumping import dump
from config.backups.errors import Refused
from config.backups.manifest import Dump, Manifest
from core.releases import applied_migrations
from core.version import VERSION


def create(path: Path, passphrase: str, *, with_secrets: bool) -> Manifest:
    """Writes a backup to `path`: all of it, or nothing. The program may run: each database is read as of one instant.

    Raises Refused, also when `path` exists.
    """
    if path.exists():
        raise Refused(f"{path} exists already.")
    scratch = path.with_name(f"{path.name}.new")
    try:
        with os.fdopen(os.open(scratch, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
            with writing(file, passphrase) as archive:
                made = _fill(archive, with_secrets=with_secrets)
            file.flush()
            os.fsync(file.fileno())
        scratch.replace(path)
    except OSError as problem:
        raise Refused(f"{path} cannot be written: {problem.strerror}.") from None
    finally:
        scratch.unlink(missing_ok=True)
    return made


def _fill(archive: Archive, *, with_secrets: bool) -> Manifest:
    dumps: dict[str, Dump] = {}
    with ExitStack() as stack:
        # All instants first, the main database's before the others': a poll that is closed there has all its ballots here.
        seen = [(database, *stack.enter_context(snapshot(database))) for database in databases()]
        made_at = datetime.now(UTC)
        for database, connection, name in seen:
            major = major_version(connection)
            with dump(database, major, name) as dumped:
                archive.add_stream(f"{database.name}.pgdump", dumped)
            dumps[database.name] = Dump(major, rows(connection))
    stored = files.contents(with_secrets=with_secrets)
    made = Manifest(
        version=VERSION,
        made_at=made_at.isoformat(timespec="seconds"),
        key=manifest.key_fingerprint(),
        secrets=with_secrets,
        migrations=applied_migrations(),
        databases=dumps,
        files=[_added(archive, name, content) for name, content in stored],
    )
    archive.add(manifest.NAME, msgspec.json.encode(made))
    return made


def _added(archive: Archive, name: str, content: bytes) -> str:
    archive.add(f"files/{name}", content)
    return name
