"""`manage.py backup FILE`: one encrypted file with everything that is needed to begin again on another machine."""

import time
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from config.backups.create import create
from config.backups.errors import Refused
from config.backups.passphrase import passphrase
from core.arguments import whole_number
from core.start import CannotStart, require_secrets

SUFFIX = ".backup"


class Command(BaseCommand):
    help = (
        "Writes all databases, kept mails and, with --with-secrets, the keys into one encrypted file, as of one instant; the "
        "program may run. The passphrase is BACKUP_PASSPHRASE, or in --passphrase-file, or asked for."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        """What the help shows."""
        parser.add_argument(
            "file", type=Path, metavar="FILE", help="a new file, or a folder: the file is named by the time"
        )
        parser.add_argument(
            "--with-secrets", action="store_true", help="also SECRET_KEY, the key of push, the demo's sign-in"
        )
        parser.add_argument("--passphrase-file", type=Path, metavar="FILE", help="its first line is the passphrase")
        # At least a day: with none, or less, it would delete what it has just made.
        parser.add_argument(
            "--keep", type=whole_number(1, 36_500), metavar="DAYS", help="delete backups in the folder that are older"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Prints what the backup holds. Raises CommandError with a sentence; then there is no file."""
        began = time.monotonic()
        folder: Path | None = options["file"] if options["file"].is_dir() else None
        if options["keep"] is not None and folder is None:
            raise CommandError("--keep needs a folder.")
        path = folder / f"tallyline-{timezone.now():%Y%m%dT%H%M%SZ}{SUFFIX}" if folder else options["file"]
        try:
            require_secrets()
            made = create(path, passphrase(options["passphrase_file"], new=True), with_secrets=options["with_secrets"])
        except (Refused, CannotStart) as problem:
            raise CommandError(str(problem)) from None
        self.stdout.write(
            f"{path}: {made.rows:,} rows and {len(made.files)} files, {path.stat().st_size / 1e6:,.1f} MB, "
            f"in {time.monotonic() - began:.0f} s."
        )
        if folder and options["keep"] is not None:
            self._delete_old(folder, options["keep"])

    def _delete_old(self, folder: Path, days: int) -> None:
        before = time.time() - days * 86_400
        for path in sorted(folder.glob(f"tallyline-*{SUFFIX}")):
            if path.stat().st_mtime < before:
                path.unlink()
                self.stdout.write(f"{path} was older than {days} days and is deleted.")
