"""Another e-mail address for a signed-in person. A link that is sent there proves that it is theirs."""

from uuid import UUID

from allauth.account.decorators import reauthentication_required
from django import forms
from django.contrib import messages
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from core import clock
from core.errors import Refused
from core.languages import in_english
from mail.kept import are_kept
from venues import commands, refusals
from venues.models import User
from venues.new_email import key_of, wanting
from venues.origins import origin_of
from venues.pages.sign_in import LONGEST_ADDRESS, counted, link_with_token, of_local_accounts
from web.forms import RefusableForm
from web.redirects import SeeOther

# The session remembers which link was opened: the page that asks has a URL without its token.
_OPENED = "new_email"
SENT = "A link is on its way to {email}. Your address changes when you follow it, within one hour."
KEPT = " This program has no mail server yet: its mails wait in a folder, where the person who runs it can read them."


class EmailForm(RefusableForm):
    """The new address."""

    email = forms.EmailField(
        label="New e-mail", max_length=LONGEST_ADDRESS, widget=forms.EmailInput(attrs={"autocomplete": "email"})
    )


@in_english
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@of_local_accounts
@counted
@reauthentication_required
def change(request: HttpRequest) -> HttpResponse:
    """Asks for the new address, of one who has signed in or proved themselves within five minutes, and has the link sent.

    Raises PermissionDenied for a person who signs in by another service.
    """
    person = request.user
    if not isinstance(person, User) or not person.has_usable_password():
        raise PermissionDenied
    form = EmailForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        email = form.cleaned_data["email"]
        try:
            commands.request_new_email(user_id=person.pk, email=email, origin=origin_of(request))
        except Refused as refused:
            form.refuse(refused)
        except ValidationError as problem:
            form.add_error("email", " ".join(problem.messages))
        else:
            messages.success(request, SENT.format(email=email) + (KEPT if are_kept() else ""))
            return SeeOther(reverse("account"))
    return render(request, "host/email_change.html", {"form": form}, status=400 if form.errors else 200)


@link_with_token("new-email")
def link(request: HttpRequest, token: str) -> HttpResponse:
    """What the mail's link opens, in whichever browser: leads to the page without the token."""
    key = key_of(token)
    if wanting(key, now=clock.now()) is None:
        return _over(request)
    request.session[_OPENED] = str(key)
    return SeeOther(reverse("new-email"))


@in_english
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@counted
def confirm(request: HttpRequest) -> HttpResponse:
    """Shows which address the account gets, and gives it when its person says so: mail programs open links by themselves, and
    the owner of a mistyped address must not get the account."""
    if not isinstance(request.user, User):
        return redirect_to_login(request.get_full_path())
    opened = request.session.get(_OPENED)
    key = UUID(opened) if opened else None
    person = wanting(key, now=clock.now())
    if key is None or person is None:
        return _over(request)
    if person != request.user:
        return _over(request, refusals.OTHER_ACCOUNT, status=403)
    if request.method == "POST":
        try:
            commands.confirm_new_email(key=key, origin=origin_of(request))
        except Refused as refused:
            return _over(request, refused.message, status=refused.status)
        del request.session[_OPENED]
        messages.success(request, f"Your address is {person.new_email} now. Sign in with it from here on.")
        return SeeOther(reverse("account"))
    return render(request, "host/email_confirm.html", {"person": person})


def _over(request: HttpRequest, why: str = refusals.NO_NEW_EMAIL, *, status: int = 404) -> HttpResponse:
    return render(request, "host/email_confirm.html", {"why": why}, status=status)
