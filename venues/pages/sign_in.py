"""Signing in and out. Wrong passwords are counted by django-axes, in the authentication backends; a right one leads on to
django-allauth, which asks for the second step where there is one."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from allauth.account.utils import perform_login
from django import forms
from django.conf import settings
from django.contrib.auth.forms import AuthenticationForm
from django.contrib.auth.views import LoginView, LogoutView
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.utils.decorators import method_decorator
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from core import rate_limits
from core.errors import TooMany
from core.languages import in_english
from web.referrers import without_referrer
from web.refused import refused_page

LONGEST_ADDRESS = 254
# Errors that no typing mistake makes: such a form is answered 400.
NO_ADDRESS = {"max_length", "null_characters_not_allowed"}


class ByAddress(AuthenticationForm):
    """E-mail and password. The address is lowercased: it is stored so, and phones capitalise the first letter."""

    def clean_username(self) -> str:
        """The address as `create_user` stores it. Checks the length, which Django only tells the browser."""
        address: str = self.cleaned_data["username"].strip().lower()
        if len(address) > LONGEST_ADDRESS:
            raise ValidationError(f"The e-mail address is longer than {LONGEST_ADDRESS} characters.", code="max_length")
        return address


class SignInForm(ByAddress):
    """The sign-in form of hosts."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.fields["username"].label = "E-mail"
        self.fields["username"].widget = forms.EmailInput(attrs={"autocomplete": "username", "autofocus": True})


def too_many(request: HttpRequest, refused: TooMany) -> HttpResponse:
    """The page for a client that has tried too often."""
    return refused_page(request, "host/locked_out.html", {"address": True}, refused)


def counted(sign_in: Callable[..., HttpResponseBase]) -> Callable[..., HttpResponseBase]:
    """Base of pages that take passwords: limits the tries of one client address over all of them (X8). django-axes limits the
    tries at one account."""

    @wraps(sign_in)
    def view(request: HttpRequest, *arguments: Any, **options: Any) -> HttpResponseBase:
        if request.method not in {"GET", "HEAD", "OPTIONS"}:
            try:
                rate_limits.check(request, rate_limits.SIGN_IN, "sign-in")
            except TooMany as refused:
                return too_many(request, refused)
        answer = sign_in(request, *arguments, **options)
        form = (getattr(answer, "context_data", None) or {}).get("form")
        if form is not None and any(error.code in NO_ADDRESS for error in form.errors.as_data().get("username", ())):
            answer.status_code = 400
        return answer

    return view


def link_with_token(limit: str) -> Callable[[Callable[..., HttpResponse]], Callable[..., HttpResponse]]:
    """Base of what a mailed link opens, whose URL holds a token: limits the tries of one client address under the name `limit`,
    and lets browsers tell the URL to no other page."""

    def decorate(page: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
        @in_english
        @without_referrer
        @never_cache
        @require_safe
        @wraps(page)
        def view(request: HttpRequest, token: str) -> HttpResponse:
            try:
                rate_limits.check(request, rate_limits.INVITATION, limit)
            except TooMany as refused:
                return too_many(request, refused)
            return page(request, token)

        return view

    return decorate


def of_local_accounts(page: Callable[..., HttpResponseBase]) -> Callable[..., HttpResponseBase]:
    """Base of pages about passwords: 404 where people sign in by another service only (LOCAL_PASSWORDS)."""

    @wraps(page)
    def view(request: HttpRequest, *arguments: Any, **options: Any) -> HttpResponseBase:
        if not settings.LOCAL_PASSWORDS:
            raise Http404("passwords are off")
        return page(request, *arguments, **options)

    return view


@method_decorator([in_english, counted], "dispatch")
class SignIn(LoginView):
    """Shows the form; then redirects to the requested page, if it is ours, or to the person's lines."""

    template_name = "host/sign_in.html"
    authentication_form = SignInForm

    def form_valid(self, form: AuthenticationForm) -> HttpResponse:
        """Goes on with the account whose password was right."""
        response: HttpResponse = perform_login(self.request, form.get_user(), redirect_url=self.get_success_url())
        return response

    def get_context_data(self, **options: Any) -> dict[str, Any]:
        """What the page shows."""
        ways = {
            "local_passwords": settings.LOCAL_PASSWORDS,
            "single_sign_on": settings.OIDC_NAME,
            "sign_up": settings.SIGN_UP,
        }
        return super().get_context_data(**ways, **options)


@method_decorator(in_english, "dispatch")
class SignOut(LogoutView):
    """Signs out, by POST only: a link on another page must not do it."""
