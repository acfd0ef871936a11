"""`manage.py distribute`: spreads the tables of ballots over the workers of a Citus cluster (docs/operations.md)."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from core.arguments import whole_number
from core.errors import Refused
from polls import citus


class Command(BaseCommand):
    help = "Distributes the tables of ballots by shard over the workers of Citus. Safe to run again; says what it did."

    def add_arguments(self, parser: CommandParser) -> None:
        """`--shard-count`: of Citus, for each table."""
        parser.add_argument(
            "--shard-count", type=whole_number(1, 1_024), default=8, help="shards of Citus per table (8)"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Raises CommandError where DATABASE_URL is no coordinator of Citus."""
        try:
            for line in citus.distribute(shard_count=options["shard_count"]):
                self.stdout.write(line)
        except Refused as refused:
            raise CommandError(refused.message) from None
