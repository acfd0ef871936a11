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

from outbox.actors import HOST, Actor
from queues import selectors
from queues.api.access import host_cookies
from queues.models import Party, Queue
from venues.access import works_for
from venues.models import User
from venues.proofs import Hosted, Subject, host_by

HOSTED = "hosted"
MOST_HOSTED = 40
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


def wants_fragment(request: HttpRequest) -> bool:
    """Whether a script of the page asks, which takes a part of the page in place of a redirect."""
    return "x-fragment" in request.headers


def host_only(page: HostPage) -> Callable[..., HttpResponse]:
    """A page of the line for its hosts. A stranger is asked to sign in; 403 for somebody who did, and for scripts."""

    def guarded(request: HttpRequest, line: Queue, **arguments: Any) -> HttpResponse:
        actor = host_of_page(request, line)
        return page(request, line, actor, **arguments) if actor is not None else turned_away(request)

    return of_line(guarded)


def turned_away(request: HttpRequest) -> HttpResponse:
    """A stranger is asked to sign in. Raises PermissionDenied (403) for somebody who did, and for scripts."""
    if request.user.is_authenticated or request.method not in {"GET", "HEAD"} or wants_fragment(request):
        raise PermissionDenied
    return redirect_to_login(request.get_full_path())


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
