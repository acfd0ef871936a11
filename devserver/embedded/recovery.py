"""Point-in-time recovery: puts the embedded Postgres back to what it was at an instant, from the folder WAL_ARCHIVE."""

import re
import shlex
import shutil
import subprocess
import tarfile
from datetime import UTC, datetime
from pathlib import Path

from devserver.embedded.account import Account, postgres_account
from devserver.embedded.archive import Archive, segment_name
from devserver.embedded.postgres import DATABASE, POSTGRES_BIN, Postgres
from devserver.embedded.server import StartError
from devserver.embedded.supervisor import sole_supervisor

# Replaying weeks of log takes a while.
LONGEST_S = 24 * 3600.0
# What Postgres says when nothing was committed after the wanted instant.
_NOTHING_LATER = "recovery ended before configured recovery target was reached"
_LAST = re.compile(r"last completed transaction was at log time (\S+ [\d:.]+)")


def recover(data_dir: Path, folder: Path, to: datetime) -> str:
    """Replaces DATA_DIR/postgres by the cluster as of `to` and keeps the old one beside it. Postgres must not run.

    Returns the time (UTC) of the last transaction that is in it; "" when there is none since the base backup. Raises StartError;
    then the cluster is the old one.
    """
    with sole_supervisor(data_dir):
        archive = Archive(folder, POSTGRES_BIN)
        bases = [path for time, path in archive.bases().items() if time <= to]
        if not bases:
            raise StartError(f"{folder} has no base backup from before {to:%Y-%m-%d %H:%M:%S %Z}.")
        postgres = Postgres(data_dir, folder)
        postgres.start_timeout_s = LONGEST_S
        postgres.end_leftovers()
        before = data_dir / f"postgres-before-{datetime.now(UTC):%Y%m%dT%H%M%SZ}"
        if postgres.home.exists():
            postgres.home.rename(before)
        try:
            account = postgres_account(postgres.home, POSTGRES_BIN)
            _unpack(bases[-1], postgres.home, before, account)
            reached = _replay(postgres, archive, to)
            postgres.stop()
            _set_password(postgres, account)
            _archive_rest(archive, before, postgres.home)
        except BaseException:
            postgres.stop("immediate")
            shutil.rmtree(postgres.home, ignore_errors=True)
            if before.exists():
                before.rename(postgres.home)
            raise
    return reached


def _unpack(base: Path, home: Path, before: Path, account: Account | None) -> None:
    """A base backup as a new cluster that has to recover. What the old one has not archived yet is added to its log."""
    home.mkdir(mode=0o700)
    with tarfile.open(base / "base.tar.gz") as tar:
        tar.extractall(home, filter="tar")
    for segment in _segments(before):
        shutil.copy2(segment, home / "pg_wal" / segment.name)
    (home / "recovery.signal").touch()
    if account is not None:
        for path in (home, *home.rglob("*")):
            account.own(path)


def _replay(postgres: Postgres, archive: Archive, to: datetime) -> str:
    """Runs the recovery to its end; returns the time of the last transaction."""
    source = shlex.quote(str(archive.wal).replace("%", "%%")) + '/"%f".gz'
    # Without readers it is ready, as `launch` waits for, when it takes writes.
    settings = {"hot_standby": "off", "restore_command": f'test -e {source} && gzip -dc {source} >"%p"'}
    target = {"recovery_target_time": to.isoformat(), "recovery_target_action": "promote"}
    begin = postgres.log.stat().st_size if postgres.log.exists() else 0
    try:
        postgres.launch(settings | target)
    except StartError as problem:
        if _NOTHING_LATER not in str(problem):
            raise
        postgres.launch(settings)  # to the end of the log
    found = _LAST.findall(postgres.log.read_bytes()[begin:].decode(errors="replace"))
    return found[-1] if found else ""


def _archive_rest(archive: Archive, before: Path, home: Path) -> None:
    """The recovered cluster goes on in a timeline of its own: what the old one had not archived up to that point is added, or a
    later recovery would find a gap."""
    newest = max((home / "pg_wal").glob("*.history"))
    timeline, place, *_ = newest.read_text().strip().splitlines()[-1].split("\t")
    archive.add(_segments(before), until=segment_name(int(timeline), place))


def _segments(cluster: Path) -> list[Path]:
    """The files of its log."""
    return [path for path in sorted((cluster / "pg_wal").glob("*")) if re.fullmatch("[0-9A-F]{24}", path.name)]


def _set_password(postgres: Postgres, account: Account | None) -> None:
    """Gives the cluster the password that DATA_DIR keeps: on a new machine it is not the one of the base backup."""
    options = {} if account is None else account.options()
    done = subprocess.run(
        [str(POSTGRES_BIN / "postgres"), "--single", "-D", str(postgres.home), DATABASE],
        input=f"ALTER ROLE postgres PASSWORD '{postgres.password}'\n",
        capture_output=True,
        text=True,
        check=False,
        cwd="/",
        **options,
    )
    if done.returncode or "ERROR" in done.stderr:
        raise StartError(f"The password of the recovered Postgres cannot be set: {done.stderr.strip()[-500:]}")
