"""The mails of an installation without a mail server, for those who may read them."""

from uuid import UUID

from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.db.models import Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from core.languages import in_english
from mail.kept import are_kept, text_of
from mail.models import Mail
from venues.models import Invitation, User
from venues.roles import Right, venues_where

MOST_SHOWN = 50


def _readable_by(person: User) -> QuerySet[Mail]:
    """The kept mails that a person may read: all of them for a superuser; for an owner, invitations to their own venues and the
    weekly mails to themselves.

    Raises PermissionDenied for all others. A mail about a password would let its reader act as another person.
    """
    sent = Mail.objects.filter(result=Mail.Result.SENT)
    if person.is_staff and person.is_superuser:
        return sent
    venues = venues_where(person, Right.PEOPLE)
    if not venues.exists():
        raise PermissionDenied
    invitations = Q(kind="invitation", about__in=Invitation.objects.filter(venue__in=venues).values("pk"))
    return sent.filter(invitations | Q(kind="weekly_report", to=person.email))


@in_english
@never_cache
@require_safe
def mails(request: HttpRequest) -> HttpResponse:
    """The newest MOST_SHOWN kept mails."""
    if not isinstance(request.user, User):
        return redirect_to_login(request.get_full_path())
    found = list(_readable_by(request.user)[:MOST_SHOWN]) if are_kept() else []
    return render(request, "host/mails.html", {"mails": found, "kept": are_kept()})


@in_english
@never_cache
@require_safe
def mail(request: HttpRequest, mail_id: UUID) -> HttpResponse:
    """One kept mail."""
    if not isinstance(request.user, User):
        return redirect_to_login(request.get_full_path())
    found = _readable_by(request.user).filter(pk=mail_id).first() if are_kept() else None
    text = text_of(mail_id) if found is not None else None
    if text is None:
        raise Http404("no such mail")
    return render(request, "host/mail.html", {"mail": found, "text": text})
