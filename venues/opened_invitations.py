"""The invitation that a browser has opened: its session remembers the id, so that no URL has to hold the token."""

from django.contrib import messages
from django.http import HttpRequest

from venues.models import Invitation

_KEPT = "invitation"


def keep(request: HttpRequest, invitation: Invitation) -> None:
    """Remembers that this browser has shown the invitation's token."""
    request.session[_KEPT] = str(invitation.pk)


def opened(request: HttpRequest) -> Invitation | None:
    """The invitation that this browser opened last, in whichever state."""
    kept = request.session.get(_KEPT, "")
    return Invitation.objects.select_related("venue").filter(pk=kept).first() if kept else None


def forget(request: HttpRequest, invitation: Invitation) -> None:
    """It was taken: the next page says so."""
    request.session.pop(_KEPT, None)
    messages.success(request, f"Welcome. You work for {invitation.venue.name} now.")
