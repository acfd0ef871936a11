"""Taking an invitation. Its link holds the token once: it is kept in the session, and the page has a URL without it."""

from typing import Any

from allauth.account.utils import perform_login
from django.conf import settings
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from core import clock
from core.errors import Refused
from core.languages import in_english
from venues import commands, refusals
from venues.invitations import OVER, State, found_by, state_of
from venues.models import Invitation, User
from venues.opened_invitations import forget, keep, opened
from venues.pages.new_account import NewAccountForm
from venues.pages.sign_in import counted, link_with_token
from web.forms import ShortText
from web.redirects import SeeOther


class AccountForm(NewAccountForm):
    """A new account. The address of one who was invited by mail is known."""

    field_order = ("first_name", "email", "password")
    first_name = ShortText(label="Your name", max_length=150, required=False, attrs={"autocomplete": "name"})

    def __init__(self, *arguments: Any, invitation: Invitation, **options: Any) -> None:
        super().__init__(*arguments, **options)
        if invitation.email:
            del self.fields["email"]
        self._email = invitation.email

    @property
    def email_of_account(self) -> str:
        """The address that was invited, or else typed."""
        return self._email or self.cleaned_data["email"]

    def person(self, data: dict[str, Any]) -> User:
        return User(email=self._email or data.get("email", ""), first_name=data.get("first_name", ""))


@link_with_token("invitation")
def link(request: HttpRequest, token: str) -> HttpResponse:
    """What an invitation's link opens: leads to the page without the token, which is in no log and no referrer."""
    found = found_by(token)
    if found is None:
        return _page(request, {"why": refusals.NO_INVITATION}, status=404)
    keep(request, found)
    return SeeOther(reverse("invitation"))


@in_english
@never_cache
@sensitive_post_parameters("password")
@require_http_methods(["GET", "HEAD", "POST"])
@counted
def invitation(request: HttpRequest) -> HttpResponse:
    """The invitation that this browser has opened: who invites, and what to press. Says plainly when it cannot be taken."""
    found = opened(request)
    if found is None:
        return _page(request, {"why": refusals.NO_INVITATION}, status=404)
    if (state := state_of(found, now=clock.now())) is not State.OPEN:
        return _page(request, {"why": OVER[state]}, status=410)
    person = request.user
    if isinstance(person, User):
        return _for_person(request, found, person)
    form = AccountForm(request.POST if request.method == "POST" else None, invitation=found)
    if settings.LOCAL_PASSWORDS and form.is_valid() and (user := _made(form, found)) is not None:
        forget(request, found)
        response: HttpResponse = perform_login(request, user, redirect_url=reverse("lines"))
        return response
    return _page(request, {"invitation": found, "form": form}, status=400 if form.errors else 200)


def _for_person(request: HttpRequest, found: Invitation, person: User) -> HttpResponse:
    if found.email and found.email != person.email:
        said = refusals.FOR_ANOTHER.format(email=found.email, yours=person.email)
        return _page(request, {"invitation": found, "another": said}, status=403)
    if found.venue.memberships.filter(user=person).exists():
        return _page(request, {"why": refusals.WORKS_THERE.format(venue=found.venue.name)}, status=409)
    if request.method == "POST":
        try:
            commands.accept_invitation(invitation_id=found.pk, user_id=person.pk)
        except Refused as refused:
            return _page(request, {"why": refused.message}, status=refused.status)
        forget(request, found)
        return SeeOther(reverse("lines"))
    return _page(request, {"invitation": found, "person": person})


def _made(form: AccountForm, found: Invitation) -> User | None:
    """The new account, with its role; None when the form says why not."""
    data = form.cleaned_data
    try:
        return commands.accept_with_new_account(
            invitation_id=found.pk,
            email=form.email_of_account,
            password=data["password"],
            first_name=data["first_name"],
        )
    except Refused as refused:
        form.refuse(refused)
    except ValidationError as problem:
        form.add_error(None, " ".join(problem.messages))
    return None


def _page(request: HttpRequest, context: dict[str, Any], *, status: int = 200) -> HttpResponse:
    shown = {**context, "local_passwords": settings.LOCAL_PASSWORDS, "single_sign_on": settings.OIDC_NAME}
    return render(request, "host/invitation.html", shown, status=status)
