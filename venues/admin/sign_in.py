"""The admin's sign-in, and what django-axes keeps of signing in: for superusers, to read."""

from typing import Any

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount, SocialApp, SocialToken
from allauth.usersessions.models import UserSession
from axes.models import AccessAttempt, AccessFailureLog, AccessLog
from django.apps import apps
from django.contrib import admin
from django.core.exceptions import ValidationError
from django.http import HttpRequest
from unfold.forms import AuthenticationForm

from venues.pages.sign_in import ByAddress, counted
from venues.second_step import has_second_step
from web.admin import StaffAdmin, is_manager


class StaffSignInForm(ByAddress, AuthenticationForm):
    """The same form in the admin's look."""

    def confirm_login_allowed(self, user: Any) -> None:
        """Raises ValidationError for an account with a second step, which this form does not ask for."""
        super().confirm_login_allowed(user)
        if has_second_step(user):
            raise ValidationError(
                "This account has a second step. Sign in on the hosts’ page (/sign-in), then come back."
            )


admin.site.login_form = StaffSignInForm
admin.site.login = counted(admin.site.login)  # type: ignore[method-assign,assignment]
apps.get_app_config("axes").verbose_name = "Sign-in"
# Registered anew below, read-only; the third is a log that is switched off.
admin.site.unregister([AccessAttempt, AccessLog, AccessFailureLog])
# django-allauth's own: addresses are not used (decision 0059), second steps and sessions are a person's own affair.
admin.site.unregister([EmailAddress, Authenticator, UserSession, SocialAccount, SocialApp, SocialToken])


class SignInAdmin(StaffAdmin):
    """What django-axes keeps of signing in."""

    search_fields = ("username", "ip_address")
    list_filter = ("attempt_time",)
    date_hierarchy = "attempt_time"

    def has_module_permission(self, request: HttpRequest) -> bool:
        return is_manager(request)

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return is_manager(request)


@admin.register(AccessAttempt)
class FailedSignInAdmin(SignInAdmin):
    """Wrong passwords that count towards a lock-out."""

    list_display = ("username", "ip_address", "failures_since_start", "attempt_time")
    fields = ("username", "ip_address", "failures_since_start", "attempt_time", "user_agent", "path_info")


@admin.register(AccessLog)
class SignInLogAdmin(SignInAdmin):
    """Who signed in from where."""

    list_display = ("username", "ip_address", "attempt_time", "logout_time")
    fields = ("username", "ip_address", "attempt_time", "logout_time", "user_agent", "path_info")
