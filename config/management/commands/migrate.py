"""`manage.py migrate` migrates every database: `default`, then each node that holds ballots (polls/nodes.py)."""

from typing import Any

from django.core.management.commands import migrate
from django.db import DEFAULT_DB_ALIAS

from polls import citus, nodes


class Command(migrate.Command):
    help = "Updates the schema of all databases; of one alone with --database."

    def handle(self, *args: Any, **options: Any) -> None:
        """Raises CommandError as Django's does."""
        super().handle(*args, **options)
        for node in nodes.aliases()[1:] if options["database"] == DEFAULT_DB_ALIAS else ():
            if citus.is_worker(node):
                self.stdout.write(f"{node} is a worker of Citus: its tables come from the coordinator.")
            else:
                super().handle(*args, **options | {"database": node})
