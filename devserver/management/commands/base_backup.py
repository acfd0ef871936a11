"""`manage.py base_backup`: a new beginning for point-in-time recovery, and the end of what is too old."""

from datetime import UTC, datetime, timedelta
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from core import environment as env
from core.arguments import whole_number
from devserver.embedded import StartError
from devserver.embedded.archive import Archive
from devserver.embedded.postgres import POSTGRES_BIN


class Command(BaseCommand):
    help = "Copies the running embedded Postgres into WAL_ARCHIVE: a restore to a time begins from the newest copy before it."

    def add_arguments(self, parser: CommandParser) -> None:
        """What the help shows."""
        parser.add_argument(
            "--keep",
            type=whole_number(1, 36_500),
            metavar="DAYS",
            help="delete what only a restore to an earlier time needs",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Prints what was made and deleted. Raises CommandError with a sentence."""
        folder = env.folder("WAL_ARCHIVE")
        if folder is None:
            raise CommandError("Set WAL_ARCHIVE to a folder, and start the program with it.")
        archive = Archive(folder, POSTGRES_BIN)
        try:
            self.stdout.write(f"{archive.take_base(settings.DATABASE_URL)}")
        except StartError as problem:
            raise CommandError(str(problem)) from None
        if options["keep"] is not None:
            for path in archive.forget_before(datetime.now(UTC) - timedelta(days=options["keep"])):
                self.stdout.write(f"{path} and the log before the next one are deleted.")
