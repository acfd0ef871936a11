"""How django-allauth acts here: what it writes goes through our commands, its mails through our outbox, its limits are ours."""

from typing import Any, ClassVar, NoReturn

from allauth.account.adapter import DefaultAccountAdapter
from allauth.core import context
from django.contrib import messages
from django.contrib.auth import authenticate
from django.contrib.auth.backends import BaseBackend
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme

from core.addresses import stored_address
from venues import commands
from venues.models import User


class NoPasswords(BaseBackend):
    """Django's authentication backend that refuses every password; first in the list with LOCAL_PASSWORDS=off."""

    def authenticate(self, request: HttpRequest | None, **credentials: Any) -> NoReturn:
        """Raises PermissionDenied, upon which no other backend is asked."""
        raise PermissionDenied


class Accounts(DefaultAccountAdapter):
    """django-allauth's hooks for accounts (settings.ACCOUNT_ADAPTER)."""

    # What its views tell, by the name of the template that they would tell it with. All else they leave unsaid.
    TOLD: ClassVar[dict[str, str]] = {
        "account/messages/password_changed.txt": "Your password is changed. Everywhere else you are signed out.",
    }

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """Accounts come by invitation, or from staff."""
        return False

    def get_client_ip(self, request: HttpRequest) -> str:
        """The client's address, as django-axes keeps it."""
        return stored_address(request)

    def is_safe_url(self, url: str) -> bool:
        """Whether a page may lead there after signing in: within this site only."""
        request = context.request
        return url_has_allowed_host_and_scheme(
            url, allowed_hosts={request.get_host()}, require_https=request.is_secure()
        )

    def login(self, request: HttpRequest, user: User) -> None:
        """Signs a person in who gave no password to an authentication backend; the session names Django's own."""
        if not hasattr(user, "backend"):
            user.backend = "django.contrib.auth.backends.ModelBackend"
        super().login(request, user)

    def set_password(self, user: User, password: str) -> None:
        """Sets a password, by the command."""
        user.password = commands.set_password(user_id=user.pk, password=password).password

    def reauthenticate(self, user: User, password: str) -> bool:
        """Whether this is the person's password. A wrong one counts towards a lock-out (X8)."""
        return is_password_of(user, password)

    def respond_user_inactive(self, request: HttpRequest, user: User) -> HttpResponse:
        """The answer to a person whose account was closed, and who proved themselves without a password."""
        return render(request, "host/no_account.html", {"why": "This account is closed."}, status=403)

    def get_password_change_redirect_url(self, request: HttpRequest) -> str:
        """Where a new password leads."""
        return reverse("account")

    def add_message(
        self,
        request: HttpRequest,
        level: int,
        message_template: str | None = None,
        message_context: dict[str, Any] | None = None,
        extra_tags: str = "",
        message: str | None = None,
    ) -> None:
        """Tells what is in TOLD, or an error in words."""
        text = message or self.TOLD.get(message_template or "")
        if text:
            messages.add_message(request, level, text, extra_tags=extra_tags)

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> NoReturn:
        """Raises RuntimeError: a mail is sent by an effect (mail/commands.py), never while a request waits."""
        raise RuntimeError(f"django-allauth wanted to send {template_prefix}")


def is_password_of(user: User, password: str) -> bool:
    """Whether this is the password of a signed-in person. django-axes counts a wrong one, and locks (X8)."""
    found = authenticate(context.request, username=user.email, password=password)
    return found is not None and found.pk == user.pk
