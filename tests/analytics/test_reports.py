"""Reports against figures computed by hand."""

from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta

import pytest

from analytics import exports, facts, parties, reports, timeline
from analytics.models import REPORTED, Fact
from analytics.periods import Period
from core.actors import HOST
from queues import commands, replayed
from queues.models import Queue
from tests.analytics.conftest import OPENING, Watch, keep_facts
from venues import commands as venue_commands
from venues.days import business_day
from venues.models import Venue

pytestmark = pytest.mark.thorough

SATURDAY, SUNDAY = date(2026, 2, 28), date(2026, 3, 1)


def counts(report: reports.Report) -> dict[str, int]:
    """The counters that are not 0."""
    names = ("parties", "guests", "served", "served_guests", "no_shows", "left", "kicked", "closed_out", "waiting")
    return {name: getattr(report.total, name) for name in names if getattr(report.total, name)}


def lines(report: reports.VenueReport) -> list[tuple[Queue, int]]:
    """Each line with the number of its parties."""
    return [(line, figures.parties) for line, figures in report.lines]


def test_an_empty_line_and_venue_report_nothing(line: Queue, venue: Venue) -> None:
    keep_facts()
    for report in (reports.of_line(line), reports.of_venue(venue, Period(SATURDAY, SUNDAY))):
        assert counts(report) == {}
        assert (report.total.median_wait_ms, report.total.p90_wait_ms, report.total.in_quote_share, report.hours) == (
            None,
            None,
            None,
            (),
        )
    assert reports.of_venue(venue, Period(SATURDAY, SUNDAY)).lines == []


def test_waits_are_percentiles_of_those_who_were_seated(watch: Watch, line: Queue) -> None:
    parties = [commands.join(line.code, size=size).party for size in (1, 2, 3, 4, 5)]
    for minutes, party in zip((10, 20, 30, 60), parties, strict=False):
        watch.at(minutes)
        commands.serve(line.code, party_id=party.pk)
    watch.at(500)
    commands.leave(line.code, party_id=parties[4].pk)
    keep_facts()
    report = reports.of_line(line)
    assert counts(report) == {"parties": 5, "guests": 15, "served": 4, "served_guests": 10, "left": 1}
    # Between 20 and 30; and 0.9 * 3 = 2.7 steps up: 30 + 0.7 * (60 - 30).
    assert (report.total.median_wait_ms, report.total.p90_wait_ms) == (25 * 60_000, 51 * 60_000)
    # Quotes at 3 minutes a party ahead: 0, 2.1 to 3.9, 4.2 to 7.8, 6.3 to 11.7 minutes.
    assert report.total.median_quote_low_ms == (126_000 + 252_000) / 2
    assert report.total.median_quote_high_ms == (234_000 + 468_000) / 2


@pytest.mark.parametrize(("minutes", "inside"), [(1.0, 0), (1.2, 1), (3, 1), (4.8, 1), (5.0, 0)])
def test_a_quote_is_kept_within_a_minute(watch: Watch, line: Queue, minutes: float, inside: int) -> None:
    commands.join(line.code)
    second = commands.join(line.code).party  # told 2.1 to 3.9 minutes
    watch.at(minutes)
    commands.serve(line.code, party_id=second.pk)
    keep_facts()
    report = reports.of_line(line)
    assert (report.total.in_quote, report.total.in_quote_share) == (inside, inside)


def test_a_party_counts_by_its_last_outcome(watch: Watch, line: Queue) -> None:
    party = commands.join(line.code).party
    commands.call(line.code)
    commands.no_show(line.code, party_id=party.pk)
    keep_facts()
    assert counts(reports.of_line(line)) == {"parties": 1, "guests": 1, "no_shows": 1}
    commands.put_back(line.code, party_id=party.pk)
    keep_facts()
    assert counts(reports.of_line(line)) == {"parties": 1, "guests": 1, "waiting": 1}
    watch.at(40)
    commands.serve(line.code, party_id=party.pk)
    keep_facts()
    report = reports.of_line(line)
    assert counts(report) == {"parties": 1, "guests": 1, "served": 1, "served_guests": 1}
    assert report.total.median_wait_ms == 40 * 60_000


@pytest.mark.parametrize("backwards", [False, True])
def test_what_was_undone_does_not_count(line: Queue, backwards: bool) -> None:
    first, second = commands.join(line.code).party, commands.join(line.code).party
    commands.call(line.code)
    commands.advance(line.code, served_party=str(first.pk))
    commands.undo(line.code)  # the first is called again, the second waits
    commands.kick(line.code, party_id=second.pk)
    commands.undo(line.code)
    walk_in = commands.add_walk_in(line.code, size=6).party
    commands.undo(line.code)
    keep_facts(backwards=backwards)
    assert counts(reports.of_line(line)) == {"parties": 2, "guests": 2, "waiting": 2}
    # An undone walk-in that a host puts back by hand is a guest after all.
    commands.put_back(line.code, party_id=walk_in.pk)
    keep_facts()
    assert counts(reports.of_line(line)) == {"parties": 3, "guests": 8, "waiting": 3}


def test_an_outcome_undone_gives_way_to_the_one_before(line: Queue) -> None:
    party = commands.join(line.code).party
    commands.kick(line.code, party_id=party.pk)
    commands.put_back(line.code, party_id=party.pk)
    commands.undo(line.code)
    keep_facts()
    assert counts(reports.of_line(line)) == {"parties": 1, "guests": 1, "kicked": 1}


def test_closing_ends_those_in_line_unless_it_was_undone(line: Queue) -> None:
    commands.join(line.code)
    commands.close(line.code)
    keep_facts()
    assert counts(reports.of_line(line)) == {"parties": 1, "guests": 1, "closed_out": 1}
    commands.undo(line.code)
    keep_facts()
    assert counts(reports.of_line(line)) == {"parties": 1, "guests": 1, "waiting": 1}


