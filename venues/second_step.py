"""The second step of signing in (TOTP, passkeys, recovery codes): django-allauth's, with secrets kept encrypted, codes that are
good once, and wrong ones counted towards a lock-out (X8)."""

import base64
from typing import Any

from allauth.account.forms import ReauthenticateForm as ReauthenticateByPasswordForm
from allauth.core import context
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.base.forms import AuthenticateForm, ReauthenticateForm
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.forms import ActivateTOTPForm
from allauth.mfa.webauthn.forms import (
    AddWebAuthnForm,
    AuthenticateWebAuthnForm,
    LoginWebAuthnForm,
    ReauthenticateWebAuthnForm,
)
from axes.handlers.proxy import AxesProxyHandler
from axes.helpers import get_lockout_response
from cryptography.fernet import Fernet
from django import forms
from django.contrib.auth.signals import user_login_failed
from django.http import HttpRequest, HttpResponse

from core.hashing import keyed
from venues import commands
from venues.models import User
from web.posters import qr_svg

WRONG = "This code is not right, or was used already. Codes change every 30 seconds."
NO_KEY = "This key was not accepted. Try again, or use another way."


class SecondSteps(DefaultMFAAdapter):
    """django-allauth's hooks for the second step (settings.MFA_ADAPTER)."""

    def encrypt(self, text: str) -> str:
        """A secret as it is stored. A copy of the database alone opens no account."""
        return _cipher().encrypt(text.encode()).decode()

    def decrypt(self, encrypted_text: str) -> str:
        """The secret. Raises cryptography.fernet.InvalidToken under another SECRET_KEY."""
        return _cipher().decrypt(encrypted_text.encode()).decode()

    def build_totp_svg(self, url: str) -> str:
        """The QR code of an authenticator app's set-up."""
        return qr_svg(url)

    def generate_authenticator_name(self, user: User, type: Authenticator.Type) -> str:
        """The proposed name of a new key."""
        return f"Key {Authenticator.objects.filter(user=user, type=type).count() + 1}"

    def get_public_key_credential_rp_entity(self) -> dict[str, str]:
        """The site as keys know it: by its host name, for which alone they are good."""
        return {"id": context.request.get_host().partition(":")[0], "name": "Tallyline"}


def _cipher() -> Fernet:
    return Fernet(base64.urlsafe_b64encode(keyed("second step", "secrets")))


def has_second_step(user: User) -> bool:
    """Whether a password alone does not sign this person in."""
    types = [Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN]
    return Authenticator.objects.filter(user=user, type__in=types).exists()


def locked_out(request: HttpRequest, user: User) -> HttpResponse | None:
    """The answer to a client whose guesses have locked the account from there; None for others."""
    who = {"username": user.email}
    if AxesProxyHandler.is_allowed(request, who):
        return None
    response: HttpResponse = get_lockout_response(request, credentials=who)
    return response


def _word_code(form: forms.Form) -> None:
    """Gives the field of a code our label, and phones the keyboard of digits."""
    field = form.fields["code"]
    field.label = "Code"
    field.widget.attrs = {"autocomplete": "one-time-code", "inputmode": "numeric", "autofocus": True, "maxlength": 20}


class _Code(forms.Form):
    """A code of an authenticator app, or a recovery code; each is good once."""

    user: User
    authenticator: Authenticator

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        _word_code(self)

    def clean_code(self) -> str:
        """Raises ValidationError for a wrong code, and for one that was used."""
        try:
            code: str = super().clean_code()  # type: ignore[misc]
        except forms.ValidationError:
            self._count()
            raise forms.ValidationError(WRONG) from None
        if not commands.use_code(authenticator_id=self.authenticator.pk, code=code):
            self._count()
            raise forms.ValidationError(WRONG)
        return code

    def _count(self) -> None:
        """Has django-axes count this as a wrong password, in one count with those."""
        user_login_failed.send(__name__, credentials={"username": self.user.email}, request=context.request)


class FirstCodeForm(ActivateTOTPForm):
    """The first code of a new authenticator app, as proof that it is set up."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        _word_code(self)


class PasswordAgainForm(ReauthenticateByPasswordForm):
    """The password, before the person changes how they sign in."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.fields["password"].widget.attrs.pop("placeholder", None)


class CodeForm(_Code, AuthenticateForm):
    """The second step of signing in."""


class CodeAgainForm(_Code, ReauthenticateForm):
    """The same for a signed-in person, before they change how they sign in."""


class _Key(forms.Form):
    """What a browser says for a passkey. Parsers of such answers raise many things for a forged one."""

    def clean_credential(self) -> Any:
        """Raises ValidationError for an answer that proves nothing."""
        try:
            return super().clean_credential()  # type: ignore[misc]
        except Exception as problem:
            raise forms.ValidationError(NO_KEY) from problem


class KeyForm(_Key, AuthenticateWebAuthnForm):
    """A passkey as the second step."""


class KeyAloneForm(_Key, LoginWebAuthnForm):
    """A passkey instead of a password."""


class KeyAgainForm(_Key, ReauthenticateWebAuthnForm):
    """A passkey, before the person changes how they sign in."""


class NewKeyForm(AddWebAuthnForm):
    """A new passkey, and its name."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        name, alone = self.fields["name"], self.fields["passwordless"]
        name.label, name.widget.attrs["maxlength"] = "Name of the key", 60
        alone.label, alone.initial = "It signs me in alone, without my password", True
        alone.help_text = "The device then asks for a fingerprint, a face or its PIN."

    def clean(self) -> dict[str, Any]:
        """Raises ValidationError for an answer that proves nothing."""
        try:
            data: dict[str, Any] = super().clean()
        except Exception as problem:
            raise forms.ValidationError(NO_KEY) from problem
        return data
