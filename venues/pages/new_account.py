"""The form of a new account: an address and a password that is not easy to guess."""

from typing import Any

from django import forms
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError

from venues.models import User
from venues.pages.sign_in import LONGEST_ADDRESS
from web.forms import RefusableForm


class NewAccountForm(RefusableForm):
    """Base of forms that make an account. A subclass removes the fields of what is known."""

    email = forms.EmailField(
        label="E-mail", max_length=LONGEST_ADDRESS, widget=forms.EmailInput(attrs={"autocomplete": "username"})
    )
    password = forms.CharField(
        label="Password",
        strip=False,
        max_length=4096,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        help_text="At least 10 characters, and not one of the common ones.",
    )

    def person(self, data: dict[str, Any]) -> User:
        """Whose password it is to be, unsaved: it must not be like their address or name."""
        return User(email=data.get("email", ""))

    def clean(self) -> dict[str, Any]:
        """Raises ValidationError for a password that is easy to guess."""
        data = super().clean() or self.cleaned_data
        if "password" in data:
            try:
                validate_password(data["password"], self.person(data))
            except ValidationError as problem:
                self.add_error("password", problem)
        return data