def test_joins_are_counted_by_the_hour_of_the_lines_own_clock(watch: Watch, line: Queue) -> None:
    for minutes, size in ((0, 1), (59, 2), (60, 4), (185, 8)):
        watch.at(minutes)
        commands.join(line.code, size=size)
    keep_facts()
    hours = [(hour.hour, hour.figures.parties, hour.figures.guests) for hour in reports.of_line(line).hours]
    assert hours == [(18, 2, 3), (19, 1, 4), (20, 0, 0), (21, 1, 8)]


def test_a_venues_lines_belong_to_the_business_day_they_began_in(
    watch: Watch, venue: Venue, new_line: Callable[..., Queue]
) -> None:
    first = new_line()
    commands.join(first.code, size=2)
    watch.at(6.5 * 60)  # half past midnight: still Saturday's service
    late = commands.join(first.code, size=3).party
    second = new_line()
    commands.join(second.code, size=4)
    watch.at(7 * 60)
    commands.serve(first.code, party_id=late.pk)
    watch.at(11.5 * 60)  # half past five: Sunday has begun, the line has not ended
    commands.join(first.code, size=1)
    third = new_line()
    commands.join(third.code, size=5)
    stranger = commands.open_line(commands.NewLine(event_name="Elsewhere", max_guests=50), actor=HOST)
    commands.join(stranger.code, size=9)
    keep_facts()
    saturday = reports.of_venue(venue, Period(SATURDAY, SATURDAY))
    assert counts(saturday) == {"parties": 4, "guests": 10, "served": 1, "served_guests": 3, "waiting": 3}
    # In the order of the evening, not of the clock.
    assert [(hour.hour, hour.figures.parties) for hour in saturday.hours if hour.figures.parties] == [
        (5, 1),
        (18, 1),
        (0, 2),
    ]
    sunday = reports.of_venue(venue, Period(SUNDAY, SUNDAY))
    assert counts(sunday) == {"parties": 1, "guests": 5, "waiting": 1}
    assert reports.of_venue(venue, Period(SATURDAY, SUNDAY)).total.parties == 5
    assert lines(reports.of_venue(venue, Period(SATURDAY, SATURDAY))) == [(second, 1), (first, 3)]
    assert lines(reports.of_venue(venue, Period(SUNDAY, SUNDAY))) == [(third, 1)]


@pytest.mark.parametrize(("ends", "day"), [(4, SUNDAY), (6, SATURDAY)])
def test_a_venue_says_when_its_day_ends(
    ends: int, day: date, watch: Watch, venue: Venue, new_line: Callable[..., Queue]
) -> None:
    venue = venue_commands.change_venue(
        venue_id=venue.pk, name=venue.name, timezone_name=venue.timezone, day_ends=time(ends)
    )
    watch.at(11.5 * 60)  # half past five on Sunday
    commands.join(new_line().code)
    keep_facts()
    assert [reports.of_venue(venue, Period(each, each)).total.parties for each in (SATURDAY, SUNDAY)] == [
        int(day == SATURDAY), int(day == SUNDAY),
    ]  # fmt: skip


@pytest.mark.parametrize("closed", [False, True])
@pytest.mark.parametrize(
    "hour", [0, 5, 6, 7, 10, 11, 23]
)  # of UTC: 00:10 in New York and half an hour beside midnight, too
def test_a_replayed_evening_is_one_day_and_over(
    hour: int, closed: bool, watch: Watch, venue: Venue, new_line: Callable[..., Queue]
) -> None:
    """At any time of any day, also on the night of the clock's change: four hours in a minute, all of them past."""
    for day in (datetime(2026, 3, 8, hour, 10, tzinfo=UTC), datetime(2026, 11, 1, hour, 10, tzinfo=UTC)):
        watch.now = day
        line = new_line()
        commands.mark_replay(line.code, time_scale=240)
        for number in range(12):
            watch.now = day + timedelta(seconds=5 * number)
            commands.join(line.code, name=f"guest {number}")
        watch.now = day + timedelta(minutes=1)
        if closed:
            commands.close(line.code)
        keep_facts()
        line.refresh_from_db()
        began = replayed.began_at(line, watch.now)
        assert began == watch.now - timedelta(hours=4)
        of_day = business_day(began, venue.timezone, venue.day_ends)
        assert reports.of_venue(venue, Period(of_day, of_day)).total.parties == 12
        scope = parties.venue_scope(venue, Period(of_day, of_day))
        assert len(exports.of_venue(scope, Period(of_day, of_day)).content.splitlines()) == 1 + 12
        ((earliest, latest),) = parties.ask("SELECT min(at), max(at) FROM parties", scope)
        assert began == earliest < latest <= watch.now
        assert max(length.at for length in timeline.lengths(line)).astimezone(UTC) <= watch.now
        assert min(length.at for length in timeline.lengths(line)).astimezone(UTC) == began
        if not closed:
            commands.close(line.code)


def test_what_a_page_reports_is_never_a_guest(line: Queue) -> None:
    party = commands.join(line.code).party
    keep_facts()
    for name in ("QUEUE_MEMBER_JOINED", "QUEUE_MEMBER_SERVED", "QUEUE_CLOSED"):
        Fact.objects.create(type=name, queue=line, venue=line.venue, party_id=party.pk, at=OPENING, size=1, waited_ms=1)
    assert counts(reports.of_line(line)) == {"parties": 1, "guests": 1, "waiting": 1}


def test_the_index_of_reports_holds_all_that_they_read() -> None:
    assert {facts.JOINED, facts.QUOTED, *parties._OUTCOMES} == set(REPORTED)
