"""Which days a period has, and which it is compared with."""

from datetime import date

import pytest
from django.http import QueryDict

from analytics.forms import PeriodForm
from analytics.periods import Period, ready_made

TODAY = date(2026, 11, 26)  # a Thursday


def days(text: str) -> Period:
    """ "2026-11-01 2026-11-05" as a period."""
    first, last = text.split()
    return Period(date.fromisoformat(first), date.fromisoformat(last))


@pytest.mark.parametrize(
    ("period", "before"),
    [
        ("2026-11-23 2026-11-29", "2026-11-16 2026-11-22"),  # a week
        ("2026-11-23 2026-11-26", "2026-11-16 2026-11-19"),  # the same weekdays of the week before
        ("2026-11-26 2026-11-26", "2026-11-19 2026-11-19"),
        ("2026-11-20 2026-11-29", "2026-11-06 2026-11-15"),  # ten days: two weeks before
        ("2026-11-01 2026-11-30", "2026-10-01 2026-10-31"),  # a whole month
        ("2026-11-01 2026-11-10", "2026-10-01 2026-10-10"),
        ("2026-03-01 2026-03-30", "2026-02-01 2026-02-28"),  # February has no more
        ("2026-01-01 2026-01-31", "2025-12-01 2025-12-31"),
    ],
)
def test_the_period_before_has_the_same_weekdays_or_the_same_part_of_a_month(period: str, before: str) -> None:
    assert days(period).before() == days(before)


def test_the_same_weeks_of_last_year_have_the_same_weekdays() -> None:
    period = days("2026-11-23 2026-11-29")
    assert period.year_before() == days("2025-11-24 2025-11-30")
    assert period.year_before().first.weekday() == period.first.weekday()


def test_ready_made_periods_end_today_or_before() -> None:
    found = dict(ready_made(TODAY))
    assert found["This week"] == days("2026-11-23 2026-11-26")
    assert found["Last week"] == days("2026-11-16 2026-11-22")
    assert found["This month"] == days("2026-11-01 2026-11-26")
    assert found["Last month"] == days("2026-10-01 2026-10-31")
    assert found["Last 12 months"] == days("2025-11-27 2026-11-26")


@pytest.mark.parametrize(
    ("query", "period", "other"),
    [
        ("", "2026-11-20 2026-11-26", "2026-11-13 2026-11-19"),
        ("beside=none", "2026-11-20 2026-11-26", None),
        ("first=2026-11-02&last=2026-11-08&beside=year", "2026-11-02 2026-11-08", "2025-11-03 2025-11-09"),
        (
            "first=2026-11-02&last=2026-11-08&beside=dates&beside_first=2026-05-01&beside_last=2026-05-03",
            "2026-11-02 2026-11-08",
            "2026-05-01 2026-05-03",
        ),
    ],
)
def test_a_period_is_chosen_with_another_beside_it(query: str, period: str, other: str | None) -> None:
    form = PeriodForm(QueryDict(query), today=TODAY)
    assert form.is_valid(), form.errors
    assert (form.cleaned_data["period"], form.cleaned_data["other"]) == (days(period), other and days(other))


@pytest.mark.parametrize(
    ("query", "field", "problem"),
    [
        ("first=x&last=2026-11-08", "first", "Write a date such as 2026-05-31."),
        ("first=2026-11-08", "last", "Choose a day."),
        ("last=2026-11-08", "first", "Choose a day."),
        ("first=2026-11-08&last=2026-11-01", "last", "This is before the first day."),
        ("first=2020-01-01&last=2026-02-01", "last", "Choose at most a year."),
        ("first=2026-11-01&last=9999-12-31", "last", "Choose a day from 2000-01-01 to 2027-11-27."),
        ("first=0001-01-01&last=2026-11-08", "first", "Choose a day from 2000-01-01 to 2027-11-27."),
        ("first=2026-13-01&last=2026-11-08", "first", "Write a date such as 2026-05-31."),
        ("beside=moon", "beside", "Select a valid choice. moon is not one of the available choices."),
        ("beside=dates", "beside_first", "Choose a day."),
        ("beside=dates&beside_first=2026-05-03&beside_last=2026-05-01", "beside_last", "This is before the first day."),
        ("first=%00&last=2026-11-08", "first", "Write a date such as 2026-05-31."),
    ],
)
def test_what_is_wrong_is_said_at_its_field(query: str, field: str, problem: str) -> None:
    form = PeriodForm(QueryDict(query), today=TODAY)
    assert not form.is_valid()
    assert form.errors == {field: [problem]} or form.errors[field] == [problem]
