"""`manage.py forget`: forgets at once what is due, or erases one guest."""

from argparse import FileType
from typing import Any, TextIO

from django.core.management.base import BaseCommand, CommandError, CommandParser

from core.actors import Actor
from core.errors import Refused
from outbox.models import Event
from queues import selectors as lines
from queues.models import Party
from retention import commands, timers
from retention.rules import GUEST_ASKED, REASONS

# The reason of an erasure whose event is not there.
UNKNOWN = "?"


class Command(BaseCommand):
    help = (
        "Takes names, notes, messages, numbers and addresses of guests out of every line and room that was closed longer ago "
        "than its venue keeps them. The timers do it by themselves; run it after a restore. With --line and --ticket: of one "
        "guest, now. With --again: of all guests of a list that --list has printed, which a restore has brought back."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        """What the help shows."""
        parser.add_argument("--list", action="store_true", help="print who was erased: time, line, ticket, reason")
        parser.add_argument(
            "--again", type=FileType(), metavar="FILE", help="erase all of such a list; - reads it here"
        )
        parser.add_argument("--line", metavar="CODE", help="the line of the guest")
        parser.add_argument("--ticket", type=int, metavar="NUMBER", help="the guest's ticket in that line")
        parser.add_argument("--reason", choices=sorted(REASONS), help="why the guest is erased")

    def handle(self, *args: Any, **options: Any) -> None:
        """Prints what was done. Raises CommandError for a line or ticket that does not exist."""
        if options["list"]:
            self._list()
            return
        if options["again"]:
            self._again(options["again"])
            return
        if options["line"] is None and options["ticket"] is None:
            self.stdout.write(f"{timers.forget_due():,} steps done; nothing is due any more.")
            return
        if None in (options["line"], options["ticket"], options["reason"]):
            raise CommandError("To erase one guest give --line, --ticket and --reason.")
        party = _found(options["line"], options["ticket"])
        if party is None:
            raise CommandError(f"There is no ticket {options['ticket']} in a line {options['line']}.")
        _erase(party, options["reason"])
        self.stdout.write(f"Ticket {party.ticket} of {party.queue.code} is erased.")

    def _again(self, file: TextIO) -> None:
        """Goes through the whole list; guests of lines that are newer than the backup are not here. Raises CommandError for what
        could not be erased."""
        erased, missing, left = 0, 0, []
        for row in filter(None, map(str.strip, file)):
            match row.split():
                case [_, code, ticket, reason] if ticket.isascii() and ticket.isdigit():
                    party = _found(code, int(ticket))
                case _:
                    left.append(f"{row[:60]!r} is no line of `manage.py forget --list`.")
                    continue
            if party is None:
                missing += 1
                continue
            try:
                _erase(party, GUEST_ASKED if reason == UNKNOWN else reason)
                erased += 1
            except CommandError as problem:
                left.append(f"{row}: {problem}")
        self.stdout.write(f"{erased:,} guests are erased, {missing:,} of the list are not here.")
        if left:
            raise CommandError("\n".join(left))

    def _list(self) -> None:
        """The erasures, newest last. No line of it is personal."""
        for party in (
            Party.objects.exclude(erased_at=None).select_related("queue").order_by("erased_at", "queue_id", "ticket")
        ):
            event = (
                Event.objects.filter(party_id=party.pk, type="QUEUE_MEMBER_ERASED").order_by("version", "seq").last()
            )
            reason = event.data["reason"] if event else UNKNOWN
            self.stdout.write(f"{party.erased_at:%Y-%m-%dT%H:%M:%SZ} {party.queue.code} {party.ticket} {reason}")


def _found(code: str, ticket: int) -> Party | None:
    line = lines.line_by_code(code)
    return line.parties.select_related("queue").filter(ticket=ticket).first() if line else None


def _erase(party: Party, reason: str) -> None:
    """Erases one guest; one that is erased stays so. Raises CommandError with a sentence."""
    try:
        commands.erase_party(party.queue_id, party_id=party.pk, reason=reason, actor=Actor("staff"))
    except Refused as refused:
        raise CommandError(refused.in_words()) from None
