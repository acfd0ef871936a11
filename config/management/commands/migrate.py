"""`manage.py migrate` migrates every database: `default`, then each node that holds ballots (polls/nodes.py)."""

from typing import Any

from django.core.management.base import CommandError
from django.core.management.commands import migrate
from django.db import DEFAULT_DB_ALIAS

from core.releases import require_known_migrations
from core.start import CannotStart
from polls import nodes


class Command(migrate.Command):
    help = "Updates the schema of all databases; of one alone with --database."

    def handle(self, *args: Any, **options: Any) -> None:
        """Raises CommandError as Django's does, also on the data of a newer release."""
        try:
            require_known_migrations()
        except CannotStart as problem:
            raise CommandError(str(problem)) from None
        databases = nodes.aliases() if options["database"] == DEFAULT_DB_ALIAS else [options["database"]]
        for database in databases:
            super().handle(*args, **options | {"database": database})
