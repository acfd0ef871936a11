"""A forgotten password, and a new one for a signed-in person (django-allauth's views, in our look)."""

import re
from typing import Any

from allauth.account import views
from allauth.account.forms import ChangePasswordForm, ResetPasswordKeyForm
from axes.utils import reset
from django import forms
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.urls import reverse_lazy
from django.utils.decorators import method_decorator
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_safe

from core.languages import in_english
from mail.kept import are_kept
from venues import commands
from venues.models import User
from venues.origins import origin_of
from venues.pages.sign_in import LONGEST_ADDRESS, counted, of_local_accounts
from venues.people import is_password_of
from web.referrers import without_referrer


class AskForm(forms.Form):
    """The address to which the link for a new password goes."""

    email = forms.EmailField(
        label="E-mail", max_length=LONGEST_ADDRESS, widget=forms.EmailInput(attrs={"autocomplete": "username"})
    )

    def save(self, request: HttpRequest) -> None:
        """Has the link sent, if there is such an account."""
        commands.request_password_reset(email=self.cleaned_data["email"], origin=origin_of(request))


class ChooseForm(ResetPasswordKeyForm):
    """A new password, twice, by somebody who came with the link."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        _word(self, password1="New password", password2="The same again")


class ChangeForm(ChangePasswordForm):
    """The present password, and a new one twice."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        _word(self, oldpassword="Present password", password1="New password", password2="The same again")

    def clean_oldpassword(self) -> str:
        """Raises ValidationError for a wrong one, which counts towards a lock-out (X8)."""
        password: str = self.cleaned_data["oldpassword"]
        if not is_password_of(self.user, password):
            raise forms.ValidationError("This is not your password.")
        return password


def _word(form: forms.Form, **labels: str) -> None:
    """Gives fields our labels, and takes away what django-allauth writes in and below them."""
    for name, label in labels.items():
        field = form.fields[name]
        field.label, field.help_text = label, ""
        field.widget.attrs.pop("placeholder", None)
    form.fields["password1"].help_text = "At least 10 characters, and not one of the common ones."


# A user's id in the link that django-allauth makes.
_NUMBER = re.compile(r"[0-9a-z]{1,13}")
# Their URLs and forms hold a token or a password.
_guarded: list[Any] = [in_english, never_cache, sensitive_post_parameters(), of_local_accounts, counted]


@method_decorator(_guarded, "dispatch")
class Ask(views.PasswordResetView):
    """Asks for the address. The answer is the same whether or not an account has it."""

    template_name = "host/password_ask.html"
    form_class = AskForm
    success_url = reverse_lazy("account_reset_password_done")


@in_english
@require_safe
def sent(request: HttpRequest) -> HttpResponse:
    """Where to look for the link."""
    return render(request, "host/password_sent.html", {"kept": are_kept()})


@method_decorator([without_referrer, *_guarded], "dispatch")
class Choose(views.PasswordResetFromKeyView):
    """Opened by the link: keeps its token in the session and leads on to a URL without it, where the new password is chosen."""

    template_name = "host/password_choose.html"
    form_class = ChooseForm

    def dispatch(self, request: HttpRequest, uidb36: str, key: str, **options: Any) -> HttpResponseBase:
        """A link whose first part is no number in base 36 is answered like one for no account: django-allauth fails on it."""
        number = uidb36 if _NUMBER.fullmatch(uidb36) else "0"
        return super().dispatch(request, number, key, **options)

    def form_valid(self, form: ChooseForm) -> HttpResponse:
        """Sets the password, and ends a lock-out that the forgotten one had earned."""
        reset(username=form.user.email)
        response: HttpResponse = super().form_valid(form)
        return response


@in_english
@require_safe
def chosen(request: HttpRequest) -> HttpResponse:
    """The password is set; next is signing in."""
    return render(request, "host/password_chosen.html")


@method_decorator(_guarded, "dispatch")
class Change(views.PasswordChangeView):
    """A new password for the signed-in person, who types the present one. Their other sessions end."""

    template_name = "host/password_change.html"
    form_class = ChangeForm

    def dispatch(self, request: HttpRequest, *arguments: Any, **options: Any) -> HttpResponseBase:
        """Raises Http404 for a person who signs in by another service."""
        if isinstance(request.user, User) and not request.user.has_usable_password():
            raise Http404("this account has no password")
        return super().dispatch(request, *arguments, **options)
