"""Who a page of a poll is for: its host, or a voter with what their browser keeps."""

from collections.abc import Callable
from dataclasses import replace
from functools import wraps
from typing import Any, Concatenate

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse

from core.actors import Actor
from polls import casting, receipts, selectors
from polls.ballots import Outcome
from polls.models import Poll
from polls.permissions import VOTER, ballot_cookie, host_cookie, set_host_cookie, voter_of
from polls.receipts import Found
from polls.rules import Viewer
from queues.pages.access import host_by_browser, renew_proof, turned_away
from queues.pages.access import host_of_page as host_of_line_page
from venues.access import given_token, works_for
from venues.models import User
from venues.proofs import Subject, host_by

# For voters. Those of a poll for a line stand below the line's address: the cookie of a place is sent there only.
_VOTER_PAGES = {"vote", "ballot", "receipt", "voter-results"}

# What was not done, by the button's name in its path.
NOT_DONE = {
    "open": "The vote was not opened.",
    "close": "The vote was not closed.",
    "reset": "The votes were not thrown away.",
    "delete": "The poll was not deleted.",
}

Page = Callable[Concatenate[HttpRequest, Poll, ...], HttpResponse]
HostPage = Callable[Concatenate[HttpRequest, Poll, Actor, ...], HttpResponse]


# --------------------------------------------------------------------------------------------------------------- polls
def address(poll: Poll, name: str = "vote", **arguments: str) -> str:
    """The one address of a page of the poll."""
    if poll.queue and name in _VOTER_PAGES:
        return reverse(f"line-{name}", kwargs={"line": poll.queue.code, "code": poll.code, **arguments})
    return reverse(name, kwargs={"code": poll.code, **arguments})


def of_poll(page: Page) -> Callable[..., HttpResponse]:
    """A page of the poll whose code stands in the path; 404 for an unknown one. Not stored unless the page says so.

    A code in small letters, or below another line, leads to the page's one address: cookies belong to that path.
    """

    @wraps(page)
    def view(request: HttpRequest, code: str, line: str = "", **arguments: Any) -> HttpResponse:
        poll = selectors.poll_by_code(code)
        if poll is None or request.resolver_match is None:
            raise Http404("unknown code")
        if line and poll.queue is None:
            raise Http404("not a poll of a line")
        wanted = address(poll, (request.resolver_match.url_name or "").removeprefix("line-"), **arguments)
        if request.path != wanted and request.method in {"GET", "HEAD"}:
            return redirect(wanted)
        response = page(request, poll, **arguments)
        response.headers.setdefault("Cache-Control", "no-store")
        _give_proof(request, response, poll)
        return response

    return view


def _give_proof(request: HttpRequest, response: HttpResponse, poll: Poll) -> None:
    """A host known as a host of the line gets the poll's cookie too: the API, which the pages' scripts ask,
    must see the same person as the page. What a member may do ends with the membership: they get none.
    """
    actor = host_of_page(request, poll)
    if actor is None or actor.user_id is not None or host_by(_host_proof(request, poll), Subject.of(poll)):
        return
    if host_cookie(poll.code) not in response.cookies:
        proved = Subject.of(poll.queue) if poll.queue else None
        set_host_cookie(request, response, poll, given_token(request, Subject.of(poll), actor=actor, proved=proved))


# --------------------------------------------------------------------------------------------------------------- hosts
def host_of_page(request: HttpRequest, poll: Poll) -> Actor | None:
    """Who acts as this poll's host: a signed-in member of its venue (by name), whoever made it, or a host of its line."""
    user = request.user
    if isinstance(user, User) and user.is_active and poll.venue_id and works_for(user, poll.venue_id):
        return Actor("host", user.pk)
    if (host := host_by_browser(request, poll, [host_cookie(poll.code)])) is not None:
        return host
    return host_of_line_page(request, poll.queue) if poll.queue else None


def _host_proof(request: HttpRequest, poll: Poll) -> str:
    return request.COOKIES.get(host_cookie(poll.code), "")


def host_only(page: HostPage) -> Callable[..., HttpResponse]:
    """A page of the poll for its hosts. A stranger is asked to sign in; 403 for somebody who did."""

    def guarded(request: HttpRequest, poll: Poll, **arguments: Any) -> HttpResponse:
        actor = host_of_page(request, poll)
        if actor is None:
            not_done = NOT_DONE.get(arguments.get("action", ""), "")
            return turned_away(request, poll, back=address(poll, "poll-host"), not_done=not_done)
        response = page(request, poll, actor, **arguments)
        renew_proof(request, response, poll, [host_cookie(poll.code)])
        return response

    return of_poll(guarded)


# -------------------------------------------------------------------------------------------------------------- voters
def known_voter(request: HttpRequest, poll: Poll) -> bytes | None:
    """The voter's key, as far as this browser shows it without being asked; None where it does not."""
    return casting.known_key(poll, voter_of(request, poll))


def keep_ballot(response: HttpResponse, poll: Poll, outcome: Outcome) -> None:
    """Gives a voter the proof that the ballot is theirs (viewers.ballot_cookie), unless all they showed was its id."""
    if outcome.own and outcome.receipt:
        kept = ballot_cookie(poll.pk, outcome.receipt.ballot_id, code=poll.code, path=address(poll))
        response.cookies.load(kept)


def own_ballot(request: HttpRequest, poll: Poll) -> Found | None:
    """The ballot of this browser that is in the count: the one that its cookie shows, or, where voters are browsers, that of the
    voter it is to the recorder. An address is shared by many and proves no ballot to be one's own.
    """
    voter = voter_of(request, poll)
    key = casting.key_of_ballot(poll, voter)
    if key is None and poll.dedupe in casting.BY_BROWSER:
        key = casting.known_key(poll, voter)
    return receipts.of_voter(poll, key) if key is not None else None


def viewer_of(request: HttpRequest, poll: Poll) -> Viewer:
    """What the person behind a voter's page may see of the result: what a voter may, also in a host's browser."""
    if poll.visibility != Poll.Visibility.AFTER_VOTING:
        return Viewer()
    key = known_voter(request, poll)
    return Viewer(voted=key is not None and selectors.has_voted(poll, key))


def limit_for(request: HttpRequest, poll: Poll) -> str:
    """How a voter's page asks the API: as a voter, where the API would take this browser for a host's."""
    is_staff = isinstance(request.user, User) and request.user.is_staff
    return VOTER if is_staff or host_of_page(request, poll) is not None else ""


def only_pages_know(request: HttpRequest, poll: Poll, viewer: Viewer) -> bool:
    """Whether the API would not take this browser for one that has voted: it is not sent the place in the line, nor the
    ballot's cookie.
    """
    if not viewer.voted:
        return False
    key = casting.known_key(poll, replace(voter_of(request, poll), party_id="", ballot_id=None))
    return key is None or not selectors.has_voted(poll, key)
