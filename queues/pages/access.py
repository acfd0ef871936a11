"""Who a page is for: the host of a line, or the party whose place this browser keeps."""

from collections.abc import Callable, Iterable
from functools import wraps
from typing import Any, Concatenate
from uuid import UUID

from django.conf import settings
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse

from config import unsent
from config.unsent import wants_fragment
from outbox.actors import HOST, Actor
from queues import selectors
from queues.api.access import host_cookies
from queues.models import Party, Queue
from queues.pages import words
from venues.access import works_for
from venues.models import User
from venues.proofs import Hosted, Subject, host_by

HOSTED = "hosted"
MOST_HOSTED = 40
NOT_OF_VENUE = "You are signed in, but do not work for this venue."
HOST_ENDED = "This browser is not a host here any more: its access was ended."
PLACE_AGE_S = 24 * 3600

Page = Callable[Concatenate[HttpRequest, Queue, ...], HttpResponse]
HostPage = Callable[Concatenate[HttpRequest, Queue, Actor, ...], HttpResponse]


# --------------------------------------------------------------------------------------------------------------- lines
def of_line(page: Page) -> Callable[..., HttpResponse]:
    """A page of the line whose code stands in the path; 404 for an unknown one. Not stored unless the page says so.

    A code in small letters is sent to its one address, for the cookie of a place belongs to that path.
    """

    @wraps(page)
    def view(request: HttpRequest, code: str, **arguments: Any) -> HttpResponse:
        line = selectors.line_by_code(code)
        if line is None:
            raise Http404("unknown code")
        if code != line.code and request.method in {"GET", "HEAD"} and not settings.APP_BASE_URL:
            return redirect(request.path.replace(code, line.code, 1))
        response = page(request, line, **arguments)
        response.headers.setdefault("Cache-Control", "no-store")
        return response

    return view


# --------------------------------------------------------------------------------------------------------------- hosts
def remember_hosted(request: HttpRequest, subject: Hosted) -> None:
    """Keeps in the session that this browser opened the line, or made the poll or room, with the number of its host token:
    it is a proof that ends as the token does.

    The contract's cookies are Secure, so plain HTTP on a local network loses them.
    """
    if subject.venue_id is not None:  # what may be done for a venue ends with the membership, or the key
        return
    known = [each for each in request.session.get(HOSTED, []) if each.partition(":")[0] != str(subject.pk)]
    request.session[HOSTED] = [f"{subject.pk}:{subject.token_version}", *known][:MOST_HOSTED]


def hosted_here(request: HttpRequest) -> list[UUID]:
    """The ids of the lines and polls that this browser made."""
    return [UUID(each.partition(":")[0]) for each in request.session.get(HOSTED, [])]


def is_hosted_here(request: HttpRequest, subject: Hosted) -> bool:
    """Whether this browser made it, and its host token has not been renewed elsewhere since."""
    known = request.session.get(HOSTED, []) if subject.venue_id is None else []
    return f"{subject.pk}:{subject.token_version}" in known or not subject.token_version and str(subject.pk) in known


def host_by_browser(request: HttpRequest, subject: Hosted, cookies: Iterable[str]) -> Actor | None:
    """Whom a browser without a sign-in proves: it made the line, poll or room, or keeps a host token in one of `cookies`."""
    if is_hosted_here(request, subject):
        return HOST
    tokens = (request.COOKIES.get(name, "") for name in cookies)
    return next((host for token in tokens if (host := host_by(token, Subject.of(subject)))), None)


def host_of_page(request: HttpRequest, line: Queue) -> Actor | None:
    """Who acts as this line's host: a signed-in member of its venue (by name), or whoever opened it; None for others."""
    user = request.user
    if isinstance(user, User) and user.is_active and line.venue_id and works_for(user, line.venue_id):
        return Actor("host", user.pk)
    return host_by_browser(request, line, host_cookies(line.code))


def host_only(page: HostPage) -> Callable[..., HttpResponse]:
    """A page of the line for its hosts. A stranger is asked to sign in; 403 for somebody who did, and for scripts."""

    def guarded(request: HttpRequest, line: Queue, **arguments: Any) -> HttpResponse:
        actor = host_of_page(request, line)
        if actor is not None:
            return page(request, line, actor, **arguments)
        not_done = words.not_done(arguments.get("action", ""), _ticket(request, line))
        return turned_away(request, line, back=reverse("console", args=[line.code]), not_done=not_done)

    return of_line(guarded)


def _ticket(request: HttpRequest, line: Queue) -> int | None:
    """The ticket number, which is public, of the party that a button is about."""
    party = party_in(line, request.POST.get("party", ""))
    return party.ticket if party else None


def turned_away(request: HttpRequest, subject: Hosted, *, back: str, not_done: str = "") -> HttpResponse:
    """For a browser that is no host of the subject: asked to sign in where that may help, told that it was signed out (and what
    was not done) where a form or a script comes. `back`: the page to come back to after signing in.

    Raises PermissionDenied (403) for who is signed in and no host, and where the subject has no account that could sign in.
    """
    is_read = request.method in {"GET", "HEAD"}
    may_sign_in = subject.venue_id is not None and not request.user.is_authenticated
    if is_read and not wants_fragment(request) and not request.user.is_authenticated:
        return redirect_to_login(request.get_full_path())
    if may_sign_in:
        return unsent.signed_out(request, back=back, not_done=not_done)
    if wants_fragment(request):
        why = NOT_OF_VENUE if subject.venue_id is not None else HOST_ENDED
        return unsent.not_host(" ".join(filter(None, [why, not_done])))
    raise PermissionDenied


# -------------------------------------------------------------------------------------------------------------- guests
def place_cookie(line: Queue) -> str:
    """The name of the cookie that keeps a place in this line."""
    return f"place_{line.code}"


def party_of(request: HttpRequest, line: Queue) -> Party | None:
    """The party whose place this browser keeps in the line, or None. The line comes with it, read in one statement."""
    return party_in(line, request.COOKIES.get(place_cookie(line), ""))


def party_in(line: Queue, party_id: str) -> Party | None:
    """The party with this id, only if it is one of this line."""
    try:
        wanted = UUID(party_id)
    except ValueError:
        return None
    return Party.objects.select_related("queue").filter(queue=line, pk=wanted).first()


def keep_place(response: HttpResponse, line: Queue, party: Party) -> None:
    """Sets the cookie that keeps the place. The id is the guest's proof: no script reads it, no other path gets it."""
    response.set_cookie(
        place_cookie(line),
        str(party.pk),
        max_age=PLACE_AGE_S,
        path=f"/queue/{line.code}",
        secure=settings.HTTPS,
        httponly=True,
        samesite="Lax",
    )
