"""`manage.py create_host EMAIL --venue V`: lets a person sign in and run a venue's lines."""

import secrets
from typing import Any

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.core.validators import validate_email

from core.zones import proposed_zone
from venues import commands
from venues.models import Membership, User, Venue, check_timezone


class Command(BaseCommand):
    help = "Lets a person sign in and run a venue's lines. Makes the venue when there is none of that name."

    def add_arguments(self, parser: CommandParser) -> None:
        """What the help shows."""
        parser.add_argument("email", metavar="EMAIL")
        parser.add_argument("--venue", required=True, metavar="V", help="the venue's name")
        parser.add_argument("--owner", action="store_true", help="as an owner, who also sees keys and people")
        parser.add_argument("--password", help="10 characters or more; without it one is made and printed once")
        parser.add_argument(
            "--timezone", help="of a venue that is made now, e.g. Europe/Madrid; without it this machine's"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Raises CommandError for an invalid argument, and then changes nothing."""
        email, password = options["email"].strip().lower(), options["password"]
        try:
            validate_email(email)
            if options["timezone"] is not None:
                check_timezone(options["timezone"])
            if password is not None:
                validate_password(password, User(email=email))
            known = User.objects.filter(email=email).exists()
            made = None if known or password is not None else secrets.token_urlsafe(12)
            venue = self._venue(options["venue"], options["timezone"])
            role = Membership.Role.OWNER if options["owner"] else Membership.Role.HOST
            commands.create_host(email=email, venue=venue, password=made or password, role=role)
        except ValidationError as problem:
            raise CommandError(" ".join(problem.messages)) from None
        self.stdout.write(f"{email} is now {role} of {venue}.")
        if made:
            self.stdout.write(f"Password (shown only now): {made}")
        elif password is None:
            self.stdout.write("The address was known already and keeps its password.")

    def _venue(self, name: str, timezone: str | None) -> Venue:
        """The venue with that name, created when there is none. Raises CommandError when several have it, or when a new one has
        no time zone."""
        found = list(Venue.objects.filter(name=name.strip())[:2])
        if len(found) > 1:
            raise CommandError(f"There are several venues named {name.strip()}. Add the person in the admin.")
        if found:
            return found[0]
        timezone = timezone or proposed_zone()
        if not timezone:
            raise CommandError("This machine names no time zone. Name the venue's, such as --timezone Europe/Madrid.")
        venue = commands.create_venue(name=name, timezone_name=timezone)
        zone = venue.zone or "without a time zone: its hours are only shown; name it with --timezone or in the admin"
        self.stdout.write(f"Made the venue {venue} ({zone}).")
        return venue
