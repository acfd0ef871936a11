"""Signing in and out. Wrong passwords are counted by django-axes, in the authentication backends."""

from typing import Any

from django import forms
from django.contrib.auth.forms import AuthenticationForm
from django.contrib.auth.views import LoginView, LogoutView


class SignInForm(AuthenticationForm):
    """E-mail and password. Addresses are kept in small letters, and phones like to begin with a capital."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.fields["username"].label = "E-mail"
        self.fields["username"].widget = forms.EmailInput(attrs={"autocomplete": "username", "autofocus": True})

    def clean_username(self) -> str:
        """The address as venues/commands.py keeps it."""
        address: str = self.cleaned_data["username"]
        return address.strip().lower()


class SignIn(LoginView):
    """The form; afterwards the page asked for, if it is one of ours, or the person's lines."""

    template_name = "host/sign_in.html"
    authentication_form = SignInForm


class SignOut(LogoutView):
    """By POST only, so that no link of somebody else's signs a host out."""
