"""Pages of the second step of signing in: asking for it, and setting it up (django-allauth's views, in our look)."""

from typing import Any

from allauth.account import views as accounts
from allauth.mfa.base import views as base
from allauth.mfa.recovery_codes import views as recovery
from allauth.mfa.totp import views as totp
from allauth.mfa.webauthn import views as keys
from django.http import HttpRequest, HttpResponse
from django.utils.decorators import method_decorator
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters

from core import rate_limits
from core.errors import TooMany
from core.languages import in_english
from venues.pages.sign_in import counted
from venues.second_step import NO_KEY, locked_out

_guarded = method_decorator([in_english, never_cache, sensitive_post_parameters(), counted], "dispatch")


@_guarded
class Step(base.AuthenticateView):
    """Asks for a code or a key, after the password was right."""

    template_name = "host/second_step.html"

    def post(self, request: HttpRequest, *arguments: Any, **options: Any) -> HttpResponse:
        """Refuses one who has guessed too often."""
        return locked_out(request, self.stage.login.user) or super().post(request, *arguments, **options)


@_guarded
class KeyAlone(keys.LoginWebAuthnView):
    """A passkey instead of a password. A script asks for the challenge first."""

    template_name = "host/second_step.html"

    def get(self, request: HttpRequest, *arguments: Any, **options: Any) -> HttpResponse:
        """The challenge as JSON, kept in the session."""
        try:
            rate_limits.check(request, rate_limits.PASSKEY, "passkey")
        except TooMany as refused:
            return HttpResponse(refused.message, status=refused.status, content_type="text/plain")
        response: HttpResponse = super().get(request, *arguments, **options)
        return response


class _Again:
    """Before how one signs in is changed: the person proves themselves once more."""

    template_name = "host/again.html"

    def post(self, request: HttpRequest, *arguments: Any, **options: Any) -> HttpResponse:
        """Refuses one who has guessed too often."""
        return locked_out(request, request.user) or super().post(request, *arguments, **options)  # type: ignore


@_guarded
class PasswordAgain(_Again, accounts.ReauthenticateView):
    """By the password."""

    extra_context = {"by": "password"}  # noqa: RUF012


@_guarded
class CodeAgain(_Again, base.ReauthenticateView):
    """By a code."""

    extra_context = {"by": "code"}  # noqa: RUF012


@_guarded
class KeyAgain(_Again, keys.ReauthenticateWebAuthnView):
    """By a passkey."""

    extra_context = {"by": "key"}  # noqa: RUF012


@_guarded
class Steps(base.IndexView):
    """What second steps the person has."""

    template_name = "host/second_steps.html"


@_guarded
class SetUpApp(totp.ActivateTOTPView):
    """An authenticator app: its QR code, and the first code as proof."""

    template_name = "host/second_step_app.html"


@_guarded
class TakeAppAway(totp.DeactivateTOTPView):
    """No authenticator app any more."""

    template_name = "host/second_step_app_off.html"


@_guarded
class Codes(recovery.ViewRecoveryCodesView):
    """The recovery codes that are left."""

    template_name = "host/recovery_codes.html"


@_guarded
class NewCodes(recovery.GenerateRecoveryCodesView):
    """New recovery codes; those of before are void."""

    template_name = "host/recovery_codes_new.html"


@_guarded
class Keys(keys.ListWebAuthnView):
    """The person's passkeys."""

    template_name = "host/passkeys.html"


@_guarded
class NewKey(keys.AddWebAuthnView):
    """A new passkey."""

    template_name = "host/passkey_new.html"
    extra_context = {"no_key": NO_KEY}  # noqa: RUF012


@_guarded
class RemoveKey(keys.RemoveWebAuthnView):
    """A passkey that is not used any more."""

    template_name = "host/passkey_remove.html"
