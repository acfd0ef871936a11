"""What is due to be forgotten, and what was."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import connection
from django.db.models import Count, Min

from core.errors import existing
from core.identifiers import as_uuid
from guests.models import Visit
from outbox.models import Event
from queues.models import Party, Queue
from queues.refusals import NOT_IN_LINE
from reach.models import Contact
from retention import rules
from venues.days import business_day
from venues.models import Venue

FORGOTTEN = "QUEUE_FORGOTTEN"
COUNTED = ("parties", "contacts", "devices")
# Lines whose events are read for the list of runs, and runs that are listed.
MOST_LINES, MOST_RUNS = 200, 14

# For each venue the first rows that wait to be forgotten, by an index of these alone: where nothing is due nothing is read.
_DUE = """
SELECT found.id FROM venues_venue v LEFT JOIN retention_keeping k ON k.venue_id = v.id
 CROSS JOIN LATERAL (
     SELECT id, closed_at FROM {table} WHERE venue_id = v.id AND closed_at IS NOT NULL AND forgotten_at IS NULL
        AND closed_at <= %(now)s - make_interval(days => coalesce(k.days, %(days)s)::int)
      ORDER BY closed_at LIMIT %(most)s) AS found
UNION ALL
(SELECT id FROM {table} WHERE venue_id IS NULL AND closed_at IS NOT NULL AND forgotten_at IS NULL
    AND closed_at <= %(now)s - make_interval(days => %(days)s::int)
  ORDER BY closed_at LIMIT %(most)s)"""
_TABLES = {"line": "queues_queue", "room": "polls_room"}
# How long the first row of each venue is past its time, by the same index.
_LATE = """
SELECT coalesce(extract(epoch FROM max(late)), 0)::float8 FROM (
    SELECT %(now)s - make_interval(days => coalesce(k.days, %(days)s)::int) - found.closed_at AS late
      FROM venues_venue v LEFT JOIN retention_keeping k ON k.venue_id = v.id
     CROSS JOIN LATERAL (
         SELECT closed_at FROM {table} WHERE venue_id = v.id AND closed_at IS NOT NULL AND forgotten_at IS NULL
          ORDER BY closed_at LIMIT 1) AS found
    UNION ALL
    (SELECT %(now)s - make_interval(days => %(days)s::int) - closed_at FROM {table}
      WHERE venue_id IS NULL AND closed_at IS NOT NULL AND forgotten_at IS NULL ORDER BY closed_at LIMIT 1)) AS firsts"""


def due(kind: str, now: datetime, *, most: int) -> list[UUID]:
    """Lines ("line") or rooms ("room") that are to be forgotten now, at most so many of each venue."""
    values: dict[str, Any] = {"now": now, "days": settings.RETENTION_DAYS, "most": most}
    with connection.cursor() as cursor:
        cursor.execute(_DUE.format(table=_TABLES[kind]), values)
        return [pk for (pk,) in cursor]


def late_s(now: datetime) -> float:
    """For how many seconds the oldest line or room has been kept beyond its time; 0 when none has."""
    late = 0.0
    with connection.cursor() as cursor:
        for table in _TABLES.values():
            cursor.execute(_LATE.format(table=table), {"now": now, "days": settings.RETENTION_DAYS})
            late = max(late, cursor.fetchone()[0])
    return late


def party_of(line: UUID, party_id: UUID | str) -> Party:
    """The line's party with this id, in line or out of it. Raises NotFound."""
    wanted = existing(as_uuid(str(party_id)), NOT_IN_LINE, field="partyId")
    found = Party.objects.select_related("queue__venue").filter(queue=line, pk=wanted).first()
    return existing(found, NOT_IN_LINE, field="partyId")


def number_proven(party: Party) -> bool:
    """Whether the party's guest has proved the number that is kept for it."""
    return Contact.objects.filter(party=party, number__gt="", verified_at__isnull=False).exists()


def known_unproven(party: Party) -> bool:
    """Whether the venue knows the number of the party, and its guest has not proved it: then the guest may neither see nor end
    what is known."""
    return Visit.objects.filter(party=party).exists() and not number_proven(party)


def same_number(party: Party) -> list[Party]:
    """The venue's other parties for which the same number is kept, in any of its lines, the newest first."""
    number = Contact.objects.filter(party=party).values_list("number", flat=True).first()
    if not number or party.queue.venue_id is None:
        return []
    rows = Party.objects.select_related("queue").filter(contact__number=number, queue__venue=party.queue.venue_id)
    return list(rows.exclude(pk=party.pk).order_by("-joined_at", "-pk"))


@dataclass(frozen=True, slots=True)
class Run:
    """What was forgotten on one day of the venue: whole lines, and what of them."""

    day: date
    lines: int
    parties: int
    contacts: int
    devices: int


@dataclass(frozen=True, slots=True)
class NextRun:
    """The next line that is forgotten, and how many wait for their time."""

    at: datetime
    lines: int


def runs(venue: Venue) -> list[Run]:
    """The days on which lines of the venue were forgotten, newest first; at most MOST_RUNS."""
    lines = Queue.objects.filter(venue=venue, forgotten_at__isnull=False).order_by("-opened_at", "pk")
    told = Event.objects.filter(stream_id__in=list(lines.values_list("pk", flat=True)[:MOST_LINES]), type=FORGOTTEN)
    by_day: dict[date, list[Event]] = {}
    for event in told.only("at", "stream_id", "data").order_by("-at", "pk"):
        by_day.setdefault(business_day(event.at, venue.timezone, venue.day_ends), []).append(event)
    return [_run(day, events) for day, events in list(by_day.items())[:MOST_RUNS]]


def _run(day: date, events: list[Event]) -> Run:
    parties, contacts, devices = (sum(each.data.get(name, 0) for each in events) for name in COUNTED)
    lines = len({each.stream_id for each in events})
    return Run(day=day, lines=lines, parties=parties, contacts=contacts, devices=devices)


def next_run(venue: Venue) -> NextRun | None:
    """What is next; None where no closed line waits for its time."""
    waiting = Queue.objects.filter(venue=venue, closed_at__isnull=False, forgotten_at__isnull=True)
    found = waiting.aggregate(first=Min("closed_at"), lines=Count("pk"))
    if found["first"] is None:
        return None
    return NextRun(at=rules.due_at(found["first"], venue.pk), lines=found["lines"])
