"""Opening hours as instants: exact on both changes of the clock, whatever the week looks like."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.venues.test_days import ZONES
from venues.hours import (
    Exceptional,
    Hours,
    Opening,
    Span,
    Spans,
    next_opening,
    open_at,
    openings_of_day,
    openings_on,
    overlapping,
    overlaps,
    read,
    text_of,
)

NEW_YORK = "America/New_York"
DINNER, NIGHT = Span(time(17, 30), time(22)), Span(time(20), time(2))


def hours(*week: Spans, exceptions: dict[date, Exceptional] | None = None) -> Hours:
    """A week in New York that begins on Monday with these days."""
    return Hours(NEW_YORK, (*week, *((),) * (7 - len(week))), exceptions or {})


def told(opening: Opening | None, zone: str = NEW_YORK) -> str:
    """An opening by the clock of the zone: "Mon 17:30-22:00"."""
    if opening is None:
        return ""
    opens, closes = (each.astimezone(ZoneInfo(zone)) for each in (opening.opens, opening.closes))
    return f"{opens:%a %H:%M}-{closes:%H:%M}"


def at(text: str) -> datetime:
    """A moment written with its offset."""
    return datetime.fromisoformat(text).astimezone(UTC)


EVERY_DAY = hours(*[(Span(time(12), time(15)), DINNER)] * 4, *[(Span(time(12), time(15)), NIGHT)] * 3)


@pytest.mark.parametrize(
    ("moment", "now", "following"),
    [
        ("2026-11-23T11:59-05:00", "", "Mon 12:00-15:00"),
        ("2026-11-23T12:00-05:00", "Mon 12:00-15:00", "Mon 17:30-22:00"),
        ("2026-11-23T15:00-05:00", "", "Mon 17:30-22:00"),
        ("2026-11-23T21:59-05:00", "Mon 17:30-22:00", "Tue 12:00-15:00"),
        ("2026-11-28T01:59-05:00", "Fri 20:00-02:00", "Sat 12:00-15:00"),
        ("2026-11-28T02:00-05:00", "", "Sat 12:00-15:00"),
        ("2026-11-30T01:00-05:00", "Sun 20:00-02:00", "Mon 12:00-15:00"),  # from one week into the next
    ],
)
def test_what_is_open_and_what_opens_next(moment: str, now: str, following: str) -> None:
    assert told(open_at(EVERY_DAY, at(moment))) == now
    assert told(next_opening(EVERY_DAY, at(moment))) == following


@pytest.mark.parametrize(
    ("day", "span", "opens", "minutes"),
    [
        # 02:00 to 03:00 does not exist on 8 March, 01:00 to 02:00 comes twice on 1 November.
        (date(2026, 3, 8), Span(time(2, 30), time(5)), "03:00", 120),
        (date(2026, 3, 8), Span(time(1), time(4)), "01:00", 120),
        (date(2026, 3, 7), Span(time(22), time(2, 30)), "22:00", 240),
        (date(2026, 11, 1), Span(time(1, 30), time(4)), "01:30", 210),
        (date(2026, 11, 1), Span(time(0), time(1, 30)), "00:00", 90),
        (date(2026, 10, 31), Span(time(22), time(2)), "22:00", 300),
        (date(2026, 10, 31), Span(time(4), time(4)), "04:00", 25 * 60),
    ],
)
def test_a_change_of_the_clock(day: date, span: Span, opens: str, minutes: int) -> None:
    week = Hours(NEW_YORK, exceptions={day: Exceptional((span,))})
    (opening,) = openings_on(week, day)
    assert told(opening)[4:9] == opens
    assert opening.closes - opening.opens == timedelta(minutes=minutes)
    assert open_at(week, opening.opens) == opening
    assert next_opening(week, opening.opens) is None, "it opens once"


def test_a_span_that_the_clock_skips_is_none() -> None:
    week = hours(*[(Span(time(2), time(3)),)] * 7)
    assert openings_on(week, date(2026, 3, 8)) == []
    assert told(next_opening(week, at("2026-03-08T01:59-05:00"))) == "Mon 02:00-03:00"


def test_an_exception_replaces_what_begins_on_its_date_and_nothing_else() -> None:
    new_year = hours(
        *EVERY_DAY.week,
        exceptions={
            date(2026, 12, 31): Exceptional((Span(time(18), time(3)),), "New Year’s Eve"),
            date(2027, 1, 1): Exceptional(name="New Year’s Day"),
        },
    )
    eve, day_after = at("2026-12-31T17:00-05:00"), at("2027-01-01T01:00-05:00")
    assert told(next_opening(new_year, eve)) == "Thu 18:00-03:00"
    assert told(open_at(new_year, day_after)) == "Thu 18:00-03:00"
    assert told(next_opening(new_year, day_after)) == "Sat 12:00-15:00"


def test_the_openings_of_a_business_day() -> None:
    late = hours((Span(time(12), time(15)), Span(time(22), time(1)), Span(time(2), time(3))), (Span(time(1), time(2)),))
    assert [told(each) for each in openings_of_day(late, date(2026, 11, 23), time(4))] == [
        "Mon 12:00-15:00",
        "Mon 22:00-01:00",
        "Tue 01:00-02:00",
    ]


def test_nothing_opens_where_no_hours_are() -> None:
    moment = at("2026-11-23T12:00-05:00")
    assert (open_at(hours(), moment), next_opening(hours(), moment)) == (None, None)


@pytest.mark.parametrize(
    ("week", "weekday"),
    [
        ([(DINNER,), (DINNER,)], None),
        ([(Span(time(12), time(15)), Span(time(14, 59), time(16)))], 0),
        ([(Span(time(12), time(15)), Span(time(15), time(16)))], None),
        ([(Span(time(22), time(3)),), (Span(time(2), time(4)),)], 1),
        ([(Span(time(0), time(0)),), (Span(time(0), time(1)),)], None),
        ([(Span(time(1), time(2)),), *[()] * 5, (Span(time(20), time(1, 30)),)], 0),  # Sunday night
    ],
)
def test_hours_that_overlap_are_found_by_their_day(week: list[Spans], weekday: int | None) -> None:
    assert overlapping([*week, *[()] * (7 - len(week))]) == weekday


@pytest.mark.parametrize(
    ("text", "spans"),
    [
        ("11:30–14:30, 17:30–22:00", "11:30–14:30, 17:30–22:00"),  # noqa: RUF001
        ("17.30 - 22", "17:30–22:00"),  # noqa: RUF001
        ("5:00\u00a0PM–1:00\u202fAM", "17:00–01:00"),  # noqa: RUF001
        ("5pm to 1 a.m.", "17:00–01:00"),  # noqa: RUF001
        ("12am-12pm", "00:00–12:00"),  # noqa: RUF001
        ("18-24\n12h00-15h00", "12:00–15:00, 18:00–00:00"),  # noqa: RUF001
        (" closed ", ""),
        ("", ""),
    ],
)
def test_hours_as_people_type_them(text: str, spans: str) -> None:
    assert text_of(read(text)) == spans
    assert read(spans) == read(text)


@pytest.mark.parametrize(
    "text", ["18", "25-26", "17:60-18:00", "12-2pm", "13pm-2pm", "10-12, 11-13", "ten to two", "1-2-3"]
)
def test_what_is_no_hours_is_told(text: str) -> None:
    with pytest.raises(ValueError, match=r"[.]$"):
        read(text)


times = st.builds(time, st.integers(0, 23), st.sampled_from([0, 15, 30, 59]))
days = st.lists(st.builds(Span, times, times), max_size=3).map(tuple).filter(lambda spans: not overlaps(spans))
weeks = st.tuples(*[days] * 7).filter(lambda week: overlapping(week) is None)
moments = st.datetimes(datetime(2010, 1, 1), datetime(2037, 12, 31), timezones=st.just(UTC))  # noqa: DTZ001 — hypothesis adds it


@pytest.mark.thorough
@given(week=weeks, moment=moments, zone=st.sampled_from(ZONES))
def test_now_and_next_agree_with_all_openings(week: tuple[Spans, ...], moment: datetime, zone: str) -> None:
    """Every opening of three weeks around the moment: in order, none overlaps, the one that is on and the next among them."""
    plan = Hours(zone, week)
    today = moment.astimezone(ZoneInfo(zone)).date()
    around = [each for days in range(-10, 11) for each in openings_on(plan, today + timedelta(days=days))]
    assert all(one.closes <= other.opens for one, other in zip(around, around[1:], strict=False))
    on = [each for each in around if each.opens <= moment < each.closes]
    assert open_at(plan, moment) == (on[0] if on else None)
    later = [each for each in around if each.opens > moment]
    assert next_opening(plan, moment) == (later[0] if later else None)


@pytest.mark.thorough
@given(week=weeks, day=st.dates(date(2010, 1, 1), date(2037, 12, 31)), zone=st.sampled_from(ZONES))
def test_the_clock_shows_what_was_typed_wherever_it_can(week: tuple[Spans, ...], day: date, zone: str) -> None:
    place = ZoneInfo(zone)
    openings = openings_on(Hours(zone, week), day)
    spans = sorted(week[day.weekday()])
    assert len(openings) <= len(spans)
    for opening in openings:
        local = opening.opens.astimezone(place)
        exact = any(local.date() == day and local.time() == span.opens for span in spans)
        jumped = (opening.opens - timedelta(seconds=1)).astimezone(place).utcoffset() != local.utcoffset()
        assert exact or jumped, "another time only at the end of a gap"


@pytest.mark.thorough
@given(week=weeks, day=st.dates(date(2010, 1, 1), date(2037, 12, 31)), zone=st.sampled_from(ZONES))
def test_each_opening_belongs_to_one_business_day(week: tuple[Spans, ...], day: date, zone: str) -> None:
    plan = Hours(zone, week)
    by_day = [each for days in range(-2, 3) for each in openings_of_day(plan, day + timedelta(days=days), time(4))]
    assert len(by_day) == len(set(by_day))
    assert set(openings_on(plan, day)) <= set(by_day)
