"""Forms that save several settings at once. What they showed travels with them, and what was changed meanwhile is shown beside
what was typed (decision 0105)."""

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, ClassVar, cast

from django import forms
from django.core.exceptions import ObjectDoesNotExist
from django.db.models import Model
from django.http import QueryDict

from core import seen
from core.errors import Refused
from web.forms import RefusableForm

NOTHING = "nothing"


class Saw(forms.CharField):
    """What the page showed (core/seen.py). Any text is valid: one that is not ours says nothing."""

    def __init__(self) -> None:
        # Several forms of a page have it, so it has no id.
        super().__init__(required=False, widget=forms.HiddenInput(attrs={"autocomplete": "off", "id": False}))

    def clean(self, value: Any) -> str:
        """The text."""
        return str(value or "")


@dataclass(frozen=True, slots=True)
class Difference:
    """A field of which another value stands than was typed."""

    label: str
    now: str
    typed: str


class SettingsForm(RefusableForm):
    """A form that changes a `row`. A command is called with its `saw`, and refuses what was changed meanwhile.

    `SHOWN`: the row's fields that it shows, by the names by which the command notes its changes.
    """

    SHOWN: ClassVar[tuple[str, ...]] = ()

    saw = Saw()
    # After a refusal: who was first, and what they left.
    overtaken: seen.Overtaken | None = None
    differences: tuple[Difference, ...] = ()

    def __init__(self, data: Any = None, files: Any = None, *, row: Any) -> None:
        self.row = row
        super().__init__(data, files, initial=self._initial())

    def stands(self) -> dict[str, Any]:
        """What stands now, as the form shows it."""
        return {name: getattr(self.row, name) for name in self.SHOWN}

    def values(self) -> Mapping[str, Any]:
        """What stands now, as the command notes its changes."""
        return {name: getattr(self.row, name) for name in self.SHOWN}

    def saw_now(self) -> str:
        """What a person sees who opens the page now."""
        return seen.shown(self.values())

    def read_again(self) -> None:
        """Brings the row up to date."""
        if isinstance(self.row, Model):
            with suppress(ObjectDoesNotExist):
                self.row.refresh_from_db()

    @property
    def status(self) -> int:
        """The status of the page that shows the form."""
        return 409 if self.overtaken else super().status

    def refuse(self, refused: Refused) -> None:
        """As every form; where it was overtaken, what was typed stays, and sent again it is typed over what stands now."""
        if not isinstance(refused, seen.Overtaken):
            super().refuse(refused)
            return
        self.read_again()
        self.initial = self._initial()
        typed = {name: self[name].data for name in self.fields}
        data = cast(QueryDict, self.data).copy()
        data[self.add_prefix(seen.SAW)] = self.initial[seen.SAW]
        self.data = data
        self.overtaken = refused
        self.differences = tuple(_differences(self, typed))
        self.add_error(seen.SAW, refused.in_words())

    def _initial(self) -> dict[str, Any]:
        return {**self.stands(), seen.SAW: self.saw_now()}


def _differences(form: forms.Form, typed: Mapping[str, Any]) -> list[Difference]:
    found = []
    for name, field in form.fields.items():
        if isinstance(field.widget, forms.HiddenInput | forms.PasswordInput | forms.FileInput):
            continue
        now, said = told(field, form.get_initial_for_field(field, name)), told(field, typed[name])
        if now != said:
            found.append(Difference(str(field.label), now, said))
    return found


def told(field: forms.Field, value: Any) -> str:
    """A value of a field as people read it."""
    value = field.prepare_value(value)
    if isinstance(field, forms.BooleanField):
        return "yes" if value else "no"
    if isinstance(field, forms.ChoiceField):
        labels = {str(key): str(label) for key, label in cast(Any, field.choices)}
        chosen = value if isinstance(value, list | tuple) else [value]
        return ", ".join(labels.get(str(each), str(each)) for each in chosen if each not in (None, "")) or NOTHING
    if isinstance(value, list | tuple):
        return ", ".join(str(each) for each in value if each) or NOTHING
    return NOTHING if value is None else str(value).strip() or NOTHING
