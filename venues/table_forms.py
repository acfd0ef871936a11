"""What owners type about their tables."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from venues.tables import (
    LONGEST_NAME,
    LONGEST_SECTION,
    MOST_PASSED_OVER,
    MOST_SEATS,
    Table,
    in_order,
    joined_with,
    names_in,
)
from web.forms import RefusableForm, ShortText, WholeNumber
from web.settings_form import SettingsForm

_QUIET = {"autocomplete": "off"}


class SectionText(ShortText):
    """The name of a section; those that there are already are proposed by the page's list `sections`."""

    def __init__(self, **options: Any) -> None:
        attrs = {**_QUIET, "list": "sections", "placeholder": "Terrace"}
        super().__init__(label="Section", required=False, max_length=LONGEST_SECTION, attrs=attrs, **options)


class AddTablesForm(RefusableForm):
    """Tables of one kind, by their names."""

    names = ShortText(
        label="Tables",
        max_length=1_000,
        help_text="Such as 1-8, 12, Bar 1-4.",
        attrs={**_QUIET, "placeholder": "1-8"},
    )
    seats = WholeNumber(label="Seats at each", min_value=1, max_value=MOST_SEATS, initial=4)
    section = SectionText()

    def clean_names(self) -> list[str]:
        """Raises ValidationError for a range that is none, or a name that is too long."""
        try:
            names = names_in(self.cleaned_data["names"])
        except ValueError as problem:
            raise ValidationError(str(problem)) from None
        if long := next((name for name in names if len(name) > LONGEST_NAME), None):
            raise ValidationError(f"“{long}” is too long: at most {LONGEST_NAME} letters.")
        return names


class TableForm(SettingsForm):
    """One table, and which others it can be joined with."""

    SHOWN = ("name", "seats", "section")

    name = ShortText(label="Name", max_length=LONGEST_NAME, attrs=_QUIET)
    seats = WholeNumber(label="Seats", min_value=1, max_value=MOST_SEATS)
    section = SectionText()
    joins = forms.TypedMultipleChoiceField(
        label="Can be joined with", required=False, coerce=int, widget=forms.CheckboxSelectMultiple
    )

    def __init__(self, data: Any = None, *, table: Table, others: Sequence[Table]) -> None:
        super().__init__(data, row=table)
        # Those of its section first: they stand near.
        near = sorted(others, key=lambda other: other.section != table.section)
        choices = [(other.pk, f"{other.name} ({other.seats})") for other in near]
        self.fields["joins"].choices = choices  # type: ignore[attr-defined]

    def stands(self) -> dict[str, Any]:
        """What stands now, as the form shows it."""
        return {**super().stands(), "joins": [each.pk for each in in_order(self.row.joins.all())]}

    def values(self) -> dict[str, Any]:
        """What stands now, as the command notes its changes."""
        return {**super().values(), "joins": joined_with(self.row)}


class SectionForm(RefusableForm):
    """A section's new name."""

    section = forms.CharField(required=False, max_length=LONGEST_SECTION, widget=forms.HiddenInput)
    name = ShortText(label="New name", max_length=LONGEST_SECTION, attrs=_QUIET)


class OrderForm(SettingsForm):
    """How often a party may be passed over for a table."""

    SHOWN = ("passed_over",)

    passed_over = WholeNumber(
        label="Times a party may be passed over",
        min_value=0,
        max_value=MOST_PASSED_OVER,
        help_text="A free table is proposed to the first party that it suits in size. A party that so many from behind it were "
        "seated before is proposed first for every table it fits. 0: always in the order of the line.",
    )
