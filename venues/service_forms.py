"""What people type about services and hours, on the owner's pages and in the admin: a week is a box of text per day."""

import datetime
from collections.abc import Sequence
from typing import Any, ClassVar

from django import forms
from django.core.exceptions import ValidationError

from core import seen
from core.times_of_day import time_of_day
from venues.commands.services import MOST_NAMES, OVERLAP, name_of_date, told_of_date, week_as_told
from venues.hours import DAYS, Spans, Told, by_24_hours, overlapping, read, text_of
from venues.models import LONGEST_LAST_ENTRY_MIN, MOST_GUESTS, ON_MY_WAY_S, HoursException, Service, Venue
from venues.schedules import spans_of, week_of
from web.forms import FormKey, ShortText, WholeNumber
from web.settings_form import SettingsForm

DAY_FIELDS = tuple(day.lower() for day in DAYS)
# How long a called party may take, as chosen on pages; the API takes any number of seconds.
WINDOWS = [(60, "1 minute"), (120, "2 minutes"), (180, "3 minutes"), (300, "5 minutes"), (600, "10 minutes")]
# How much more time "On my way" gives, as chosen on pages.
SPANS = [(0, "none"), (120, "2 minutes"), (180, "3 minutes"), (300, "5 minutes"), (600, "10 minutes")]
# What happens at the end of a call, as services and open lines ask it.
AUTO_ADVANCE = "When a call runs out, call the next party (once, then a host has to act)"
AUTO_NO_SHOW = "When a call runs out, end the party’s place (if not, it is late, and you decide)"
ON_MY_WAY = "More time for “On my way”, once"


def spans(choices: list[tuple[int, str]], chosen: int | None) -> list[tuple[int, str]]:
    """The choices, and the seconds that were chosen elsewhere."""
    if chosen is None or chosen in dict(choices):
        return choices
    return sorted([*choices, (chosen, f"{chosen} seconds")])


class HoursText(forms.CharField):
    """The spans of one day, as text (venues/hours.py: read)."""

    def __init__(self, **options: Any) -> None:
        super().__init__(required=False, max_length=200, **options)
        self.widget.attrs |= {"placeholder": "closed", "autocomplete": "off", "autocapitalize": "none"}

    def clean(self, value: Any) -> Spans:
        """Raises ValidationError for what is no hours, or overlaps."""
        try:
            return read(super().clean(value))
        except ValueError as problem:
            raise ValidationError(str(problem)) from None


class NamesText(forms.CharField):
    """Names in one box, with commas between them."""

    def __init__(self, **options: Any) -> None:
        options = {"help_text": f"At most {MOST_NAMES}, with commas between."} | options
        super().__init__(required=False, max_length=600, **options)

    def clean(self, value: Any) -> list[str]:
        """The names; the command checks them."""
        return [name.strip() for name in super().clean(value).split(",") if name.strip()]

    def prepare_value(self, value: Any) -> Any:
        """A list as it is typed."""
        return ", ".join(value) if isinstance(value, list) else value


class WeekForm(forms.Form):
    """Boxes for the hours of a week."""

    monday, tuesday, wednesday, thursday, friday, saturday, sunday = (HoursText(label=day) for day in DAYS)

    def clean(self) -> dict[str, Any]:
        """No span of the week begins before an earlier one has ended."""
        data = super().clean() or self.cleaned_data
        if all(name in data for name in DAY_FIELDS) and (weekday := overlapping(self.week())) is not None:
            self.add_error(DAY_FIELDS[weekday], OVERLAP.format(day=DAYS[weekday]))
        return data

    def week(self) -> tuple[Spans, ...]:
        """The spans of a valid form, Monday first."""
        return tuple(self.cleaned_data[name] for name in DAY_FIELDS)


def week_texts(service: Service | None, told: Told = by_24_hours) -> dict[str, str]:
    """What stands in the boxes of a week."""
    week: Sequence[Spans] = week_of(service) if service is not None else [()] * 7
    return dict(zip(DAY_FIELDS, (text_of(spans, told) for spans in week), strict=True))


