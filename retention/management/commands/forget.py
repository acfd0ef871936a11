"""`manage.py forget`: forgets at once what is due, or erases one guest."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from core.actors import Actor
from core.errors import Refused
from outbox.models import Event
from queues import selectors as lines
from queues.models import Party
from retention import commands, timers
from retention.rules import REASONS


class Command(BaseCommand):
    help = (
        "Takes names, notes, messages, numbers and addresses of guests out of every line and room that was closed longer ago "
        "than its venue keeps them. The timers do it by themselves; run it after a restore. With --line and --ticket: of one "
        "guest, now."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        """What the help shows."""
        parser.add_argument("--list", action="store_true", help="print who was erased: time, line, ticket, reason")
        parser.add_argument("--line", metavar="CODE", help="the line of the guest")
        parser.add_argument("--ticket", type=int, metavar="NUMBER", help="the guest's ticket in that line")
        parser.add_argument("--reason", choices=sorted(REASONS), help="why the guest is erased")

    def handle(self, *args: Any, **options: Any) -> None:
        """Prints what was done. Raises CommandError for a line or ticket that does not exist."""
        if options["list"]:
            self._list()
            return
        if options["line"] is None and options["ticket"] is None:
            self.stdout.write(f"{timers.forget_due():,} steps done; nothing is due any more.")
            return
        if None in (options["line"], options["ticket"], options["reason"]):
            raise CommandError("To erase one guest give --line, --ticket and --reason.")
        line = lines.line_by_code(options["line"])
        party = line.parties.filter(ticket=options["ticket"]).first() if line else None
        if line is None or party is None:
            raise CommandError(f"There is no ticket {options['ticket']} in a line {options['line']}.")
        try:
            commands.erase_party(line.pk, party_id=party.pk, reason=options["reason"], actor=Actor("staff"))
        except Refused as refused:
            raise CommandError(refused.in_words()) from None
        self.stdout.write(f"Ticket {party.ticket} of {line.code} is erased.")

    def _list(self) -> None:
        """The erasures, newest last. No line of it is personal."""
        for party in Party.objects.exclude(erased_at=None).select_related("queue").order_by("erased_at", "pk"):
            event = (
                Event.objects.filter(party_id=party.pk, type="QUEUE_MEMBER_ERASED").order_by("version", "seq").last()
            )
            reason = event.data["reason"] if event else "?"
            self.stdout.write(f"{party.erased_at:%Y-%m-%dT%H:%M:%SZ} {party.queue.code} {party.ticket} {reason}")
