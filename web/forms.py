"""Base classes of our forms: fields that refuse what the API refuses, and forms that show why a command refused."""

import unicodedata
from collections.abc import Callable, Mapping
from typing import Any, ClassVar, TypeVar

from django import forms
from django.core.exceptions import ValidationError
from django.forms.utils import flatatt
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from core.errors import Invalid, Refused
from core.visible import is_visible, trimmed
from web.sending import new_form_key

F = TypeVar("F", bound=forms.Form)


class LongSelect(forms.Select):
    """A select of hundreds of choices, without groups. Django renders two templates for each: 18 ms for the time zones."""

    def render(self, name: str, value: Any, attrs: Any = None, renderer: Any = None) -> SafeString:
        """The select, with the choice `value` selected."""
        chosen = str(value or "")
        options = ((key, SafeString(" selected" if key == chosen else ""), label) for key, label in self.choices)
        attributes = flatatt(self.build_attrs(self.attrs, attrs))
        drawn = format_html_join("", '<option value="{}"{}>{}</option>', options)
        return format_html('<select name="{}"{}>{}</select>', name, attributes, drawn)


class FormKey(forms.UUIDField):
    """The key of one showing of a form, hidden, so that a double tap does the thing once (web/sending.py)."""

    def __init__(self, **options: Any) -> None:
        hidden = forms.HiddenInput(attrs={"autocomplete": "off"})
        super().__init__(initial=new_form_key, widget=hidden, **options)


class ShortText(forms.CharField):
    """One line of text, trimmed. Control characters, and a text of which nothing can be seen, are refused as in the API.

    `attrs`: HTML attributes of the box.
    """

    def __init__(self, *, attrs: Mapping[str, Any] | None = None, **options: Any) -> None:
        super().__init__(**options)
        self.widget.attrs |= attrs or {}

    def clean(self, value: Any) -> str:
        """Raises ValidationError."""
        text: str = super().clean(value)
        if any(unicodedata.category(letter) == "Cc" for letter in text):
            raise forms.ValidationError(_("This holds characters that cannot be shown."))
        if text and not is_visible(text):
            raise forms.ValidationError(_("Nothing of this can be seen."))
        return trimmed(text)


class WholeNumber(forms.IntegerField):
    """A whole number between two, typed on a keyboard of digits. `attrs`: HTML attributes of the box."""

    default_error_messages: ClassVar = {
        "min_value": _("At least %(limit_value)s."),
        "max_value": _("At most %(limit_value)s."),
    }

    def __init__(self, *, attrs: Mapping[str, Any] | None = None, **options: Any) -> None:
        super().__init__(**options)
        self.widget.attrs |= {"inputmode": "numeric", **(attrs or {})}


class RefusableForm(forms.Form):
    """A form that can show why a command refused."""

    # How the API's names for a field, by which commands refuse, are called in this form, where they differ.
    NAMES: ClassVar[dict[str, str]] = {}

    @property
    def status(self) -> int:
        """The status of the page that shows the form."""
        return 400 if self.errors else 200

    def refuse(self, refused: Refused) -> None:
        """Puts the refusal beside the field it is about, or above the form."""
        field = self.NAMES.get(refused.field or "", refused.field)
        if field in self.fields:
            self.add_error(field, refused.beside_field())
        else:
            self.add_error(None, refused.in_words())

    def carried_out(self, command: Callable[[], object]) -> bool:
        """Calls the command. Whether it did what the form asks; else the form says why not, beside the field."""
        try:
            command()
        except Refused as refused:
            self.refuse(refused)
        except ValidationError as problem:
            for field, complaints in problem.message_dict.items():
                self.add_error(field if field in self.fields else None, complaints)
        return not self.errors


def checked(form: F) -> F:
    """The form, if it is right. Raises Invalid with its first complaint."""
    if not form.is_valid():
        name, complaints = next(iter(form.errors.items()))
        label = form.fields[name].label if name in form.fields else ""
        raise Invalid(f"{label}: {complaints[0]}" if label else str(complaints[0]), field=name)
    return form
