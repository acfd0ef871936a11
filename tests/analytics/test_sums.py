"""A venue's report counts each party of the event log once in each of its tables, on evenings made at random."""

import csv
import io
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import UTC, date, datetime, timedelta
from random import Random
from uuid import UUID

import pytest

from analytics import exports, facts, reports
from analytics.figures import Figures
from analytics.parties import venue_scope
from analytics.periods import Period
from core.errors import Refused
from outbox import work
from outbox.models import Event
from queues import commands
from queues.models import Party, Queue
from tests.analytics.conftest import Watch, pending
from venues import commands as venue_commands
from venues.days import business_day
from venues.models import Service, Venue

pytestmark = pytest.mark.thorough

STEPS = 60
ADDED_UP = (
    "parties",
    "guests",
    "served",
    "served_guests",
    "no_shows",
    "left",
    "kicked",
    "closed_out",
    "waiting",
    "in_quote",
)
OUTCOMES = {facts.SERVED: "served", facts.LEFT: "left", facts.KICKED: "kicked", facts.DROPPED: "no_shows"}
# Afternoons before the clock of New York goes forward, back, and not at all.
BEGINNINGS = [
    datetime(2026, 3, 7, 22, tzinfo=UTC),
    datetime(2026, 10, 31, 21, tzinfo=UTC),
    datetime(2026, 6, 5, 21, tzinfo=UTC),
]


class Evenings:
    """Some days of a venue with a service, at random."""

    def __init__(self, watch: Watch, venue: Venue, chance: Random) -> None:
        self.watch, self.venue, self.chance = watch, venue, chance
        self.service: Service = venue_commands.create_service(venue_id=venue.pk, name="=Dinner()")
        self.lines: list[Queue] = []

    def play(self) -> None:
        """One thing after another; what is refused did not happen."""
        self.open()
        for _ in range(STEPS):
            self.watch.now += timedelta(minutes=self.chance.choice([0, 1, 7, 25, 60, 200]))
            act = self.chance.choice(
                [self.open, self.join, self.join, self.join, self.end, self.end, self.undo, self.close]
            )
            with suppress(Refused):
                act()

    def line(self) -> Queue:
        return self.chance.choice(self.lines)

    def open(self) -> None:
        if self.chance.random() < 0.5:
            self.lines.append(commands.open_service(self.service.pk))
        else:
            self.lines.append(
                commands.open_line(commands.NewLine(event_name="By hand", max_guests=500), venue=self.venue)
            )

    def join(self) -> None:
        ways: list[Callable[..., object]] = [commands.join, commands.join, commands.add_walk_in]
        self.chance.choice(ways)(self.line().code, size=self.chance.randint(1, 12))

    def end(self) -> None:
        of_lines = [line.pk for line in self.lines]
        parties = sorted(
            Party.objects.filter(queue__in=self.lines), key=lambda each: (of_lines.index(each.queue_id), each.ticket)
        )
        party = self.chance.choice(parties or [None])
        ways: list[Callable[..., object]] = [
            commands.serve,
            commands.serve,
            commands.leave,
            commands.kick,
            commands.no_show,
            commands.put_back,
        ]
        if party is not None:
            self.chance.choice(ways)(party.queue_id, party_id=party.pk)

    def undo(self) -> None:
        commands.undo(self.line().code)

    def close(self) -> None:
        if self.chance.random() < 0.3:
            commands.close(self.line().code)


def told(lines: list[Queue]) -> Iterator[tuple[Queue, int, str]]:
    """Each party of the event log: its line, its guests, and what became of it. Counted without the program's SQL."""
    for line in lines:
        events = list(Event.objects.filter(stream="queue", stream_id=line.pk).order_by("version", "seq"))
        undone = {event.data["undoes"] for event in events if event.type == facts.UNDONE}
        sizes: dict[UUID | None, int] = {}
        became: dict[UUID | None, str] = {}
        for event in events:
            if event.type == facts.JOINED:
                sizes[event.party_id] = event.changes["parties"][str(event.party_id)]["size"][1]
            if event.version in undone:
                continue
            if event.type in {facts.JOINED, facts.PUT_BACK}:
                became[event.party_id] = "in line"
            elif event.type in OUTCOMES:
                became[event.party_id] = OUTCOMES[event.type]
        line.refresh_from_db()
        over = "closed_out" if line.is_closed else "waiting"
        yield from ((line, sizes[party], over if each == "in line" else each) for party, each in became.items())


def sums(groups: list[Figures]) -> dict[str, int]:
    """What adds up, added up."""
    return {name: sum(getattr(each, name) for each in groups) for name in ADDED_UP}


@pytest.mark.parametrize("seed", range(6))
def test_every_table_of_a_report_adds_up_to_the_events(watch: Watch, venue: Venue, seed: int) -> None:
    watch.now = BEGINNINGS[seed % len(BEGINNINGS)]
    evenings = Evenings(watch, venue, Random(seed))  # noqa: S311
    evenings.play()
    waiting = pending()
    Random(seed).shuffle(waiting)  # noqa: S311 — effects are performed in any order
    work.perform(*waiting)

    parties = list(told(evenings.lines))
    expected = Counter(outcome for _, _, outcome in parties)
    by_day: Counter[date] = Counter()
    for line, _, _ in parties:
        by_day[business_day(line.opened_at, venue.timezone, venue.day_ends)] += 1
    first, last = min(by_day), max(by_day)
    for period in (Period(first, last), Period(first - timedelta(days=70), last + timedelta(days=3))):
        report = reports.of_venue(venue, period, by_week=period.is_long)
        assert report.total.parties == len(parties) and report.total.guests == sum(size for _, size, _ in parties)
        assert {name: getattr(report.total, name) for name in expected} == expected
        total = sums([report.total])
        services, lines = [each for _, each in report.services], [each for _, each in report.lines]
        hours = [each.figures for each in report.hours]
        for table in (report.dates, report.weekday_hours, report.sizes):
            assert sums(list(table.values())) == total
        for groups in (services, lines, hours):
            assert sums(groups) == total
        assert sum(report.errors.values()) == report.total.served

    # Days apart hold what they hold together, each at its own place.
    report = reports.of_venue(venue, Period(first, last))
    assert {day: each.parties for day, each in report.dates.items() if each.parties} == by_day
    apart = [reports.of_venue(venue, Period(day, day)).total for day in report.dates]
    assert apart == list(report.dates.values())
    assert sums([reports.of_line(line).total for line in evenings.lines]) == sums([report.total])
    # The file has a row for each, by the same days; a service's name runs no formula.
    text = exports.of_venue(venue_scope(venue, Period(first, last)), Period(first, last)).content.decode("utf-8-sig")
    rows = list(csv.DictReader(io.StringIO(text)))
    assert Counter(date.fromisoformat(row["day"]) for row in rows) == by_day
    assert {row["service"] for row in rows} <= {"", "'=Dinner()"}
