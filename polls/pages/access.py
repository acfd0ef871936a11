"""Who a page of a poll is for: its host, or a voter with what their browser keeps."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import wraps
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse

from core.actors import Actor
from polls import casting, receipts, selectors
from polls.models import Poll
from polls.outcomes import Outcome
from polls.permissions import VOTER, ballot_cookie, voter_of
from polls.receipts import Found
from polls.rules import Viewer
from queues.pages.access import LINES
from venues.access import given_token
from venues.host_pages import HostPages, Page
from venues.models import User
from venues.proofs import Subject, host_by

# Voters' pages. Those of a line's poll stand below the line's path: the cookie of a place is sent there only.
_VOTER_PAGES = {"vote", "receipt", "voter-results"}


class PollPages(HostPages[Poll]):
    """The pages of polls. The hosts of a line are hosts of its polls."""

    kind = "poll"
    model = Poll
    host_url = "poll-host"
    create_limit = "poll"
    not_done = {
        "open": "The vote was not opened.",
        "close": "The vote was not closed.",
        "reset": "The votes were not thrown away.",
        "delete": "The poll was not deleted.",
    }

    def find(self, code: str) -> Poll | None:
        """The poll with this code, in any case."""
        return selectors.poll_by_code(code)

    def page(self, page: Page[Poll]) -> Callable[..., HttpResponse]:
        """The poll knows its line: pages do not take the line of the path."""

        @wraps(page)
        def without_line(request: HttpRequest, poll: Poll, line: str = "", **arguments: Any) -> HttpResponse:
            return page(request, poll, **arguments)

        return super().page(without_line)

    def canonical_path(self, request: HttpRequest, thing: Poll, code: str, arguments: Mapping[str, Any]) -> str:
        """Voters' pages of a line's poll stand below the line. Raises Http404 below a line for a poll of none."""
        others = {name: value for name, value in arguments.items() if name != "line"}
        if request.resolver_match is None or (arguments.get("line") and thing.queue is None):
            raise Http404("not a poll of a line")
        return address(thing, (request.resolver_match.url_name or "").removeprefix("line-"), **others)

    def host_of_parent(self, request: HttpRequest, thing: Poll) -> Actor | None:
        """Who acts as a host of the poll's line."""
        return LINES.host(request, thing.queue) if thing.queue else None

    def has_host_link(self, thing: Poll) -> bool:
        """Not for polls of a line, whose hosts are the line's, nor for those of an API key."""
        return super().has_host_link(thing) and not (thing.queue_id or thing.api_key_id)

    def finish(self, request: HttpRequest, response: HttpResponse, thing: Poll) -> None:
        """Gives a host of the poll's line the poll's cookie too: the API, which the scripts ask, must see the same host as the
        page. What a member may do ends with the membership: members get none.
        """
        actor = self.host(request, thing)
        (cookie,) = self.cookies(thing)
        proves = host_by(request.COOKIES.get(cookie, ""), Subject.of(thing)) is not None
        if actor is None or actor.user_id is not None or proves or cookie in response.cookies:
            return
        proved = Subject.of(thing.queue) if thing.queue else None
        token = given_token(request, Subject.of(thing), actor=actor, proved=proved)
        self.keep_token(request, response, thing, token)


POLLS = PollPages()
of_poll, host_only = POLLS.page, POLLS.host_only


def address(poll: Poll, name: str = "vote", **arguments: str) -> str:
    """The canonical path of a page of the poll."""
    if poll.queue and name in _VOTER_PAGES:
        return reverse(f"line-{name}", kwargs={"line": poll.queue.code, "code": poll.code, **arguments})
    return reverse(name, kwargs={"code": poll.code, **arguments})


# -------------------------------------------------------------------------------------------------------------- voters
def known_voter(request: HttpRequest, poll: Poll) -> bytes | None:
    """The voter's key, as far as this browser shows it without being asked; None where it does not."""
    return casting.known_key(poll, voter_of(request, poll))


def keep_ballot(response: HttpResponse, poll: Poll, outcome: Outcome) -> None:
    """Gives a voter the proof that the ballot is theirs (permissions.ballot_cookie), unless all they showed was its id."""
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
    return VOTER if is_staff or POLLS.host(request, poll) is not None else ""


def only_pages_know(request: HttpRequest, poll: Poll, viewer: Viewer) -> bool:
    """Whether the API would not take this browser for one that has voted: it is not sent the place in the line, nor the
    ballot's cookie.
    """
    if not viewer.voted:
        return False
    key = casting.known_key(poll, replace(voter_of(request, poll), party_id="", ballot_id=None))
    return key is None or not selectors.has_voted(poll, key)
