"""The forms by which a host sets an open line: its rules, why it is paused, the wait of new guests."""

from typing import Any, ClassVar

from django import forms

from queues import rules
from queues.models import Queue
from queues.pages.forms import LONGEST_QUOTE_MIN, time_box
from venues.service_forms import AUTO_ADVANCE, AUTO_NO_SHOW, ON_MY_WAY, SPANS, WINDOWS, spans
from web.forms import RefusableForm, ShortText, WholeNumber


class PauseForm(RefusableForm):
    """Why no new guests may join."""

    reason = ShortText(
        label="Reason, for guests",
        max_length=rules.LONGEST_MESSAGE,
        required=False,
        attrs={"autocomplete": "off", "placeholder": "The kitchen catches up. Back at 20:30."},
    )


class WaitForm(RefusableForm):
    """The wait that new guests are told, and for how long, in minutes."""

    NAMES: ClassVar = {"highMs": "high"}

    low = WholeNumber(label="Wait from", min_value=0, max_value=LONGEST_QUOTE_MIN)
    high = WholeNumber(label="Wait to", min_value=0, max_value=LONGEST_QUOTE_MIN)
    minutes = WholeNumber(
        label="For how long",
        min_value=rules.WAIT_HOLDS_AT_LEAST_MIN,
        max_value=rules.WAIT_HOLDS_AT_MOST_MIN,
        initial=rules.WAIT_HOLDS_MIN,
    )

    def clean(self) -> dict[str, Any]:
        """A wait has two ends, in order."""
        cleaned = super().clean() or self.cleaned_data
        low, high = cleaned.get("low"), cleaned.get("high")
        if low is not None and high is not None and low > high:
            self.add_error("high", "The longer wait comes second.")
        return cleaned


class LineForm(RefusableForm):
    """What may be changed of an open line."""

    event_name = ShortText(label="Name of the line", max_length=rules.LONGEST_LINE_NAME, attrs={"autocomplete": "off"})
    location = ShortText(
        label="Where", max_length=rules.LONGEST_LOCATION, required=False, attrs={"autocomplete": "off"}
    )
    open_time = forms.TimeField(label="Opens", required=False, widget=time_box())
    close_time = forms.TimeField(label="Closes", required=False, widget=time_box())
    call_window_s = forms.TypedChoiceField(label="Time to come when called", choices=WINDOWS, coerce=int)
    max_guests = WholeNumber(label="Most guests in line", min_value=1)
    auto_advance = forms.BooleanField(label=AUTO_ADVANCE, required=False)
    auto_no_show = forms.BooleanField(label=AUTO_NO_SHOW, required=False)
    on_my_way_s = forms.TypedChoiceField(label=ON_MY_WAY, choices=SPANS, coerce=int)
    here_only = forms.BooleanField(label="Guests join only with the code on the wall", required=False)

    def __init__(self, *arguments: Any, line: Queue | None = None, **options: Any) -> None:
        if line is not None:
            options["initial"] = {name: getattr(line, name) for name in self.base_fields}
        super().__init__(*arguments, **options)
        if self.is_bound and "event_name" not in self.data:  # a page from an older release asks for neither
            del self.fields["event_name"], self.fields["location"]
        if self.is_bound and "on_my_way_s" not in self.data:
            del self.fields["auto_no_show"], self.fields["on_my_way_s"]
        for name, choices in (("call_window_s", WINDOWS), ("on_my_way_s", SPANS)):
            if name in self.fields:
                chosen = getattr(line, name) if line is not None else None
                self.fields[name].choices = spans(choices, chosen)  # type: ignore[attr-defined]
