"""The forms of lines' pages. Their limits are those of the API's bodies (queues/rules.py)."""

from datetime import timedelta
from typing import Any, ClassVar

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from core.zones import place_zones, zone_names
from queues import contacts, rules, seen
from queues.commands import NewLine
from queues.models import Party, Queue
from queues.pages.contact_fields import EmailBox, NumberBox, say_remembered
from queues.selectors import largest_party
from queues.sitting import sections
from venues.forms import VenueForm
from venues.models import MOST_GUESTS, ON_MY_WAY_S, Venue
from venues.service_forms import WINDOWS
from venues.tables import LONGEST_SECTION
from web.forms import FormKey, LongSelect, RefusableForm, ShortText, WholeNumber

LONGEST_QUOTE_MIN = rules.LONGEST_LIFE // timedelta(minutes=1)
# The choice of no time zone.
NO_HOURS = ("", "None: hours are shown, and close nothing")


def time_box() -> forms.TimeInput:
    """A time of day, picked."""
    return forms.TimeInput(attrs={"type": "time"}, format="%H:%M")


class OpenLineForm(VenueForm):
    """A line to open."""

    NAMES: ClassVar = {"maxGuests": "max_guests"}

    event_name = ShortText(
        label="Name of the line",
        max_length=rules.LONGEST_LINE_NAME,
        attrs={"placeholder": "Friday dinner", "autocomplete": "off"},
    )
    max_guests = WholeNumber(label="Most guests in line", min_value=1, initial=60)
    call_window_s = forms.TypedChoiceField(label="Time to come when called", choices=WINDOWS, coerce=int, initial=120)
    location = ShortText(
        label="Where",
        max_length=rules.LONGEST_LOCATION,
        required=False,
        attrs={"placeholder": "Terrace, 12 High Street"},
    )
    open_time = forms.TimeField(label="Opens", required=False, widget=time_box())
    close_time = forms.TimeField(label="Closes", required=False, widget=time_box())
    timezone = forms.CharField(label="Time zone of these hours", required=False, max_length=64, widget=LongSelect)
    key = FormKey()

    def __init__(self, *arguments: Any, venues: list[Venue] | None = None, **options: Any) -> None:
        super().__init__(*arguments, venues=venues, **options)
        self.most = rules.ACCOUNTLESS_MOST_GUESTS if venues is None else MOST_GUESTS
        self.fields["max_guests"].widget.attrs["max"] = self.most
        self.venue_zones = [(venue.name, venue.zone) for venue in venues or [] if venue.zone]
        if venues and len(self.venue_zones) == len(venues):
            del self.fields["timezone"]  # nothing to choose
        else:
            if self.venue_zones:
                self.fields["timezone"].label = "Time zone, of a venue without one"
            self.fields["timezone"].widget.choices = [NO_HOURS, *place_zones()]

    def clean_max_guests(self) -> int:
        """Raises ValidationError above what such a line may hold."""
        guests: int = self.cleaned_data["max_guests"]
        if guests > self.most:
            more = " Sign in to open larger lines." if self.most == rules.ACCOUNTLESS_MOST_GUESTS else ""
            raise forms.ValidationError(f"At most {self.most:,} guests.{more}")
        return guests

    def clean_timezone(self) -> str:
        """A zone the browser's script chose and we do not know is left out: it is a convenience."""
        zone: str = self.cleaned_data["timezone"]
        return zone if zone in zone_names() else ""

    def clean(self) -> dict[str, Any]:
        """A line closes after it opens; a venue's, and where a zone was chosen, over midnight too."""
        cleaned = super().clean() or self.cleaned_data
        opens, closes = cleaned.get("open_time"), cleaned.get("close_time")
        over_midnight = "venue" in self.fields or bool(cleaned.get("timezone"))
        if rules.hours_problem(open_time=opens, close_time=closes, over_midnight=over_midnight):
            self.add_error("close_time", "The line must close after it opens.")
        return cleaned

    def new_line(self) -> NewLine:
        """What the command takes."""
        data = self.cleaned_data
        return NewLine(
            event_name=data["event_name"],
            max_guests=data["max_guests"],
            location=data["location"],
            open_time=data["open_time"],
            close_time=data["close_time"],
            timezone=data.get("timezone", ""),
            call_window_s=data["call_window_s"],
            # A line that its host looks away from must not go on by itself, and loses no party; "Name, hours and rules" turns
            # both on.
            auto_advance=False,
            auto_no_show=False,
            on_my_way_s=ON_MY_WAY_S,
        )


