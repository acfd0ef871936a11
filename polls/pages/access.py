"""Who a page of a poll is for: its host, or a voter with what their browser keeps."""

from collections.abc import Mapping
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from msgspec.structs import replace

from core.actors import Actor
from polls import casting, receipts, selectors
from polls.casting import Voter
from polls.models import Poll
from polls.permissions import voter_of
from polls.receipts import Found
from polls.rules import Viewer
from queues.pages.access import LINES
from venues.authentication import given_token
from venues.host_pages import HostPages
from venues.proofs import Subject, host_by
from web.everyone import is_for_everyone

# Voters' pages. Those of a line's poll stand below the line's path: the cookie of a place is sent there only.
_VOTER_PAGES = {"vote", "own-vote", "receipt", "voter-results"}


class PollPages(HostPages[Poll]):
    """The pages of polls. The hosts of a line are hosts of its polls."""

    kind = "poll"
    model = Poll
    find = staticmethod(selectors.poll_by_code)
    host_url = "poll-host"
    create_limit = "poll"
    not_done = {
        "open": "The vote was not opened.",
        "close": "The vote was not closed.",
        "reset": "The votes were not thrown away.",
        "delete": "The poll was not deleted.",
    }

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
        if is_for_everyone(response):
            return
        actor = self.host(request, thing)
        (cookie,) = self.cookies(thing)
        proves = host_by(request.COOKIES.get(cookie, ""), Subject.of(thing)) is not None
        if actor is None or actor.user_id is not None or proves or cookie in response.cookies:
            return
        proved = Subject.of(thing.queue) if thing.queue else None
        token = given_token(request, Subject.of(thing), actor=actor, proved=proved)
        self.keep_token(request, response, thing, token)


POLLS = PollPages()
of_poll, voter_page, host_only = POLLS.page, POLLS.guest_page, POLLS.host_only


def address(poll: Poll, name: str = "vote", **arguments: str) -> str:
    """The canonical path of a page of the poll."""
    if poll.queue and name in _VOTER_PAGES:
        return reverse(f"line-{name}", kwargs={"line": poll.queue.code, "code": poll.code, **arguments})
    return reverse(name, kwargs={"code": poll.code, **arguments})


# -------------------------------------------------------------------------------------------------------------- voters
def own_ballot(poll: Poll, voter: Voter) -> Found | None:
    """The ballot of this browser that is in the count: the one that its cookie shows, or, where voters are browsers, that of the
    voter it is to the recorder. An address is shared by many and proves no ballot to be one's own.
    """
    key = casting.key_of_ballot(poll, voter)
    if key is None and poll.dedupe in casting.BY_BROWSER:
        key = casting.known_key(poll, voter)
    return receipts.of_voter(poll, key) if key is not None else None


def only_pages_know(request: HttpRequest, poll: Poll, viewer: Viewer) -> bool:
    """Whether the API would not take this browser for one that has voted: it is not sent the place in the line, nor the
    ballot's cookie.
    """
    shown_to_api = replace(voter_of(request, poll), party_id="", ballot_id=None)
    return viewer.voted and not selectors.has_voted(poll, casting.known_key(poll, shown_to_api))
