"""`manage.py restore`: makes the databases and files what they were, from a backup or from WAL_ARCHIVE, and proves it."""

import os
import subprocess
import sys
import time
from argparse import ArgumentTypeError
from datetime import datetime
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from config.backups import files
from config.backups.errors import Refused
from config.backups.passphrase import passphrase
from config.backups.restore import restore
from core import environment as env
from core.cache import Unavailable, sync_redis
from core.start import CannotStart, require_secrets
from devserver.embedded import StartError, servers
from devserver.embedded.archive import Archive
from devserver.embedded.postgres import POSTGRES_BIN
from devserver.embedded.recovery import recover


class Command(BaseCommand):
    help = (
        "Replaces the databases and files by those of a backup, migrates them, forgets guests whose time has come since, and "
        "runs reconcile. Stop web, worker and timers first. A backup that is damaged, of a newer release or under another "
        "passphrase changes nothing."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        """What the help shows."""
        source = parser.add_mutually_exclusive_group(required=True)
        source.add_argument("file", type=Path, metavar="FILE", nargs="?", help="a file of manage.py backup")
        source.add_argument(
            "--to",
            type=moment,
            metavar="TIME",
            help="the embedded Postgres at an instant, as 2026-11-29T20:15:00+01:00",
        )
        parser.add_argument("--replace", action="store_true", help="give up the data that is there")
        parser.add_argument("--other-key", action="store_true", help="although SECRET_KEY is not the backup's")
        parser.add_argument("--passphrase-file", type=Path, metavar="FILE", help="its first line is the passphrase")

    def handle(self, *args: Any, **options: Any) -> None:
        """Prints what was restored. Raises CommandError with a sentence."""
        try:
            if options["to"]:
                self._recover(options["to"])
            else:
                self._restore(**options)
        except (Refused, CannotStart, StartError) as problem:
            raise CommandError(str(problem)) from None

    def _recover(self, to: datetime) -> None:
        folder = env.folder("WAL_ARCHIVE")
        if folder is None or env.text("DATABASE_URL"):
            raise Refused(
                "--to is for the embedded Postgres with WAL_ARCHIVE: stop the program, and set no DATABASE_URL."
            )
        reached = recover(settings.DATA_DIR, folder, to)
        self.stdout.write(
            f"The last transaction that the log has is of {reached} UTC."
            if reached
            else "Nothing was written since the base backup."
        )
        self.stdout.write(f"The database of before is kept in {settings.DATA_DIR}/postgres-before-...")
        with servers(settings.DATA_DIR) as added:
            Archive(folder, POSTGRES_BIN).take_base(added["DATABASE_URL"])
            self._prove(os.environ | added)

    def _restore(self, **options: Any) -> None:
        began = time.monotonic()
        require_secrets()
        known = restore(
            options["file"],
            passphrase(options["passphrase_file"], new=False),
            replace=options["replace"],
            other_key=options["other_key"],
        )
        self.stdout.write(
            f"Restored the backup of {known.made_at} (Tallyline {known.version}): {known.rows:,} rows and "
            f"{len(known.files)} files, in {time.monotonic() - began:.0f} s."
        )
        self._empty_redis()
        self._prove(os.environ | (files.kept_keys() if known.secrets else {}))

    def _prove(self, environment: dict[str, str]) -> None:
        """In new processes, which read the restored keys."""
        for command in (["migrate", "--no-input", "--verbosity=0"], ["forget"], ["reconcile"]):
            called = [sys.executable, "manage.py", *command]
            if subprocess.run(called, env=environment, cwd=env.BASE_DIR, check=False).returncode:
                raise CommandError(f"The data is restored, but manage.py {command[0]} failed, as it says above.")

    def _empty_redis(self) -> None:
        """Snapshots and counts of limits are of the time after the backup. All are made again from Postgres (law 1)."""
        try:
            client = sync_redis()
            for key in client.scan_iter("tl:*", count=1000):
                client.unlink(key)
        except Unavailable:
            self.stderr.write("Redis does not answer: empty it before you start the program.")


def moment(text: str) -> datetime:
    """An instant. Raises ArgumentTypeError, also without a zone."""
    try:
        read = datetime.fromisoformat(text)
    except ValueError:
        raise ArgumentTypeError(f"{text!r} is not a time such as 2026-11-29T20:15:00+01:00") from None
    if read.tzinfo is None:
        raise ArgumentTypeError(f"{text!r} does not say its zone: add Z for UTC, or +01:00")
    return read
