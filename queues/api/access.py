"""Who may act on a line as its host (contract queueup.md, host proof)."""

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.middleware.csrf import CsrfViewMiddleware
from rest_framework.request import Request

from config.errors import Forbidden, NotFound, Unproven
from outbox.actors import HOST, Actor
from queues import selectors
from queues.models import Queue
from queues.tokens import proves_host
from venues import keys
from venues.models import ApiKey, Membership, User, Venue

HOST_COOKIE = "queue_host_auth"


def line_or_404(code: str) -> Queue:
    """The line with this code. Raises NotFound."""
    line = selectors.line_by_code(code)
    if line is None:
        raise NotFound("There is no line with this code.")
    return line


def host_of(request: Request, line: Queue) -> Actor:
    """Who asks, as a host of `line`: by header, cookie, API key of its venue, or sign-in as one of its venue's people.

    Raises Unproven (401) without any proof, Forbidden (403) when none of what was sent is good for this line.
    """
    if token := request.headers.get("x-host-auth", ""):
        if proves_host(token, line.pk):
            return HOST
        raise Forbidden("This host token is for another line.")
    cookie = request.COOKIES.get(HOST_COOKIE, "")
    if cookie and proves_host(cookie, line.pk):
        return HOST
    key = request.headers.get("api-key", "")
    if key:
        found = keys.find(key)
        if found is not None and found.venue_id == line.venue_id:
            return HOST
        raise Forbidden("This API key is not one of this line's venue.")
    user = signed_in(request)
    if user is not None:
        if line.venue_id and works_for(user, line.venue_id):
            return Actor("host", user.pk)
        raise Forbidden("You do not work for this line's venue.")
    if cookie:
        raise Forbidden("This host token is for another line.")
    raise Unproven("Only a host may do this.")


def works_for(user: User, venue_id: UUID | str) -> bool:
    """Whether the person has a role in the venue."""
    return Membership.objects.filter(user=user, venue_id=venue_id).exists()


def signed_in(request: Request) -> User | None:
    """The person behind the session cookie, if the request also carries the CSRF proof that a page of ours gives.

    A session cookie alone would let any page of an allowed origin act in a host's name.
    """
    user = getattr(request._request, "user", None)
    if not isinstance(user, User) or not user.is_active:
        return None
    return user if _has_csrf_proof(request._request) else None


def _has_csrf_proof(request: HttpRequest) -> bool:
    def unreached(_: HttpRequest) -> HttpResponse:
        return HttpResponse()

    check = CsrfViewMiddleware(unreached)
    check.process_request(request)
    request.csrf_processing_done = False  # type: ignore[attr-defined]
    return check.process_view(request, unreached, (), {}) is None


def venue_for_new_line(request: Request, venue_id: UUID | None) -> tuple[Venue | None, Actor]:
    """The venue a new line shall belong to, and who asks. Raises Unproven or Forbidden when they may not."""
    key = request.headers.get("api-key", "")
    if key:
        found: ApiKey | None = keys.find(key)
        if found is None:
            raise Unproven("This API key is not known.")
        if venue_id is not None and found.venue_id != venue_id:
            raise Forbidden("This API key is not one of that venue.")
        return found.venue, HOST
    if venue_id is None:
        return None, HOST
    user = signed_in(request)
    if user is None:
        raise Unproven("Sign in, or send an API key, to open a line for a venue.")
    if not works_for(user, venue_id):
        raise Forbidden("You do not work for this venue.")
    return Venue.objects.get(pk=venue_id), Actor("host", user.pk)