class ServiceForm(SettingsForm, WeekForm):
    """A service as its owner sets it up; a new one where there is no `service`."""

    SETTINGS: ClassVar = (
        "name", "max_guests", "call_window_s", "auto_advance", "auto_no_show", "on_my_way_s", "last_entry_min", "note_fields",
    )  # fmt: skip

    name = ShortText(label="Name", max_length=120, attrs={"placeholder": "Dinner", "autocomplete": "off"})
    max_guests = WholeNumber(label="Most guests in line", min_value=1, max_value=MOST_GUESTS, initial=60)
    call_window_s = forms.TypedChoiceField(label="Time to come when called", choices=WINDOWS, coerce=int, initial=120)
    auto_advance = forms.BooleanField(label=AUTO_ADVANCE, required=False)
    auto_no_show = forms.BooleanField(label=AUTO_NO_SHOW, required=False)
    on_my_way_s = forms.TypedChoiceField(
        label=ON_MY_WAY, choices=SPANS, coerce=int, initial=ON_MY_WAY_S, required=False, empty_value=None
    )
    last_entry_min = WholeNumber(
        label="Last entry, minutes before closing",
        min_value=0,
        max_value=LONGEST_LAST_ENTRY_MIN,
        initial=30,
        help_text="From then on nobody new can join. Parties in line are still seated.",
    )
    note_fields = NamesText(label="What guests may tell you", help_text="Such as: High chair, pram, allergies")
    sections = forms.MultipleChoiceField(
        label="Seats only in these sections", required=False, widget=forms.CheckboxSelectMultiple
    )
    key = FormKey()

    def __init__(self, data: Any = None, *, service: Service | None = None, sections: Sequence[str] = ()) -> None:
        super().__init__(data, row=service)
        known = dict.fromkeys([*sections, *(service.sections if service is not None else ())])
        self.fields["sections"].choices = [(each, each) for each in known]  # type: ignore[attr-defined]
        if len(known) < 2:  # there is nothing to choose
            del self.fields["sections"]
        for name, choices in (("call_window_s", WINDOWS), ("on_my_way_s", SPANS)):
            chosen = getattr(service, name) if service is not None else None
            self.fields[name].choices = spans(choices, chosen)  # type: ignore[attr-defined]

    def stands(self) -> dict[str, Any]:
        """What stands now, as the form shows it."""
        return self._settings() | week_texts(self.row, time_of_day) if self.row is not None else {}

    def values(self) -> dict[str, Any]:
        """What stands now, as the command notes its changes."""
        return self._settings() | {"week": week_as_told(self.row)} if self.row is not None else {}

    def _settings(self) -> dict[str, Any]:
        return {name: getattr(self.row, name) for name in (*self.SETTINGS, "sections")}

    @property
    def days(self) -> list[forms.BoundField]:
        """The boxes of the week, Monday first."""
        return [self[name] for name in DAY_FIELDS]

    def settings(self) -> dict[str, Any]:
        """What the command takes of a valid form. A page from an older release does not ask for all."""
        asked = [name for name in (*self.SETTINGS, "sections") if name in self.fields]
        given = {name: self.cleaned_data[name] for name in asked if self.cleaned_data[name] is not None}
        return given | {"week": self.week()}


class DateForm(SettingsForm):
    """A date on which other hours are good, of one of these services or of the whole venue. `row`: the venue."""

    date = forms.DateField(label="Date", widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"))
    service = forms.ChoiceField(label="For", required=False)
    spans = HoursText(label="Hours on that date")
    name = ShortText(label="Why", max_length=120, required=False, attrs={"placeholder": "Christmas Day"})

    def __init__(self, data: Any = None, *, venue: Venue, services: Sequence[Service], today: datetime.date) -> None:
        self._today = today
        super().__init__(data, row=venue)
        self.fields["date"].widget.attrs["min"] = today.isoformat()
        choices = [("", "the whole venue"), *((str(service.pk), service.name) for service in services)]
        self.fields["service"].choices = choices  # type: ignore[attr-defined]

    @property
    def dates(self) -> list[HoursException]:
        """The dates that the page shows."""
        return list(HoursException.objects.filter(venue=self.row, date__gte=self._today).select_related("service"))

    def stands(self) -> dict[str, Any]:
        """What stands now of the date that was sent; nothing of it on a page that asks for one."""
        if not hasattr(self, "cleaned_data"):
            return {}
        wanted = (self.cleaned_data.get("date"), self.cleaned_data.get("service"))
        found = next((each for each in self.dates if (each.date, str(each.service_id or "")) == wanted), None)
        texts = {"spans": text_of(spans_of(found)), "name": found.name} if found is not None else {}
        return {"date": wanted[0], "service": wanted[1], **texts}

    def saw_now(self) -> str:
        """Each date that has other hours, and that no other has."""
        return seen.shown({name_of_date(each): told_of_date(each) for each in self.dates}, rest=True)

    def clean_date(self) -> datetime.date:
        """Raises ValidationError for one that is over."""
        day: datetime.date = self.cleaned_data["date"]
        if day < self._today:
            raise ValidationError("This date is over.")
        return day
