"""queues/rules.py: pure functions on plain values."""

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from queues import rules
from queues.models import Party

ZONES = st.sampled_from(
    ["UTC", "Europe/Madrid", "America/New_York", "Asia/Kathmandu", "Australia/Lord_Howe", "Pacific/Apia"]
)
MOMENTS = st.datetimes(datetime(2024, 1, 1), datetime(2027, 12, 31), timezones=st.just(UTC))  # noqa: DTZ001 - given UTC
COUNTS = st.integers(0, 100_000)


# ---------------------------------------------------------------------------------------------------------------- places
@given(waiting_ahead=COUNTS, behind=COUNTS, being_served=st.booleans())
def test_place_is_the_contracts_arithmetic(waiting_ahead: int, behind: int, being_served: bool) -> None:
    waiting = waiting_ahead + 1 + behind
    place = rules.place(waiting_ahead=waiting_ahead, waiting=waiting, being_served=being_served)
    assert place.ahead == waiting_ahead + being_served
    assert place.position == place.ahead + 1
    assert place.queue_length == waiting + being_served
    assert place.position <= place.queue_length


@given(st.lists(st.uuids().map(str), unique=True, max_size=8), st.booleans())
def test_told_places_are_the_first_while_a_party_is_served_and_the_fourth(line: list[str], being_served: bool) -> None:
    second, fifth = rules.told_places(line, being_served=being_served)
    assert second == (line[0] if line and being_served else None)
    assert fifth == (line[3] if len(line) >= 4 else None)


# ----------------------------------------------------------------------------------------------------------------- waits
@given(ahead=COUNTS, pace_ms=st.integers(rules.FASTEST_PACE_MS, rules.SLOWEST_PACE_MS))
def test_the_quote_surrounds_what_is_expected_and_grows(ahead: int, pace_ms: int) -> None:
    expected = rules.expected_wait_ms(ahead=ahead, pace_ms=pace_ms)
    low, high = rules.quote_ms(ahead=ahead, pace_ms=pace_ms)
    assert 0 <= low <= expected <= high
    assert (expected == 0) == (ahead == 0)
    assert (low, high) <= rules.quote_ms(ahead=ahead + 1, pace_ms=pace_ms)


@given(
    pace_ms=st.integers(rules.FASTEST_PACE_MS, rules.SLOWEST_PACE_MS),
    seen=st.timedeltas(timedelta(0), timedelta(days=3)),
)
def test_the_pace_moves_towards_what_was_seen_and_stays_within_reason(pace_ms: int, seen: timedelta) -> None:
    after = rules.next_pace_ms(pace_ms=pace_ms, since_last_call=seen)
    bounded = min(max(int(seen.total_seconds() * 1000), rules.FASTEST_PACE_MS), rules.SLOWEST_PACE_MS)
    assert min(pace_ms, bounded) - 1 <= after <= max(pace_ms, bounded)
    assert abs(after - bounded) <= abs(pace_ms - bounded) * (1 - rules.PACE_WEIGHT) + 1


def test_a_line_that_had_been_empty_says_nothing_of_the_pace() -> None:
    assert rules.next_pace_ms(pace_ms=120_000, since_last_call=None) == 120_000


# ------------------------------------------------------------------------------------------------------------ closing time
@given(
    opened_at=MOMENTS, close_time=st.none() | st.times().map(lambda t: t.replace(second=0, microsecond=0)), zone=ZONES
)
# The clock goes back here: 02:15 comes twice, and so does 02:30.
@example(opened_at=datetime(2026, 10, 25, 1, 15, tzinfo=UTC), close_time=time(2, 30), zone="Europe/Madrid")
@example(opened_at=datetime(2026, 10, 25, 0, 15, tzinfo=UTC), close_time=time(2, 30), zone="Europe/Madrid")
# And forward here: 02:30 does not come at all.
@example(opened_at=datetime(2026, 3, 29, 0, 55, tzinfo=UTC), close_time=time(2, 30), zone="Europe/Madrid")
@example(opened_at=datetime(2026, 3, 29, 1, 10, tzinfo=UTC), close_time=time(2, 30), zone="Europe/Madrid")
def test_a_line_closes_after_it_opened_and_at_most_twelve_hours_later(
    opened_at: datetime, close_time: time | None, zone: str
) -> None:
    closes = rules.closes_at(opened_at=opened_at, close_time=close_time, timezone=zone)
    assert opened_at < closes <= opened_at + timedelta(hours=12)
    if close_time is None:
        assert closes == opened_at + timedelta(hours=12)
    elif closes < opened_at + timedelta(hours=12):
        shown = closes.astimezone(ZoneInfo(zone)).time()
        # Either the clock on the wall, or the hour that was left out in spring.
        assert shown == close_time or not exists(closes, close_time, zone)


