"""`manage.py restore FILE`: makes the databases and files what they were, and proves it."""

import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from config.backups import files
from config.backups.errors import Refused
from config.backups.passphrase import passphrase
from config.backups.restore import restore
from core import environment as env
from core.cache import Unavailable, sync_redis
from core.start import CannotStart, require_secrets


class Command(BaseCommand):
    help = (
        "Replaces the databases and files by those of a backup, migrates them, and runs reconcile. Stop web, worker and timers "
        "first. A backup that is damaged, of a newer release or under another passphrase changes nothing."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        """What the help shows."""
        parser.add_argument("file", type=Path, metavar="FILE")
        parser.add_argument("--replace", action="store_true", help="give up the data that is there")
        parser.add_argument("--other-key", action="store_true", help="although SECRET_KEY is not the backup's")
        parser.add_argument("--passphrase-file", type=Path, metavar="FILE", help="its first line is the passphrase")

    def handle(self, *args: Any, **options: Any) -> None:
        """Prints what was restored. Raises CommandError with a sentence."""
        began = time.monotonic()
        try:
            require_secrets()
            known = restore(
                options["file"],
                passphrase(options["passphrase_file"], new=False),
                replace=options["replace"],
                other_key=options["other_key"],
            )
        except (Refused, CannotStart) as problem:
            raise CommandError(str(problem)) from None
        self.stdout.write(
            f"Restored the backup of {known.made_at} (Tallyline {known.version}): {known.rows:,} rows and "
            f"{len(known.files)} files, in {time.monotonic() - began:.0f} s."
        )
        self._empty_redis()
        # In new processes, which read the restored keys.
        environment = os.environ | (files.kept_keys() if known.secrets else {})
        for command in (["migrate", "--no-input", "--verbosity=0"], ["reconcile"]):
            called = [sys.executable, "manage.py", *command]
            if subprocess.run(called, env=environment, cwd=env.BASE_DIR, check=False).returncode:
                raise CommandError(f"The backup is restored, but manage.py {command[0]} failed, as it says above.")

    def _empty_redis(self) -> None:
        """Snapshots and counts of limits are of the time after the backup. All are made again from Postgres (law 1)."""
        try:
            client = sync_redis()
            for key in client.scan_iter("tl:*", count=1000):
                client.unlink(key)
        except Unavailable:
            self.stderr.write("Redis does not answer: empty it before you start the program.")
