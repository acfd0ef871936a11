"""WAL_ARCHIVE: a folder with base backups of the embedded Postgres, and all that it has written since (decision 0073).

`base/TIME/`: pg_basebackup's files. `wal/NAME.gz`: finished segments of the write-ahead log. recovery.py joins them.
"""

import gzip
import json
import os
import shlex
import shutil
import subprocess
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from psycopg.conninfo import conninfo_to_dict, make_conninfo

from devserver.embedded.account import Account
from devserver.embedded.server import StartError

# A segment that is not full is archived after this long: at most so much is lost with the disk of DATA_DIR.
SEGMENT_AGE_S = 60
SEGMENT_BYTES = 16 * 1024 * 1024
_NAME = "%Y%m%dT%H%M%SZ"


@dataclass(frozen=True)
class Archive:
    """The folder, and where PostgreSQL's programs are."""

    folder: Path
    programs: Path

    @property
    def base(self) -> Path:
        return self.folder / "base"

    @property
    def wal(self) -> Path:
        return self.folder / "wal"

    def prepare(self, account: Account | None) -> None:
        """Makes the folders, writable for the user that runs Postgres. Raises StartError."""
        try:
            for folder in (self.folder, self.base, self.wal):
                folder.mkdir(mode=0o700, exist_ok=True)
                if account is not None:
                    account.own(folder)
            if account is not None:
                account.let_through(self.folder)
        except OSError as problem:
            raise StartError(f"WAL_ARCHIVE: {problem.filename}: {problem.strerror}") from None

    def settings(self) -> dict[str, str | int]:
        """Settings of a Postgres that writes into the archive.

        The command ends with 0 only when the segment is on the disk. One that is there already, because a crash came before
        Postgres knew, must be the same: another cluster's is not written over.
        """
        target = shlex.quote(str(self.wal).replace("%", "%%")) + '/"%f".gz'
        write = f'gzip -1 -c "%p" >{target}.new && sync {target}.new && mv {target}.new {target}'
        command = f'if test -e {target}; then gzip -dc {target} | cmp -s - "%p"; else {write}; fi'
        return {"archive_mode": "on", "archive_command": command, "archive_timeout": SEGMENT_AGE_S}

    def bases(self) -> dict[datetime, Path]:
        """The base backups, oldest first, by the time at which each was complete: from then on any instant can be had."""
        found = {path for path in self.base.glob("*") if (path / "base.tar.gz").exists() and path.suffix != ".new"}
        return {datetime.strptime(path.name, _NAME).replace(tzinfo=UTC): path for path in sorted(found)}

    def take_base(self, url: str) -> Path:
        """Copies the cluster that serves `url`, while it runs. Raises StartError."""
        scratch = self.base / f"{datetime.now(UTC):{_NAME}}.new"
        known: dict[str, Any] = conninfo_to_dict(url)
        password = str(known.pop("password", ""))
        command = [str(self.programs / "pg_basebackup"), f"--dbname={make_conninfo(**known)}", f"--pgdata={scratch}"]
        command += ["--format=tar", "--gzip", "--wal-method=fetch", "--checkpoint=fast"]
        environment = {**os.environ, "PGPASSWORD": password}
        done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
        if done.returncode:
            shutil.rmtree(scratch, ignore_errors=True)
            raise StartError(f"pg_basebackup failed: {done.stderr.strip()}")
        return scratch.rename(self.base / f"{datetime.now(UTC):{_NAME}}")

    def add(self, segments: Iterable[Path], *, until: str) -> None:
        """Adds segments that are not here yet; only those before `until`, a segment's name, for later ones may not be filled."""
        for path in segments:
            target = self.wal / f"{path.name}.gz"
            if path.name[8:] < until[8:] and not target.exists():
                scratch = target.with_suffix(".gz.new")
                with path.open("rb") as segment, gzip.open(scratch, "wb", compresslevel=1) as file:
                    shutil.copyfileobj(segment, file)
                scratch.replace(target)

    def forget_before(self, moment: datetime) -> list[Path]:
        """Deletes what is needed only for instants before `moment`; returns the base backups that are gone."""
        bases = self.bases()
        needed = max((time for time in bases if time <= moment), default=None)
        if needed is None:
            return []
        old = [path for time, path in bases.items() if time < needed]
        for path in old:
            shutil.rmtree(path)
        first = _first_segment(bases[needed])
        for path in self.wal.glob("*.gz"):
            # The first 8 digits are the timeline; the rest grows over all timelines.
            if not path.name.endswith(".history.gz") and path.name[8:24] < first[8:]:
                path.unlink()
        return old


def _first_segment(base: Path) -> str:
    """The name of the first WAL segment that a base backup needs."""
    [span] = json.loads((base / "backup_manifest").read_text())["WAL-Ranges"]
    return segment_name(span["Timeline"], span["Start-LSN"])


def segment_name(timeline: int, lsn: str) -> str:
    """The segment that holds a place in the log: `lsn` as Postgres writes it, 0/2000028."""
    high, low = (int(half, 16) for half in lsn.split("/"))
    return f"{timeline:08X}{high:08X}{low // SEGMENT_BYTES:08X}"
