"""Who looks at a poll, and what they may see (B8): one rule for the API, the pages and the hot paths."""

from typing import Any
from uuid import UUID
from wsgiref.types import WSGIEnvironment

from django.contrib.sessions.middleware import SessionMiddleware
from django.core.handlers.wsgi import WSGIRequest
from django.http import HttpRequest, HttpResponse
from rest_framework.request import Request

from config import limits
from config.errors import NotFound
from outbox.actors import Actor
from polls import selectors, voters
from polls.models import Poll
from polls.rules import Viewer
from venues import access

VOTER_COOKIE = "voter_token"
VOTER_COOKIE_AGE_S = 24 * 3600


def host_cookie(code: str) -> str:
    """The name of the cookie that proves the creator of the poll with this code; one a poll, for a host may run several."""
    return f"poll_host_{code}"


def set_host_cookie(request: HttpRequest, response: Any, poll: Poll) -> None:
    """Gives the creator their proof."""
    access.set_proof(request, response, host_cookie(poll.code), poll.pk)


def set_voter_cookie(request: HttpRequest, response: Any, token: str) -> None:
    """What makes this browser one voter (contract voting-session.md)."""
    response.set_cookie(
        VOTER_COOKIE,
        token,
        max_age=VOTER_COOKIE_AGE_S,
        path="/",
        secure=request.is_secure(),
        httponly=True,
        samesite="Strict",
    )


def host_of(request: Request, poll: Poll) -> Actor:
    """Who asks, as a host of the poll. Raises Unproven, Forbidden."""
    return access.host_of(
        request, poll.pk, venue_id=poll.venue_id, cookie_names=(host_cookie(poll.code),), key_id=poll.api_key_id
    )


def viewer_of(request: Request, poll: Poll) -> Viewer:
    """What the asker may see: a host everything, a voter what voters may. A wrong host token is refused, not ignored."""
    if (
        request.headers.get(access.HOST_HEADER)
        or request.headers.get("api-key")
        or host_cookie(poll.code) in request.COOKIES
    ):
        host_of(request, poll)
        return Viewer(host=True)
    user = access.signed_in(request)
    if user is not None and (user.is_staff or (poll.venue_id and access.works_for(user, poll.venue_id))):
        return Viewer(host=True)
    return Viewer(voted=poll.visibility == Poll.Visibility.AFTER_VOTING and _has_voted(request, poll))


def viewer_for(environ: WSGIEnvironment, poll_id: UUID | str) -> Viewer:
    """The same for a request that did not enter Django. Raises NotFound, Unproven, Forbidden."""
    poll = selectors.poll_by_id(poll_id)
    if poll is None:
        raise NotFound("There is no such poll.")
    return viewer_of(request_of(environ), poll)


def request_of(environ: WSGIEnvironment) -> Request:
    """A request that did not enter Django, as far as telling who asks needs it."""
    request = WSGIRequest(environ)
    SessionMiddleware(lambda _: HttpResponse()).process_request(request)
    return Request(request)


def _has_voted(request: Request, poll: Poll) -> bool:
    """Whether what the browser shows of itself has a ballot in the count. One-time codes it shows only when it votes."""
    shown = {
        Poll.Dedupe.ADDRESS: limits.client_address(request),
        Poll.Dedupe.TOKEN: request.COOKIES.get(VOTER_COOKIE, ""),
        Poll.Dedupe.TICKET: place_of(request, poll),
    }
    proof = shown.get(Poll.Dedupe(poll.dedupe), "")
    return bool(proof) and selectors.has_voted(poll, voters.voter_key(poll.pk, poll.dedupe, proof))


def place_of(request: HttpRequest | Request, poll: Poll) -> str:
    """The guest's place in the poll's line, as the line's page keeps it; empty when there is none."""
    return request.COOKIES.get(f"place_{poll.queue.code}", "").lower() if poll.queue else ""
