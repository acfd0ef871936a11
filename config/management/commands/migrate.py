"""`manage.py migrate` migrates every database: `default`, then each node that holds ballots (polls/nodes.py)."""

from typing import Any

from django.core.management.base import CommandError
from django.core.management.commands import migrate
from django.db import DEFAULT_DB_ALIAS

from core.releases import require_known_migrations
from core.start import CannotStart
from polls import citus, nodes


class Command(migrate.Command):
    help = "Updates the schema of all databases; of one alone with --database."

    def handle(self, *args: Any, **options: Any) -> None:
        """Raises CommandError as Django's does, also on the data of a newer release."""
        try:
            require_known_migrations()
        except CannotStart as problem:
            raise CommandError(str(problem)) from None
        super().handle(*args, **options)
        for node in nodes.aliases()[1:] if options["database"] == DEFAULT_DB_ALIAS else ():
            if citus.is_worker(node):
                self.stdout.write(f"{node} is a worker of Citus: its tables come from the coordinator.")
            else:
                super().handle(*args, **options | {"database": node})
