"""Puts a backup back. The file is read twice: the first time to know that it is whole, before anything is changed."""

import io
import tempfile
from contextlib import ExitStack
from pathlib import Path

import msgspec
from django.conf import settings

from config.backups import files, manifest
from config.backups.archive import members
from config.backups.databases import Database, databases, major_version, others, used
from config.backups.errors import Refused
from config.backups.manifest import Manifest
from config.backups.restoring import Restoration


def restore(path: Path, passphrase: str, *, replace: bool, other_key: bool) -> Manifest:
    """Makes databases and files what they were. `replace`: also where there is data; `other_key`: also under another SECRET_KEY.

    Raises Refused; then nothing has changed.
    """
    known = _manifest(path, passphrase)
    known.refuse_newer()
    if not other_key:
        _refuse_other_key(known)
    targets = _targets(known, replace=replace)
    with tempfile.TemporaryDirectory(dir=settings.DATA_DIR, prefix="restore-") as folder, ExitStack() as stack:
        restorations = {
            f"{database.name}.pgdump": stack.enter_context(Restoration(database, major)) for database, major in targets
        }
        unpacked: dict[str, Path] = {}
        for member, copy in members(path, passphrase):
            if member in restorations:
                restorations[member].load(copy)
            elif member.startswith("files/"):
                name = member.removeprefix("files/")
                files.place(name)
                unpacked[name] = Path(folder) / str(len(unpacked))
                with unpacked[name].open("wb") as file:
                    copy(file)
        for database, _ in targets:
            expected = known.databases[database.name].tables
            if restorations[f"{database.name}.pgdump"].rows(expected) != expected:
                raise Refused(f"Tables of {database.name} do not have the rows that the backup says.")
        for restoration in restorations.values():
            restoration.commit()
        files.put(unpacked)
    return known


def _manifest(path: Path, passphrase: str) -> Manifest:
    """The last member, once all that is before it is proved to be as it was written."""
    content = io.BytesIO()
    for member, copy in members(path, passphrase):
        if member == manifest.NAME:
            copy(content)
    return msgspec.json.decode(content.getvalue(), type=Manifest)


def _refuse_other_key(known: Manifest) -> None:
    if known.key != manifest.key_fingerprint() and not (known.secrets and files.keeps_key()):
        raise Refused(
            "The backup was made under another SECRET_KEY, without which sessions, links and receipts are void: set that key, "
            "or add --other-key to go on without."
        )


def _targets(known: Manifest, *, replace: bool) -> list[tuple[Database, int]]:
    """The databases to be replaced, and the version of PostgreSQL of each."""
    here = databases()
    names = sorted(database.name for database in here)
    if names != sorted(known.databases):
        raise Refused(
            f"The backup is of the databases {', '.join(sorted(known.databases))}; here are {', '.join(names)}."
        )
    found = []
    for database in here:
        with database.connect() as connection:
            if clients := others(connection):
                raise Refused(
                    f"Stop web, worker and timers: {clients} connections to the database {database.name} are open."
                )
            if not replace and used(connection):
                raise Refused(f"The database {database.name} has data: add --replace to give it up for the backup's.")
            major = major_version(connection)
        if major < (made_by := known.databases[database.name].postgres):
            raise Refused(f"The backup is of PostgreSQL {made_by}, and the server is PostgreSQL {major}.")
        found.append((database, major))
    return found
