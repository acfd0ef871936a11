"""An evening over time: the line's length (B9), and waits quoted and actual. Computed from facts, as reports are."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, time, timedelta

from analytics import clocks, facts
from analytics.clocks import Clock
from analytics.figures import Figures
from analytics.models import Fact
from analytics.parties import Scope, ask, grouped
from analytics.reports import Hour
from core import clock
from queues import replayed
from queues.models import Queue

# The shortest slot that gives an evening at most MOST_SLOTS of them.
SLOTS_MIN = (15, 30, 60)
MOST_SLOTS = 24
# How many minutes a wait was outside of its quoted range, shorter waits first; the middle one: it was not.
ERRORS = ("over 15 min shorter", "5 to 15 shorter", "1 to 5 shorter", "as told", "1 to 5 longer", "5 to 15 longer",
          "over 15 min longer")  # fmt: skip

_COMES = {facts.JOINED, facts.PUT_BACK}
_GOES = {facts.SERVED, facts.LEFT, facts.KICKED, facts.DROPPED}


@dataclass(frozen=True, slots=True)
class Slot:
    """The parties that joined in one slot and were seated."""

    label: str
    figures: Figures


@dataclass(frozen=True, slots=True)
class Length:
    """The number of parties in line, called ones included, from the local time `at` on."""

    at: datetime
    parties: int


def slots_of_line(queue: Queue, scope: Scope) -> list[Slot]:
    """The evening in slots of 15, 30 or 60 minutes, by join time; empty slots are left out."""
    ((first, last),) = ask("SELECT min(at), max(at) FROM parties", scope)
    if first is None:
        return []
    span = (last - first) / timedelta(minutes=1)
    width = next((each for each in SLOTS_MIN if span / each <= MOST_SLOTS), SLOTS_MIN[-1])
    (found,) = grouped(replace(scope, values=scope.values | {"width": width}), ("slot",))
    return [Slot(scope.clock.told(moment), figures) for (moment,), figures in sorted(found.items()) if figures.served]


def slots_of_hours(hours: Sequence[Hour], by: Clock) -> list[Slot]:
    """Slots of one hour of the business day, of all days together."""
    return [Slot(by.told(time(each.hour)), each.figures) for each in hours if each.figures.served]


def lengths(queue: Queue) -> list[Length]:
    """The line's length at each change, without undone events."""
    now = clock.now()
    shift = replayed.shift(queue, now)
    told = Fact.objects.filter(queue=queue, version__isnull=False).order_by("version", "seq")
    rows = list(told.values_list("type", "party_id", "at", "version", "undoes"))
    undone = {undoes for *_, undoes in rows if undoes is not None}
    zone = clocks.of_line(queue, now).zone
    there: set[object] = set()
    found: list[Length] = []
    for kind, party, at, version, _ in rows:
        if version in undone:
            continue
        before = len(there)
        if kind in _COMES:
            there.add(party)
        elif kind in _GOES:
            there.discard(party)
        elif kind == facts.CLOSED:
            there.clear()
        if len(there) != before:
            found.append(Length((at - shift).astimezone(zone), len(there)))
    return found
