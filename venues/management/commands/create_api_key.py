"""`manage.py create_api_key NAME`: a key for a program of a venue."""

from datetime import timedelta
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser

from core.arguments import whole_number
from core.scopes import Scope
from venues import commands
from venues.commands.keys import LONGEST_LIFE
from venues.models import Venue


class Command(BaseCommand):
    help = "Makes an API key of a venue and prints it, once: only its hash is kept."

    def add_arguments(self, parser: CommandParser) -> None:
        """What the help shows."""
        parser.add_argument("name", metavar="NAME", help="what the key is for")
        parser.add_argument("--venue", metavar="V", help="the venue's name; may be left out when there is only one")
        parser.add_argument(
            "--scope",
            action="append",
            choices=[scope.value for scope in Scope],
            metavar="S",
            help=f"what it may do, of {', '.join(Scope)}; may be given several times; all without it",
        )
        parser.add_argument(
            "--days",
            type=whole_number(1, LONGEST_LIFE.days),
            metavar="N",
            help="how long it lives; without end without it",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Prints only the key to standard output, for scripts. Raises CommandError unless exactly one venue matches."""
        venue = self._venue(options["venue"])
        try:
            days = options["days"]
            row, key = commands.create_api_key(
                venue=venue,
                name=options["name"],
                scopes=options["scope"] or tuple(Scope),
                expires_in=None if days is None else timedelta(days=days),
            )
        except ValidationError as problem:
            raise CommandError(" ".join(problem.messages)) from None
        self.stderr.write(f"Key {row.name!r} of {venue}. It is shown only now:")
        self.stdout.write(key)

    def _venue(self, name: str | None) -> Venue:
        venues = Venue.objects.all() if name is None else Venue.objects.filter(name=name.strip())
        found = list(venues[:2])
        if len(found) == 1:
            return found[0]
        if name is None:
            raise CommandError(
                "There are several venues: name one with --venue."
                if found
                else "There is no venue yet: make one with create_host EMAIL --venue V."
            )
        raise CommandError(f"There {'are several venues' if found else 'is no venue'} named {name.strip()}.")
