"""What is chosen on the page of reports: a period, and another one beside it."""

from datetime import date, timedelta
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.http import QueryDict

from analytics.periods import MOST_DAYS, Beside, Period, last_days

EARLIEST = date(2000, 1, 1)
_BESIDE = {
    Beside.BEFORE: "the period before",
    Beside.YEAR: "the same weeks of last year",
    Beside.DATES: "other dates",
    Beside.NOTHING: "nothing",
}


class Day(forms.DateField):
    """A date, written as in a browser's own field of dates."""

    def __init__(self, label: str) -> None:
        super().__init__(
            label=label,
            required=False,
            input_formats=["%Y-%m-%d"],
            widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
            error_messages={"invalid": "Write a date such as 2026-05-31."},
        )


class PeriodForm(forms.Form):
    """The period, and what it is compared with; without dates the last seven days beside the seven before."""

    first = Day("From")
    last = Day("To")
    beside = forms.ChoiceField(label="Compare with", choices=list(_BESIDE.items()), required=False)
    beside_first = Day("Other dates, from")
    beside_last = Day("Other dates, to")

    def __init__(self, data: QueryDict, *, today: date) -> None:
        self._today = today
        usual = last_days(today)
        filled = data.copy()
        if not filled.get("first") and not filled.get("last"):
            filled["first"], filled["last"] = usual.first.isoformat(), usual.last.isoformat()
        filled.setdefault("beside", Beside.BEFORE)
        super().__init__(filled)

    def clean(self) -> dict[str, Any]:
        """Adds `period`, and `other`: the period beside it, or None."""
        data = super().clean() or self.cleaned_data
        period = self._period("first", "last")
        beside = Beside(data.get("beside") or Beside.BEFORE)
        other = self._period("beside_first", "beside_last") if beside is Beside.DATES else None
        if period is not None:
            other = {Beside.BEFORE: period.before(), Beside.YEAR: period.year_before()}.get(beside, other)
        return data | {"period": period, "other": other}

    def _period(self, first: str, last: str) -> Period | None:
        """The period from one field to the other; None where one of them is wrong, which the field says."""
        days = {name: self._day(name) for name in (first, last)}
        begin, end = days[first], days[last]
        if begin is None or end is None:
            return None
        if begin > end:
            self.add_error(last, "This is before the first day.")
        elif end - begin >= timedelta(days=MOST_DAYS):
            self.add_error(last, "Choose at most a year.")
        else:
            return Period(begin, end)
        return None

    def _day(self, name: str) -> date | None:
        if name in self.errors:
            return None
        day: date | None = self.cleaned_data[name]
        latest = self._today + timedelta(days=MOST_DAYS)
        if day is None:
            self.add_error(name, "Choose a day.")
        elif not EARLIEST <= day <= latest:
            self.add_error(name, ValidationError(f"Choose a day from {EARLIEST} to {latest}."))
            return None
        return day
