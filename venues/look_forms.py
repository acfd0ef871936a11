"""What is typed about a venue: its name, address, clock, look and words."""

from datetime import time
from typing import Any

from django import forms
from django.conf import settings
from django.core.validators import URLValidator
from django.http import QueryDict

from core import colours, slugs
from core.times_of_day import time_of_day
from core.zones import place_zones
from venues.asking import LONGEST_MIN
from venues.logos import Logo, read_logo
from venues.models import Venue
from venues.standing import LONGEST_WORDS
from web.forms import LongSelect, ShortText, WholeNumber
from web.settings_form import SettingsForm

# `--accent` of frontend/design/tokens.css, in the light.
OUR_ACCENT = "#0c6251"


class VenueSettingsForm(SettingsForm):
    """A form that changes some settings of a venue."""

    def __init__(self, data: QueryDict | None = None, *, venue: Venue) -> None:
        super().__init__(data, row=venue)

    def changes(self) -> dict[str, Any]:
        """Of a valid form, what the command takes."""
        return self.cleaned_data


class AddressForm(VenueSettingsForm):
    """A venue's name, and the word that stands for it in its address."""

    SHOWN = ("name", "slug")

    name = ShortText(label="Name", max_length=120, attrs={"autocomplete": "organization"})
    slug = ShortText(
        label="Address",
        max_length=300,  # an address may be pasted
        attrs={"autocomplete": "off", "autocapitalize": "none", "spellcheck": "false"},
    )

    def clean_slug(self) -> str:
        """The slug in what was typed or pasted. Raises ValidationError."""
        slug = slugs.typed(self.cleaned_data["slug"])
        if problem := slugs.problem_with(slug):
            raise forms.ValidationError(problem)
        return slug


class ClockForm(VenueSettingsForm):
    """By which clock a venue's hours are read, when its business day ends, and its largest party."""

    SHOWN = ("timezone", "day_ends", "largest_party")

    timezone = forms.ChoiceField(
        label="Time zone", widget=LongSelect, error_messages={"required": "Choose the time zone of your venue."}
    )
    day_ends = forms.TypedChoiceField(
        label="A business day ends at",
        choices=lambda: [(f"{at:%H:%M}", time_of_day(at)) for at in map(time, range(13))],
        coerce=time.fromisoformat,
        help_text="What happens later at night still counts to the day before.",
    )
    largest_party = WholeNumber(
        label="Largest party", min_value=1, max_value=1_000, help_text="A larger party joins in several."
    )

    def __init__(self, data: QueryDict | None = None, *, venue: Venue) -> None:
        super().__init__(data, venue=venue)
        # Staff may have set a zone that is not called after a place; without one the browser's is proposed.
        chosen = (venue.zone, venue.zone or "Choose it")
        zones = [chosen, *(each for each in place_zones() if each[0] != venue.zone)]
        self.fields["timezone"].choices = zones  # type: ignore[attr-defined]

    def stands(self) -> dict[str, Any]:
        """What stands now, as the form shows it."""
        return {**super().stands(), "timezone": self.row.zone, "day_ends": f"{self.row.day_ends:%H:%M}"}

    def changes(self) -> dict[str, Any]:
        """Of a valid form, what the command takes."""
        data = dict(self.cleaned_data)
        return {"timezone_name": data.pop("timezone"), **data}


class JoiningForm(VenueSettingsForm):
    """Who may join the venue's lines, and whether the wall names them."""

    SHOWN = ("here_only", "names_on_wall")

    here_only = forms.BooleanField(
        label="Guests join only with the code on the wall",
        required=False,
        help_text="For lines that open from now on. The wall shows the code where a host opened it; walk-ins need none.",
    )

    names_on_wall = forms.BooleanField(
        label="The wall shows the names of called guests",
        required=False,
        help_text="Beside their numbers, where a host opened the wall. Anybody else who opens it sees numbers only. Guests read"
        " that it is shown where they give their name.",
    )


class AfterForm(VenueSettingsForm):
    """Whether guests are asked about their visit, and when."""

    SHOWN = ("ask_after_min",)

    ask_after_min = WholeNumber(
        label="Minutes after seating",
        min_value=0,
        max_value=LONGEST_MIN,
        help_text="0: nobody is asked. 60 suits most restaurants.",
    )


class LookForm(VenueSettingsForm):
    """A venue's accent colour and its menu."""

    SHOWN = ("accent", "menu_url")

    accent = forms.CharField(
        label="Colour of buttons and links", max_length=7, widget=forms.TextInput(attrs={"type": "color"})
    )
    menu_url = forms.URLField(
        label="Your menu on the web",
        max_length=500,
        required=False,
        assume_scheme="https",
        validators=[URLValidator(schemes=["http", "https"])],
        widget=forms.TextInput(attrs={"inputmode": "url", "autocomplete": "url", "placeholder": "https://…"}),
        error_messages={"invalid": "Write a web address, such as https://casa-azul.example/menu."},
    )

    def stands(self) -> dict[str, Any]:
        """What stands now, as the form shows it."""
        return {**super().stands(), "accent": self.row.accent or OUR_ACCENT}

    def clean_accent(self) -> str:
        """The colour; empty for our own. Raises ValidationError."""
        colour: str = self.cleaned_data["accent"].lower()
        if not colours.is_colour(colour):
            raise forms.ValidationError("Write the colour as #rrggbb, such as #0c6251.")
        return "" if colour == OUR_ACCENT else colour


class WordsForm(VenueSettingsForm):
    """The venue's own words for its guests, in each language of their pages."""

    SHOWN = ("words",)

    def __init__(self, data: QueryDict | None = None, *, venue: Venue) -> None:
        super().__init__(data, venue=venue)
        for code, language in settings.LANGUAGES:
            self.fields[code] = ShortText(
                label=language, max_length=LONGEST_WORDS, required=False, attrs={"lang": code, "autocomplete": "off"}
            )

    def stands(self) -> dict[str, Any]:
        """What stands now, as the form shows it."""
        return dict(self.row.words)

    def changes(self) -> dict[str, Any]:
        """Of a valid form, what the command takes."""
        words = dict(self.cleaned_data)
        return {"saw": words.pop("saw"), "words": words}


class LogoForm(SettingsForm):
    """A picture to make the venue's logo of."""

    SHOWN = ("logo",)

    picture = forms.FileField(
        label="Picture",
        widget=forms.FileInput(attrs={"accept": "image/png,image/jpeg,image/webp"}),
        help_text="PNG, JPEG or WebP, up to 8 MB.",
        error_messages={
            "required": "Choose a picture.",
            "empty": "This file is empty.",
            "invalid": "Choose a picture.",
        },
    )

    def clean_picture(self) -> Logo | None:
        """The logo; None where none is needed. Raises ValidationError for what is no picture, or too large."""
        file = self.cleaned_data["picture"]
        return read_logo(file, file.size) if file else None
