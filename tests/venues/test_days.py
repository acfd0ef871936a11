"""The business day."""

from datetime import UTC, date, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from venues.days import begin_of, business_day, span_of

ZONES = ["America/New_York", "Europe/Madrid", "Asia/Tokyo", "Asia/Kathmandu", "Australia/Lord_Howe", "Pacific/Apia", "UTC",
         "America/Havana", "America/St_Johns", "Africa/Casablanca", "Pacific/Kiritimati"]  # fmt: skip


@pytest.mark.parametrize(
    ("moment", "day"),
    [
        ("2026-11-27T23:59-05:00", date(2026, 11, 27)),
        ("2026-11-28T00:00-05:00", date(2026, 11, 27)),
        ("2026-11-28T03:59-05:00", date(2026, 11, 27)),
        ("2026-11-28T04:00-05:00", date(2026, 11, 28)),
        ("2026-03-08T03:59-04:00", date(2026, 3, 7)),  # the night of 23 hours
        ("2026-03-08T04:00-04:00", date(2026, 3, 8)),
        ("2026-11-01T01:30-04:00", date(2026, 10, 31)),  # half past one comes twice
        ("2026-11-01T01:30-05:00", date(2026, 10, 31)),
        ("2026-11-01T04:00-05:00", date(2026, 11, 1)),
    ],
)
def test_a_day_ends_at_the_venues_hour(moment: str, day: date) -> None:
    assert business_day(datetime.fromisoformat(moment).astimezone(UTC), "America/New_York", time(4)) == day


def test_a_day_has_as_many_hours_as_the_clock_gives_it() -> None:
    lengths = {
        day: (end - begin) / timedelta(hours=1)
        for day in (date(2026, 3, 7), date(2026, 3, 8), date(2026, 10, 31))
        for begin, end in [span_of(day, day, "America/New_York", time(4))]
    }
    assert lengths == {date(2026, 3, 7): 23, date(2026, 3, 8): 24, date(2026, 10, 31): 25}


@given(
    moment=st.datetimes(datetime(2000, 1, 1), datetime(2037, 12, 31), timezones=st.just(UTC)),  # noqa: DTZ001 — hypothesis adds it
    zone=st.sampled_from(ZONES),
    ends=st.sampled_from([time(hour) for hour in range(13)]),
)
def test_every_moment_is_in_the_span_of_its_day(moment: datetime, zone: str, ends: time) -> None:
    day = business_day(moment, zone, ends)
    begin, end = span_of(day, day, zone, ends)
    assert begin <= moment < end
    assert end == begin_of(day + timedelta(days=1), zone, ends)
