"""The owner's page of the people who work in a venue: members, roles, invitations."""

from functools import partial
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST

from core import clock, rate_limits
from core.hashing import digest
from mail.kept import are_kept
from venues import commands, refusals
from venues.invitations import token_of
from venues.models import Invitation, Membership
from venues.origins import origin_of
from venues.owner_pages import Desk, at_desk, pressed
from venues.roles import Right
from web.forms import FormKey, RefusableForm
from web.redirects import SeeOther
from web.sending import Form
from web.settings_form import SettingsForm

Role = Membership.Role
# What a role is for, as the page says it. What it may do stands in venues/roles.py.
ROLES = {
    Role.HOST: "Host: runs lines, polls and rooms",
    Role.MANAGER: "Manager: also sets up the venue, its hours and tablets",
    Role.OWNER: "Owner: also people and keys",
}
_INVITE = Form("form_invite", "/venue/people")


class InviteForm(RefusableForm):
    """Whom to invite, and as what. Without an address the invitation is a link to hand over."""

    key = FormKey()
    email = forms.EmailField(
        label="E-mail",
        required=False,
        max_length=254,
        widget=forms.EmailInput(attrs={"autocomplete": "off"}),
        help_text="Without one you get a link to hand over yourself.",
    )
    role = forms.ChoiceField(label="Role", choices=[*ROLES.items()], initial=Role.HOST)


class RoleForm(SettingsForm):
    """The role of a member."""

    SHOWN = ("role",)

    role = forms.ChoiceField(label="Role", choices=Role.choices)

    def __init__(self, data: Any = None, *, member: Membership) -> None:
        super().__init__(data, row=member)
        self.auto_id = f"%s-{member.pk}"


@require_http_methods(["GET", "HEAD", "POST"])
@at_desk(Right.PEOPLE)
def people(request: HttpRequest, desk: Desk) -> HttpResponse:
    """Who works here; a form that invites another person."""
    form = InviteForm(request.POST if request.method == "POST" else None)
    if form.is_valid() and form.carried_out(lambda: _invite(request, desk, form)):
        _INVITE.answered(request)
        return SeeOther(desk.path("people"))
    return _page(request, desk, form)


def _page(request: HttpRequest, desk: Desk, form: InviteForm, role: RoleForm | None = None) -> HttpResponse:
    """The page; `role`: the form of a member that was sent."""
    _INVITE.offer(request)
    members = desk.venue.memberships.select_related("user").order_by("user__email")
    sent = {role.row.pk: role} if role is not None else {}
    context = {
        "desk": desk,
        "form": form,
        "members": [(each, sent.get(each.pk) or RoleForm(member=each)) for each in members],
        "invitations": _open_invitations(request, desk),
        "kept_mail": are_kept(),
    }
    return render(request, "host/people.html", context, status=(role or form).status)


def _invite(request: HttpRequest, desk: Desk, form: InviteForm) -> None:
    """Invites the person. Raises Refused."""
    data = form.cleaned_data
    rate_limits.check(request, rate_limits.INVITE, "invite")
    commands.invite(
        venue_id=desk.venue.pk,
        role=data["role"],
        email=data["email"],
        origin=origin_of(request),
        actor=desk.actor,
        key=_INVITE.key(request, about=desk.venue.pk),
    )
    to = data["email"] or "the person to whom you give the link below"
    messages.success(request, f"Invited: {to}. The invitation is good once, for 7 days.")


def _open_invitations(request: HttpRequest, desk: Desk) -> list[dict[str, Any]]:
    """Those that can still be taken, each with its link, which only its makers see."""
    found = Invitation.objects.filter(
        venue=desk.venue, accepted_at=None, revoked_at=None, expires_at__gt=clock.NOW
    ).select_related("invited_by")
    shown = []
    for each in found:
        token = token_of(each.pk)
        # After a change of SECRET_KEY the link that was given still works, and cannot be shown again.
        link = origin_of(request) + reverse("invitation-link", args=[token]) if digest(token) == each.digest else ""
        shown.append({"row": each, "link": link})
    return shown


@require_POST
@at_desk(Right.PEOPLE)
def change_role(request: HttpRequest, desk: Desk, member: int) -> HttpResponse:
    """Gives a member another role."""
    found = desk.venue.memberships.filter(pk=member).first()
    if found is None:
        messages.error(request, str(refusals.NOT_A_MEMBER))
        return SeeOther(desk.path("people"))
    form = RoleForm(request.POST, member=found)
    change = partial(commands.change_role, venue_id=desk.venue.pk, membership_id=member, actor=desk.actor)
    if form.is_valid() and form.carried_out(lambda: change(**form.cleaned_data)):
        messages.success(request, "Changed.")
        return SeeOther(desk.path("people"))
    if form.overtaken:
        return _page(request, desk, InviteForm(), form)
    messages.error(request, " ".join(str(text) for texts in form.errors.values() for text in texts))
    return SeeOther(desk.path("people"))


@require_POST
@at_desk(Right.PEOPLE)
def remove(request: HttpRequest, desk: Desk, member: int) -> HttpResponse:
    """Ends a member's role here."""
    command = partial(commands.remove_member, membership_id=member, venue_id=desk.venue.pk, actor=desk.actor)
    done = "Removed. What this person had open of the venue has ended."
    response = pressed(request, desk, "people", command, done=done)
    is_gone = not desk.venue.memberships.filter(user=desk.person).exists()
    return SeeOther(reverse("lines")) if is_gone else response


@require_POST
@at_desk(Right.PEOPLE)
def revoke(request: HttpRequest, desk: Desk, invitation: UUID) -> HttpResponse:
    """Takes an invitation back."""
    command = partial(commands.revoke_invitation, venue_id=desk.venue.pk, invitation_id=invitation, actor=desk.actor)
    return pressed(request, desk, "people", command, done="The invitation is taken back.")
