"""Who a page is for: the host of a line, or the party whose place this browser keeps."""

import re
from collections.abc import Callable, Iterable
from contextlib import suppress
from functools import wraps
from typing import Any, Concatenate
from uuid import UUID

from django.conf import settings
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse

from core.actors import HOST, Actor
from core.codes import CODE
from queues import selectors
from queues.api.access import host_cookies
from queues.api.views import set_host_cookie
from queues.models import Party, Queue
from queues.pages import labels
from venues.access import set_proof, works_for
from venues.models import User
from venues.proofs import Hosted, Subject, host_by, token_for
from web import unsent
from web.unsent import wants_fragment

HOSTED = "hosted"
MOST_HOSTED = 40
NOT_OF_VENUE = "You are signed in, but do not work for this venue."
HOST_ENDED = "This browser is not a host here any more: its access was ended."
_OWN_COOKIE = re.compile(f"(queue|poll|room)_host_{CODE}")
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
def hosted_here(request: HttpRequest) -> dict[UUID, str]:
    """The host tokens in this browser's own cookies of lines, polls and rooms, by what they are of; not yet proved."""
    found = {}
    for name, token in request.COOKIES.items():
        if _OWN_COOKIE.fullmatch(name):
            with suppress(ValueError):
                found[UUID(token.partition(".")[0])] = token
    return dict([*found.items()][-MOST_HOSTED:])


def is_hosted_here(request: HttpRequest, subject: Hosted) -> bool:
    """Whether this browser keeps a host token of it that has not ended."""
    return host_by(hosted_here(request).get(subject.pk, ""), Subject.of(subject)) is not None


def kept_proof(request: HttpRequest, subject: Hosted, cookies: Iterable[str]) -> tuple[str, Actor] | None:
    """The first host token in these cookies that is good, and whom it proves."""
    for name in cookies:
        token = request.COOKIES.get(name, "")
        if (host := host_by(token, Subject.of(subject))) is not None:
            return token, host
    # Written by releases before decision 0037 only. The next page of the host's gives the browser its cookie (renew_proof).
    if subject.venue_id is None and f"{subject.pk}:{subject.token_version}" in request.session.get(HOSTED, []):
        return token_for(Subject.of(subject)), HOST
    return None


def host_by_browser(request: HttpRequest, subject: Hosted, cookies: Iterable[str]) -> Actor | None:
    """Whom a browser without a sign-in proves, by a host token in one of `cookies`."""
    found = kept_proof(request, subject, cookies)
    return found[1] if found is not None else None


def renew_proof(request: HttpRequest, response: HttpResponse, subject: Hosted, cookies: Iterable[str]) -> None:
    """With each page that a host opens, what their browser proves it by lives a week from then: in the first of `cookies`.

    What a member may do ends with the membership: their browser keeps nothing.
    """
    is_page = request.method == "GET" and response.headers.get("Content-Type", "").startswith("text/html")
    if not is_page or wants_fragment(request):  # a part of a page comes every few seconds
        return
    names = [*cookies]
    found = kept_proof(request, subject, names)
    if found is not None and found[1].user_id is None and names[0] not in response.cookies:
        set_proof(request, response, names[0], found[0])


def keep_hosting(request: HttpRequest, response: HttpResponse, line: Queue, token: str) -> None:
    """Keeps a host token of the line in this browser. The contract's cookies are Secure, which plain HTTP on a local network
    loses; so the line's own, which only pages set here, is Secure where the page is."""
    own, contract = host_cookies(line.code)
    set_host_cookie(response, [contract], token)
    set_proof(request, response, own, token)


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
        if actor is None:
            not_done = labels.not_done(arguments.get("action", ""), _ticket(request, line))
            return turned_away(request, line, back=reverse("console", args=[line.code]), not_done=not_done)
        response = page(request, line, actor, **arguments)
        renew_proof(request, response, line, host_cookies(line.code))
        return response

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
