"""A venue of one's own (SIGN_UP): a person makes it, and an account if they have none."""

from typing import Any
from urllib.parse import urlencode

from allauth.account.utils import perform_login
from django import forms
from django.conf import settings
from django.contrib.auth import authenticate
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from core import rate_limits
from core.errors import Refused
from core.languages import in_english
from core.zones import place_zones
from venues import commands
from venues.models import User, Venue
from venues.pages.new_account import NewAccountForm
from venues.pages.sign_in import counted
from web.forms import FormKey, LongSelect, ShortText
from web.redirects import SeeOther
from web.sending import Form

_SIGN_UP = Form("form_sign_up", "/sign-up")
# Stays chosen where scripts do not run or the browser names no place (frontend/host/open.ts): no zone is right for most.
_CHOOSE = ("", "Choose the place whose clock you go by")
_NO_TIME_ZONE = "Choose the place whose clock your venue goes by."


class SignUpForm(NewAccountForm):
    """A venue, and its owner's account unless the `person` is signed in."""

    field_order = ("key", "name", "timezone", "email", "password")
    key = FormKey()
    name = ShortText(label="Name of your venue", max_length=120, attrs={"autocomplete": "organization"})
    timezone = forms.ChoiceField(
        label="Time zone",
        choices=lambda: [_CHOOSE, *place_zones()],
        widget=LongSelect,
        error_messages={"required": _NO_TIME_ZONE},
    )

    def __init__(self, *arguments: Any, person: User | None, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.fields["email"].label = "Your e-mail"
        if person is not None:
            del self.fields["email"], self.fields["password"]


@in_english
@never_cache
@sensitive_post_parameters("password")
@require_http_methods(["GET", "HEAD", "POST"])
@counted
def sign_up(request: HttpRequest) -> HttpResponse:
    """Makes a venue with the person as its owner, and leads to where it is set up. 404 unless SIGN_UP is on."""
    if not settings.SIGN_UP:
        raise Http404("venues are made by staff here")
    person = request.user if isinstance(request.user, User) else None
    form = SignUpForm(request.POST if request.method == "POST" else None, person=person)
    if form.is_valid() and (venue := _made(request, form, person)):
        _SIGN_UP.answered(request)
        path = f"{reverse('venue-settings')}?{urlencode({'venue': venue.pk})}"
        return SeeOther(path) if person is not None else _signed_in(request, form, path)
    _SIGN_UP.offer(request)
    return render(request, "host/sign_up.html", {"form": form}, status=400 if form.errors else 200)


def _made(request: HttpRequest, form: SignUpForm, person: User | None) -> Venue | None:
    """The venue that was made; None when the form says why not."""
    data = form.cleaned_data
    try:
        rate_limits.check(request, rate_limits.CREATE, "venue")
        owner = person or commands.new_account(email=data["email"], password=data["password"])
        key = _SIGN_UP.key(request)
        return commands.create_venue(name=data["name"], timezone_name=data["timezone"], owner=owner, key=key)
    except Refused as refused:
        form.refuse(refused)
    except ValidationError as problem:
        form.add_error(None, " ".join(problem.messages))
    return None


def _signed_in(request: HttpRequest, form: SignUpForm, path: str) -> HttpResponse:
    """Signs the new owner in by what they typed, and leads to the path."""
    typed = form.cleaned_data
    user = authenticate(request, username=typed["email"].strip().lower(), password=typed["password"])
    if user is None:  # the form was sent again, with another password
        return SeeOther(reverse("sign-in"))
    response: HttpResponse = perform_login(request, user, redirect_url=path)
    return response
