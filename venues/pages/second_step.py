"""Pages of the second step of signing in: asking for it, and setting it up (django-allauth's views, in our look)."""

from collections.abc import Callable
from typing import Any

from allauth.account import views as accounts
from allauth.mfa.base import views as base
from allauth.mfa.recovery_codes import views as recovery
from allauth.mfa.totp import views as totp
from allauth.mfa.webauthn import views as keys
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.utils.decorators import method_decorator
from django.views import View
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
            return HttpResponse(
                refused.message, status=refused.status, content_type="text/plain", headers=refused.headers
            )
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


def _page(view: type[View], template: str, **more: Any) -> Callable[..., HttpResponseBase]:
    """A page of django-allauth's, in our look."""
    page = view.as_view(template_name=f"host/{template}.html", **more)
    return in_english(never_cache(sensitive_post_parameters()(counted(page))))


# What second steps the person has.
steps = _page(base.IndexView, "second_steps")
# An authenticator app: its QR code, and the first code as proof. And none any more.
set_up_app = _page(totp.ActivateTOTPView, "second_step_app")
take_app_away = _page(totp.DeactivateTOTPView, "second_step_app_off")
# The recovery codes that are left; and new ones, which make those of before void.
codes = _page(recovery.ViewRecoveryCodesView, "recovery_codes")
new_codes = _page(recovery.GenerateRecoveryCodesView, "recovery_codes_new")
# The person's passkeys; a new one; and one that is not used any more.
list_keys = _page(keys.ListWebAuthnView, "passkeys")
new_key = _page(keys.AddWebAuthnView, "passkey_new", extra_context={"no_key": NO_KEY})
remove_key = _page(keys.RemoveWebAuthnView, "passkey_remove")
