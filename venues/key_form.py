"""What an owner, or staff in the admin, chooses for a new API key."""

from datetime import timedelta
from typing import Any

from django import forms

from core.scopes import SCOPES, Scope
from venues.keys import LIVES


class KeyChoices(forms.Form):
    """What the key may do, and until when."""

    scopes = forms.MultipleChoiceField(
        label="What may it do?",
        choices=[(scope.value, description) for scope, description in SCOPES.items()],
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": "Choose at least one."},
    )
    expires = forms.TypedChoiceField(
        label="Until when?", choices=LIVES, initial="365", coerce=int, empty_value=None, required=False
    )

    @property
    def chosen(self) -> dict[str, Any]:
        """The arguments of `create_api_key`; of a form that is valid."""
        days = self.cleaned_data["expires"]
        return {
            "scopes": self.cleaned_data["scopes"],
            "expires_in": None if days is None else timedelta(days=days),
        }


class StaffKeyForm(KeyChoices, forms.ModelForm):
    """In the admin, where all is chosen unless staff says otherwise."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        if "scopes" in self.fields:
            self.fields["scopes"].initial = list(Scope)