class JoinForm(RefusableForm):
    """A guest's name and the size of their party."""

    name = ShortText(
        label=_("Your name"),
        max_length=rules.LONGEST_NAME,
        required=False,
        attrs={"autocomplete": "given-name", "enterkeyhint": "go"},
    )
    size = WholeNumber(label=_("How many are you?"), min_value=1, max_value=rules.MOST_NUMBER, initial=2)
    note = ShortText(
        label=_("Note for the host"),
        max_length=rules.LONGEST_NOTE,
        required=False,
        attrs={"autocomplete": "off", "placeholder": _("High chair, pram, terrace…")},
    )
    section = forms.ChoiceField(label=_("Where would you like to sit?"), required=False)
    here = ShortText(
        label=_("Code on the wall"),
        max_length=100,
        help_text=_("Six letters and digits, on the screen at the entrance. It changes every few minutes."),
        attrs={"autocomplete": "off", "autocapitalize": "characters", "spellcheck": "false"},
    )
    number = NumberBox(help_text=_("For news of your place, and nothing else."))
    email = EmailBox(help_text=_("For news of your place, and nothing else."))
    key = FormKey()

    NAMES: ClassVar = {"hereCode": "here"}

    def __init__(self, *arguments: Any, line: Queue, **options: Any) -> None:
        super().__init__(*arguments, **options)
        if not line.here_only:
            del self.fields["here"]
        there = contacts.offered(line)
        for name, is_there in (("number", there.number), ("email", there.email)):
            if not is_there:
                del self.fields[name]
        say_remembered(self, line)
        if line.venue is not None and line.venue.names_on_wall:
            self.fields["name"].help_text = _("When it is your turn, the screen at the entrance shows it.")
        if choices := sections(line):
            anywhere = ("", _("Anywhere"))
            self.fields["section"].choices = [anywhere, *((each, each) for each in choices)]  # type: ignore[attr-defined]
        else:
            del self.fields["section"]
        self.fields["size"].widget.attrs["max"] = min(largest_party(line), line.max_guests)
        if line.service is not None and line.service.note_fields:
            self.fields["note"].widget.attrs["placeholder"] = ", ".join(line.service.note_fields)


class ChangePartyForm(RefusableForm):
    """What a guest changes of a party that waits. A note of the host's is neither shown nor asked for."""

    size = WholeNumber(label=_("How many are you?"), min_value=1, max_value=rules.MOST_NUMBER)
    note = ShortText(
        label=_("Note for the host"), max_length=rules.LONGEST_NOTE, required=False, attrs={"autocomplete": "off"}
    )
    # What the form showed: queues/seen.py.
    saw = forms.CharField(required=False, max_length=64, widget=forms.HiddenInput(attrs={"autocomplete": "off"}))

    def __init__(self, data: Any = None, *, party: Party) -> None:
        initial = {"size": party.size, "note": party.note, "saw": seen.own_details(party)}
        super().__init__(data, initial=initial)
        self.fields["size"].widget.attrs["max"] = min(largest_party(party.queue), party.queue.max_guests)
        if party.note_by_host:
            del self.fields["note"]


class TellAheadForm(RefusableForm):
    """How many parties may wait before a guest who is told so; 0: not told."""

    parties = forms.TypedChoiceField(label=_("Tell me when so many parties are before me"), coerce=int)

    def __init__(self, data: Any = None, *, party: Party) -> None:
        super().__init__(data, initial={"parties": party.tell_ahead or 0})
        self.fields["parties"].choices = [  # type: ignore[attr-defined]
            (0, _("Do not tell me")),
            *((n, ngettext("%(n)d party", "%(n)d parties", n) % {"n": n}) for n in range(1, rules.MOST_AHEAD + 1)),
        ]


class TakeForm(RefusableForm):
    """The code of a ticket that a host hands over."""

    code = ShortText(
        label=_("Code from the host’s tablet"),
        max_length=100,
        attrs={
            "autocomplete": "off",
            "autocapitalize": "characters",
            "spellcheck": "false",
            "placeholder": "12-K7QX2M",
        },
    )


class LetPassForm(forms.Form):
    """How many parties behind may go first."""

    MOST = 9

    parties = WholeNumber(label=_("How many parties may go first?"), min_value=1, max_value=MOST, initial=1)
    key = FormKey()


class PartyForm(RefusableForm):
    """A party as its host describes it."""

    name = ShortText(label="Name", max_length=rules.LONGEST_NAME, required=False, attrs={"autocomplete": "off"})
    size = WholeNumber(label="Guests", min_value=1, max_value=rules.MOST_NUMBER, initial=2)
    note = ShortText(
        label="Note",
        max_length=rules.LONGEST_NOTE,
        required=False,
        attrs={"autocomplete": "off", "placeholder": "High chair, window…"},
    )
    section = ShortText(label="Section", max_length=LONGEST_SECTION, required=False, attrs={"autocomplete": "off"})


class WalkInForm(PartyForm):
    """A party without a phone."""

    key = FormKey()


class EditForm(PartyForm):
    """A correction to a party in line."""

    quote_low = WholeNumber(label="Quote from", min_value=0, max_value=LONGEST_QUOTE_MIN, required=False)
    quote_high = WholeNumber(label="Quote to", min_value=0, max_value=LONGEST_QUOTE_MIN, required=False)
    # What stood in the boxes: a quote that the host did not touch keeps its seconds.
    quote_was = forms.CharField(required=False, max_length=20)

    def clean(self) -> dict[str, Any]:
        """A quote has two ends, in order."""
        cleaned = super().clean() or self.cleaned_data
        low, high = cleaned.get("quote_low"), cleaned.get("quote_high")
        if (low is None) != (high is None):
            self.add_error("quote_high", "Say both ends of the wait, in minutes.")
        elif low is not None and high is not None and low > high:
            self.add_error("quote_high", "The longer wait comes second.")
        return cleaned

    def quote_ms(self) -> tuple[int, int] | None:
        """The wait that the host promises, from the join; None when they left it as it was."""
        low, high = self.cleaned_data["quote_low"], self.cleaned_data["quote_high"]
        if low is None or self.cleaned_data["quote_was"] == f"{low}-{high}":
            return None
        return low * 60_000, high * 60_000


class MessageForm(RefusableForm):
    """A message to all guests in line."""

    text = ShortText(
        label="Message",
        max_length=rules.LONGEST_MESSAGE,
        attrs={"autocomplete": "off", "placeholder": "The kitchen closes at 22:00"},
    )
    key = FormKey(required=False)  # a page from an older release has none
