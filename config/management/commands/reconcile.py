"""`manage.py reconcile`: proves that what is shown is what happened (B2)."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Any
from uuid import UUID

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils.module_loading import import_string

from core.snapshots import snapshot

MOST_PRINTED = 20


@dataclass(frozen=True, slots=True)
class Subject:
    """A kind of thing that is proved. Functions are named, not imported, as in outbox.effects.

    `each`: (chosen or None) → (id, name to print) of every such thing. `checks`: (id) → a sentence per difference,
    all checks of one thing in one snapshot. `whole`: () → sentences about all of them together.
    """

    option: str
    each: str
    checks: tuple[str, ...]
    whole: tuple[str, ...] = ()


SUBJECTS = (
    Subject(
        option="line",
        each="queues.reconcile.lines",
        checks=(
            "queues.reconcile.replayed",
            "queues.reconcile.structure",
            "queues.reconcile.effects",
            "analytics.reconcile.facts",
        ),
        whole=("queues.reconcile.unknown_streams",),
    ),
    Subject(
        option="poll",
        each="polls.reconcile.polls",
        checks=("polls.reconcile.counted", "polls.reconcile.shown", "polls.reconcile.logged"),
    ),
    Subject(option="room", each="rooms.reconcile.rooms", checks=("rooms.reconcile.logged",)),
)


class Command(BaseCommand):
    help = (
        "Replays every line's events and compares with its present state, effects and facts; counts every poll's "
        "ballots and compares with its tallies, its digest and what is shown. "
        "Prints each difference; the exit code is 1 when there is any."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        """One option per subject, to look at one thing alone."""
        for subject in SUBJECTS:
            parser.add_argument(f"--{subject.option}", metavar="CODE", help=f"only this {subject.option}")

    def handle(self, *args: Any, **options: Any) -> None:
        """Raises CommandError (exit code 1) when anything differs, or when a chosen thing does not exist."""
        chosen = {subject.option for subject in SUBJECTS if options.get(subject.option) is not None}
        looked = wrong = 0
        for subject in SUBJECTS:
            if chosen and subject.option not in chosen:
                continue
            checks = [_load(path) for path in subject.checks]
            found = 0
            for key, label in _load(subject.each)(options.get(subject.option)):
                found += 1
                with snapshot():
                    wrong += self._print(label, (problem for check in checks for problem in check(key)))
            if chosen and not found:
                raise CommandError(f"There is no {subject.option} {options[subject.option]}.")
            looked += found
            if not chosen:
                for path in subject.whole:
                    wrong += self._print(f"all {subject.option}s", _load(path)())
        if wrong:
            raise CommandError(f"{looked} looked at, {wrong} differences.")
        self.stdout.write(self.style.SUCCESS(f"{looked} looked at, no differences."))

    def _print(self, label: str, problems: Iterable[str]) -> int:
        """Prints the first differences of one thing, counts them all."""
        problems = iter(problems)
        count = 0
        for problem in islice(problems, MOST_PRINTED):
            count += 1
            self.stdout.write(f"{label}: {problem}")
        rest = sum(1 for _ in problems)
        if rest:
            self.stdout.write(f"{label}: and {rest} more")
        return count + rest


def _load(path: str) -> Callable[..., Iterator[Any]]:
    function: Callable[[UUID | str | None], Iterator[Any]] = import_string(path)
    return function
