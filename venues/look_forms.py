"""What is typed about a venue's name, address and look."""

from django import forms
from django.core.validators import URLValidator
from django.http import QueryDict

from core import colours, slugs
from venues.logos import Logo, read_logo
from venues.models import Venue
from web.forms import ShortText

# `--accent` of frontend/design/tokens.css, in the light.
OUR_ACCENT = "#0c6251"


class AddressForm(forms.Form):
    """A venue's name, and the word that stands for it in its address."""

    name = ShortText(label="Name", max_length=120, attrs={"autocomplete": "organization"})
    slug = ShortText(
        label="Address",
        max_length=300,  # an address may be pasted
        attrs={"autocomplete": "off", "autocapitalize": "none", "spellcheck": "false"},
    )

    def __init__(self, data: QueryDict | None = None, *, venue: Venue) -> None:
        super().__init__(data, initial={"name": venue.name, "slug": venue.slug})

    def clean_slug(self) -> str:
        """The slug in what was typed or pasted. Raises ValidationError."""
        slug = slugs.typed(self.cleaned_data["slug"])
        if problem := slugs.problem_with(slug):
            raise forms.ValidationError(problem)
        return slug


class LookForm(forms.Form):
    """A venue's accent colour and its menu."""

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

    def __init__(self, data: QueryDict | None = None, *, venue: Venue) -> None:
        super().__init__(data, initial={"accent": venue.accent or OUR_ACCENT, "menu_url": venue.menu_url})

    def clean_accent(self) -> str:
        """The colour; empty for our own. Raises ValidationError."""
        colour: str = self.cleaned_data["accent"].lower()
        if not colours.is_colour(colour):
            raise forms.ValidationError("Write the colour as #rrggbb, such as #0c6251.")
        return "" if colour == OUR_ACCENT else colour


class LogoForm(forms.Form):
    """A picture to make the venue's logo of."""

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

    def clean_picture(self) -> Logo:
        """The logo. Raises ValidationError for what is no picture, or too large."""
        file = self.cleaned_data["picture"]
        return read_logo(file, file.size)
