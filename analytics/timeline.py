"""An evening over time: the line's length (B9), waits quoted and actual, and the error of quotes. Computed from facts, as reports
are."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, time, timedelta

from analytics import clocks, facts
from analytics.models import Fact
from analytics.reports import Scope, ask
from core import clock
from queues import replayed
from queues.models import Queue
from venues.days import hour_in_day
from venues.models import NO_ZONE

# The shortest slot that gives an evening at most MOST_SLOTS of them.
SLOTS_MIN = (15, 30, 60)
MOST_SLOTS = 24
# Buckets of a histogram: how many minutes a wait was outside of its quoted range, shorter waits first.
ERRORS = ("over 15 min shorter", "5 to 15 shorter", "1 to 5 shorter", "as told", "1 to 5 longer", "5 to 15 longer",
          "over 15 min longer")  # fmt: skip

_COMES = {facts.JOINED, facts.PUT_BACK}
_GOES = {facts.SERVED, facts.LEFT, facts.KICKED, facts.DROPPED}

_SLOTS = """
SELECT {slot} AS slot, count(*),
       percentile_cont(0.5) WITHIN GROUP (ORDER BY quoted_low_ms),
       percentile_cont(0.5) WITHIN GROUP (ORDER BY quoted_high_ms),
       percentile_cont(0.5) WITHIN GROUP (ORDER BY waited_ms)
  FROM parties WHERE outcome = %(served)s GROUP BY 1 ORDER BY 1
"""
_ERRORS = """
SELECT CASE WHEN waited_ms BETWEEN quoted_low_ms - %(tolerance)s AND quoted_high_ms + %(tolerance)s THEN 3
            WHEN waited_ms < quoted_low_ms - 900000 THEN 0
            WHEN waited_ms < quoted_low_ms - 300000 THEN 1
            WHEN waited_ms < quoted_low_ms THEN 2
            WHEN waited_ms > quoted_high_ms + 900000 THEN 6
            WHEN waited_ms > quoted_high_ms + 300000 THEN 5
            ELSE 4 END, count(*)
  FROM parties WHERE outcome = %(served)s GROUP BY 1
"""
_SPAN = "SELECT min(at), max(at) FROM parties"
_ROWS = """
SELECT q.code, parties.at AT TIME ZONE %(zone)s, size, quoted_low_ms, quoted_high_ms, waited_ms, outcome, over
  FROM parties JOIN queues_queue q ON q.id = parties.queue_id ORDER BY parties.at, party_id
"""


@dataclass(frozen=True, slots=True)
class Slot:
    """Parties seated that joined in one slot: their number, and the medians of their quotes and waits (ms)."""

    label: str
    served: int
    low_ms: int
    high_ms: int
    waited_ms: int


@dataclass(frozen=True, slots=True)
class Length:
    """The number of parties in line, called ones included, from the local time `at` on."""

    at: datetime
    parties: int


def slots_of_line(queue: Queue, scope: Scope) -> list[Slot]:
    """The evening in slots of 15, 30 or 60 minutes, by join time; empty slots are left out."""
    ((first, last),) = ask(_SPAN, scope)
    if first is None:
        return []
    span = (last - first) / timedelta(minutes=1)
    width = next((each for each in SLOTS_MIN if span / each <= MOST_SLOTS), SLOTS_MIN[-1])
    # Slots begin on round times of the local clock.
    slot = "date_bin(make_interval(mins => %(width)s), at AT TIME ZONE %(zone)s, TIMESTAMP '2000-01-01')"
    return [_slot(scope.clock.told(moment), *row) for moment, *row in ask(_SLOTS.format(slot=slot), scope, width=width)]


def slots_of_day(scope: Scope, day_ends: time) -> list[Slot]:
    """Slots of one hour of the business day, summed over all days."""
    rows = ask(_SLOTS.format(slot="extract(hour FROM at AT TIME ZONE %(zone)s)::int"), scope)
    rows.sort(key=lambda row: hour_in_day(row[0], day_ends))
    return [_slot(scope.clock.told(time(hour)), *row) for hour, *row in rows]


def errors(scope: Scope) -> list[tuple[str, int]]:
    """The number of seated parties in each bucket of ERRORS, by label."""
    counted = dict(ask(_ERRORS, scope))
    return [(words, counted.get(number, 0)) for number, words in enumerate(ERRORS)]


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


def parties(scope: Scope) -> Iterator[list[object]]:
    """Rows for a spreadsheet, the header first, then one per party. Facts hold no names."""
    shape = "%Y-%m-%d %H:%M" if scope.clock.name else "%H:%M"
    by = {NO_ZONE: "joined (UTC)", "": "joined (h:mm after opening)"}.get(scope.clock.name, "joined")
    yield ["line", by, "guests", "quoted from (min)", "quoted to (min)", "waited (min)", "outcome"]
    words = {
        facts.SERVED: "seated",
        facts.LEFT: "left",
        facts.KICKED: "removed",
        facts.DROPPED: "no-show",
    }
    for code, joined, size, low, high, waited, outcome, over in ask(_ROWS, scope):
        what = words.get(outcome, "line closed" if over else "in line")
        spent = round(waited / 60_000, 1) if waited is not None and what in words.values() else ""
        yield [code, joined.strftime(shape), size, round(low / 60_000, 1), round(high / 60_000, 1), spent, what]


def _slot(label: str, served: int, low_ms: float, high_ms: float, waited_ms: float) -> Slot:
    return Slot(label, served, round(low_ms), round(high_ms), round(waited_ms))
