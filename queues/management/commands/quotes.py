"""`manage.py quotes --replay LINE [--model N]`: how the waits that a line told came out, beside those of another version of the
rules, so that a version is judged on a venue's own evenings before it is switched on (QUOTE_MODEL)."""

from argparse import ArgumentParser
from typing import Any
from zoneinfo import ZoneInfo

from django.core.management.base import BaseCommand, CommandError

from outbox.models import Event
from queues import quotes, selectors
from queues.fields import STREAM
from queues.retold import Score, compared, retold


class Command(BaseCommand):
    """Prints scores by size and by hour."""

    help = "Replays a line of the past under a version of the rules that quote waits, and prints the scores of both."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """The line and the version."""
        parser.add_argument("--replay", required=True, metavar="LINE", help="the line's code")
        parser.add_argument(
            "--model",
            type=int,
            default=quotes.MODEL,
            choices=sorted(quotes.MODELS),
            help="the version (default: the newest)",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Raises CommandError for an unknown line."""
        line = selectors.line_by_code(options["replay"])
        if line is None:
            raise CommandError(f"There is no line {options['replay']}.")
        events = Event.objects.filter(stream=STREAM, stream_id=line.pk).order_by("version", "seq")
        parties = retold(events.only("type", "at", "changes").iterator(), model=options["model"])
        called = sum(party.waited_ms is not None for party in parties)
        self.stdout.write(f"{line}: {len(parties)} parties, {called} called; told by version {line.quote_model}")
        if not called:
            return
        width = 12
        heads = ("held", "off by", "Winkler")
        told, again = f"as told ({', '.join(heads)})", f"by version {options['model']} (the same)"
        self.stdout.write(f"{'':{width}}{'parties':>8}  {told:<34}{again}")
        for group, rows in compared(parties, ZoneInfo(line.timezone)):
            for row in rows:
                label = row.label if group == "All" else f"{group} {row.label}"
                self.stdout.write(f"{label:{width}}{row.told.parties:>8}  {_said(row.told):<34}{_said(row.retold)}")


def _said(score: Score) -> str:
    return f"{100 * score.held:>3.0f} %  {score.error_min:>5.1f} min  {score.winkler_min:>6.1f}"
