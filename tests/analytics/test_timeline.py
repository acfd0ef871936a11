"""analytics/timeline.py against figures computed by hand, and the geometry of its charts."""

from datetime import UTC, datetime, time, timedelta

import pytest

from analytics import charts, parties, reports, timeline
from analytics.figures import Figures
from analytics.reports import Hour
from analytics.timeline import Length, Slot
from queues import commands
from queues.models import Queue
from tests.analytics.conftest import Watch, keep_facts

MIN = 60_000


def test_the_timeline_follows_the_line_and_leaves_out_what_was_undone(watch: Watch, line: Queue) -> None:
    ann = commands.join(line.code, name="Ann").party
    watch.at(10)
    ben = commands.join(line.code, name="Ben").party
    watch.at(20)
    commands.kick(line.code, party_id=ben.pk)
    watch.at(21)
    commands.undo(line.code)
    watch.at(30)
    commands.call(line.code, party_id=ann.pk)  # called: still in line
    commands.no_show(line.code, party_id=ann.pk)
    watch.at(40)
    commands.put_back(line.code, party_id=ann.pk)
    watch.at(50)
    commands.close(line.code)
    keep_facts(backwards=True)
    found = [(f"{each.at:%H:%M}", each.parties) for each in timeline.lengths(line)]
    assert found == [("18:00", 1), ("18:10", 2), ("18:30", 1), ("18:40", 2), ("18:50", 0)]


def test_waits_are_put_in_slots_by_when_parties_joined(watch: Watch, line: Queue) -> None:
    first = commands.join(line.code).party
    second = commands.join(line.code).party
    watch.at(16)
    third = commands.join(line.code).party
    for minutes, party in ((20, first), (30, second), (46, third)):
        watch.at(minutes)
        commands.serve(line.code, party_id=party.pk)
    keep_facts()
    slots = timeline.slots_of_line(line, parties.line_scope(line))
    assert [(slot.label, slot.figures.served, slot.figures.median_wait_ms) for slot in slots] == [
        ("6:00\u00a0PM", 2, 25 * MIN),
        ("6:15\u00a0PM", 1, 30 * MIN),
    ]


def test_the_hosts_own_quote_is_what_was_told(watch: Watch, line: Queue) -> None:
    party = commands.join(line.code).party  # told: no wait
    watch.at(1)
    commands.edit_party(line.code, party_id=party.pk, quote_ms=(20 * MIN, 30 * MIN))
    commands.edit_party(line.code, party_id=party.pk, quote_ms=(50 * MIN, 60 * MIN))
    commands.undo(line.code)
    watch.at(25)
    commands.serve(line.code, party_id=party.pk)
    keep_facts()
    report = reports.of_line(line)
    assert (report.total.median_quote_low_ms, report.total.median_quote_high_ms, report.total.in_quote) == (
        20 * MIN,
        30 * MIN,
        1,
    )
    assert report.total.mean_error_ms == 0
    assert report.errors == {timeline.ERRORS.index("as told"): 1}


@pytest.mark.parametrize(
    ("minutes", "words"),
    [
        (0.5, "over 15 min shorter"),
        (7, "5 to 15 shorter"),
        (17, "1 to 5 shorter"),
        (19, "as told"),
        (31, "as told"),
        (34, "1 to 5 longer"),
        (40, "5 to 15 longer"),
        (46, "over 15 min longer"),
    ],
)
def test_how_far_off_a_quote_was(watch: Watch, line: Queue, minutes: float, words: str) -> None:
    party = commands.join(line.code).party
    commands.edit_party(line.code, party_id=party.pk, quote_ms=(20 * MIN, 30 * MIN))
    watch.at(minutes)
    commands.serve(line.code, party_id=party.pk)
    keep_facts()
    assert reports.of_line(line).errors == {timeline.ERRORS.index(words): 1}


def test_hours_say_what_came_of_those_who_joined(watch: Watch, line: Queue) -> None:
    served, shy, gone = (commands.join(line.code).party for _ in range(3))
    commands.serve(line.code, party_id=served.pk)
    commands.call(line.code, party_id=shy.pk)
    commands.no_show(line.code, party_id=shy.pk)
    commands.leave(line.code, party_id=gone.pk)
    keep_facts()
    (hour,) = reports.of_line(line).hours
    found = hour.figures
    assert (hour.hour, found.parties, found.guests, found.served, found.no_shows, found.left) == (18, 3, 3, 1, 1, 1)


# ------------------------------------------------------------------------------------------------------------ geometry
OPENED = datetime(2026, 2, 28, 18, 5, tzinfo=UTC)


def by_24_hours(at: datetime | time) -> str:
    return f"{at:%H:%M}"


def test_the_worm_fills_the_frame_and_is_marked_at_round_times() -> None:
    lengths = [Length(OPENED, 1), Length(OPENED + timedelta(hours=1), 4), Length(OPENED + timedelta(hours=2), 0)]
    chart = charts.length_chart(lengths, by_24_hours)
    assert chart is not None
    assert [tick.label for tick in chart.x] == ["18:30", "19:00", "19:30", "20:00"]
    assert [tick.label for tick in chart.y] == ["0", "1", "2", "3", "4"]
    middle = (charts.LEFT + charts.RIGHT) / 2
    assert chart.path.startswith(f"M{charts.LEFT} {charts.BOTTOM}") and f"H{middle}V{float(charts.TOP)}" in chart.path
    assert (chart.most, chart.most_at) == (4, "19:05")


def test_where_times_are_longer_there_are_fewer_of_them() -> None:
    lengths = [Length(OPENED, 1), Length(OPENED + timedelta(hours=3), 0)]
    brief, long = (charts.length_chart(lengths, told) for told in (by_24_hours, lambda at: f"{at:%I:%M %p}"))
    assert brief and long
    assert [tick.label for tick in long.x] == ["07:00 PM", "08:00 PM", "09:00 PM"]
    assert [tick.label for tick in brief.x] == ["18:30", "19:00", "19:30", "20:00", "20:30", "21:00"]


def test_bars_are_stacked_and_count_all_parties() -> None:
    figures = Figures(parties=10, guests=20, served=5, no_shows=2, left=1)
    chart = charts.joins_chart([Hour(18, figures)], by_24_hours)
    assert chart is not None
    (bar,) = chart.bars
    assert [part.kind for part in bar.parts] == ["served", "other", "left", "no-show"]
    for lower, upper in zip(bar.parts, bar.parts[1:], strict=False):
        assert upper.y + upper.height == pytest.approx(lower.y)
    assert bar.total == 10 and bar.parts[-1].y == charts.TOP


def test_nothing_to_show_is_no_chart() -> None:
    assert [charts.length_chart([], by_24_hours), charts.waits_chart([]), charts.joins_chart([], by_24_hours)] == [
        None
    ] * 3
    assert charts.errors_chart([("as told", 0)] * 7) is None
    assert charts.waits_chart([Slot("18:00", Figures(served=1, median_wait_ms=0))]) is not None, (
        "one slot, in which no party waited"
    )