def exists(day: datetime, wall: time, zone: str) -> bool:
    """Whether there is such a time on that day in that zone."""
    local = datetime.combine(day.astimezone(ZoneInfo(zone)).date(), wall, tzinfo=ZoneInfo(zone))
    return local.astimezone(UTC).astimezone(ZoneInfo(zone)).time() == wall


@pytest.mark.parametrize(
    ("zone", "opened", "close", "closes"),
    [
        ("Europe/Madrid", "2026-07-10T17:00", time(23, 30), "2026-07-10T21:30"),  # summer: two hours ahead
        ("Europe/Madrid", "2026-01-10T17:00", time(23, 30), "2026-01-10T22:30"),  # winter: one
        ("America/New_York", "2026-07-10T23:00", time(1, 0), "2026-07-11T05:00"),  # past midnight, there
        ("Asia/Kathmandu", "2026-07-10T10:00", time(18, 0), "2026-07-10T12:15"),  # 5 h 45 ahead
        ("UTC", "2026-07-10T08:00", time(23, 0), "2026-07-10T20:00"),  # twelve hours are the most
        ("UTC", "2026-07-10T08:00", time(8, 0), "2026-07-10T20:00"),  # just gone: tomorrow's, so twelve hours
        ("Europe/Madrid", "2026-10-24T22:00", time(4, 0), "2026-10-25T03:00"),  # the night of 25 hours
        ("Europe/Madrid", "2026-03-28T22:00", time(4, 0), "2026-03-29T02:00"),  # the night of 23 hours
        ("Europe/Madrid", "2026-10-25T01:15", time(2, 30), "2026-10-25T01:30"),  # the second 02:30 of that night
    ],
)
def test_hours_are_read_in_the_lines_own_zone(zone: str, opened: str, close: time, closes: str) -> None:
    opened_at = datetime.fromisoformat(opened).replace(tzinfo=UTC)
    expected = datetime.fromisoformat(closes).replace(tzinfo=UTC)
    assert rules.closes_at(opened_at=opened_at, close_time=close, timezone=zone) == expected


# ----------------------------------------------------------------------------------------------------------------- ranks
RANKS = st.integers(-(2**40), 2**40)


@given(before=st.none() | RANKS, after=st.none() | RANKS)
def test_a_rank_lies_between_its_neighbours_or_there_is_no_room(before: int | None, after: int | None) -> None:
    rank = rules.rank_between(before, after)
    if rank is None:
        assert before is not None
        assert after is not None
        assert after - before <= 1
    else:
        assert before is None or before < rank
        assert after is None or rank < after


def test_there_is_room_for_twenty_moves_to_the_same_place() -> None:
    before, after = 0, rules.RANK_STEP
    for _ in range(20):
        rank = rules.rank_between(before, after)
        assert rank is not None
        after = rank


# ---------------------------------------------------------------------------------------------------------------- states
def test_every_status_has_a_way_in_and_only_those_in_line_have_one_out() -> None:
    assert set(rules.MAY_BECOME) == set(Party.Status.values)
    assert rules.MAY_BECOME[rules.NO_SHOW] == {rules.CALLED}  # who was not called cannot stay away
    assert rules.CLOSED not in rules.MAY_BECOME[rules.WAITING]  # no party is put back into a closed line
    for status in (rules.SERVED, rules.LEFT, rules.KICKED, rules.NO_SHOW, rules.CLOSED):
        assert rules.MAY_BECOME[status] <= set(Party.IN_LINE)
