"""Who looks at a poll, and what they may see (B8): one rule for the API, the pages and the hot paths."""

import re
from collections.abc import Callable
from functools import partial
from typing import Any
from uuid import UUID
from wsgiref.types import WSGIEnvironment

from django.conf import settings
from django.http import HttpRequest
from rest_framework.request import Request

from core import rate_limits
from core.errors import Invalid, existing
from core.hashing import is_same, keyed
from core.identifiers import as_uuid
from core.scopes import Scope
from polls import casting, selectors
from polls.casting import Paper, Voter
from polls.models import Poll
from polls.outcomes import Outcome
from polls.refusals import NO_SUCH_POLL
from polls.rules import Viewer
from queues import places
from venues import authentication
from web import browsers
from web.api import request_of

# One for all polls, and some are open without end.
VOTER_COOKIE = "voter_token"
PUBLIC, VOTER = "public", "voter"
# The scopes with which an API key sees results.
SEES_RESULTS = (Scope.READ, Scope.POLLS)
# Of a code, the name of the cookie that proves a host of the poll; and who asks, as one of its hosts.
host_cookie, host_of = partial(authentication.host_cookie, "poll"), authentication.hosts_of("poll")
# A cookie that a client has made up counts as one, but is not written into a header of ours.
_WELL_FORMED = re.compile(r"[\w-]{1,128}", re.ASCII)


def voter_cookie(token: str, *, secure: bool) -> str:
    """The Set-Cookie header that makes this browser one voter (contract voting-session.md); empty for a token that no program of
    ours has made."""
    if not _WELL_FORMED.fullmatch(token):
        return ""
    return browsers.token_cookie(VOTER_COOKIE, token, secure=secure)


def set_voter_cookie(request: HttpRequest, response: Any, token: str) -> None:
    """The same in an answer of Django's; an empty token sets none."""
    response.cookies.load(voter_cookie(token, secure=request.is_secure()))


def ballot_cookie(paper: Paper, outcome: Outcome) -> str:
    """The Set-Cookie header by which a browser shows that a ballot is its own: to the poll's page only. The ballot's id alone
    would prove nothing, for receipts show it; an empty string for a sender who has shown no more than that.
    """
    if not (outcome.own and outcome.receipt):
        return ""
    ballot_id = outcome.receipt.ballot_id
    kept = f"{ballot_id}.{_ballot_proof(paper.poll_id, ballot_id)}"
    path = f"/queue/{paper.line}/vote/{paper.code}" if paper.line else f"/vote/{paper.code}"
    return browsers.token_cookie(f"ballot_{paper.code}", kept, path=path, secure=settings.HTTPS)


def kept_ballot(poll_id: UUID, cookie: str) -> UUID | None:
    """The ballot id in a ballot cookie's value; None when we have not written it."""
    if not cookie:  # of most voters
        return None
    sent, _, proof = cookie.partition(".")
    ballot_id = as_uuid(sent)
    if not proof or ballot_id is None:
        return None
    return ballot_id if is_same(proof, _ballot_proof(poll_id, ballot_id)) else None


def _ballot_proof(poll_id: UUID, ballot_id: UUID) -> str:
    return keyed("own-ballot", f"{poll_id}:{ballot_id}").hex()[:32]


def voter_by(
    cookie: Callable[[str], str], address: str, paper: Paper, *, token: str = "", party_id: str = "", code: str = ""
) -> Voter:
    """Who votes, as far as a request shows it: its cookies, by their names, and what its body says."""
    kept = places.read(cookie(places.cookie_of(paper.line))) if paper.line else []
    return casting.voter(
        address=address,
        cookie=cookie(VOTER_COOKIE),
        token=token,
        party_id=party_id or next(map(str, kept), ""),
        code=code,
        ballot_id=kept_ballot(paper.poll_id, cookie(f"ballot_{paper.code}")),
    )


def voter_of(request: HttpRequest | Request, poll: Poll, *, code: str = "") -> Voter:
    """The same for a request of Django's."""
    address = rate_limits.client_address(request)
    return voter_by(lambda name: str(request.COOKIES.get(name, "")), address, Paper.of(poll), code=code)


def asked_as(given: str) -> str:
    """The value of `?as=`: `public` (for a wall), `voter` (no more than a voter), or empty. Pages for guests send it in a host's
    browser, which sends the host's cookies, too. Raises Invalid."""
    if given not in {"", PUBLIC, VOTER}:
        raise Invalid("as must be public or voter.", field="as")
    return given


def viewer_of(request: Request, poll: Poll) -> Viewer:
    """What the sender may see: a host everything, a voter what voters may; no more than `?as=` says (asked_as). A wrong host
    token is refused, not ignored. Raises Invalid, Unproven, Forbidden."""
    limit = asked_as(request.query_params.get("as", ""))
    if limit == PUBLIC:
        return Viewer()
    if limit == VOTER:
        return as_voter(request, poll)
    if (
        request.headers.get(authentication.HOST_HEADER)
        or request.headers.get("api-key")
        or host_cookie(poll.code) in request.COOKIES
    ):
        host_of(request, poll)
        return Viewer(host=True)
    user = authentication.signed_in(request)
    if user is not None and (user.is_staff or (poll.venue_id and authentication.works_for(user, poll.venue_id))):
        return Viewer(host=True)
    return as_voter(request, poll)


def as_voter(request: HttpRequest | Request, poll: Poll) -> Viewer:
    """What a voter may see, also in a host's browser. A browser shows its one-time code only when it votes."""
    if poll.visibility != Poll.Visibility.AFTER_VOTING:
        return Viewer()
    return Viewer(voted=selectors.has_voted(poll, casting.known_key(poll, voter_of(request, poll))))


def viewer_for(environ: WSGIEnvironment, poll_id: UUID | str) -> Viewer:
    """The same for a request that did not enter Django. Raises NotFound, Unproven, Forbidden."""
    return viewer_of(request_of(environ), existing(selectors.poll_by_id(poll_id), NO_SUCH_POLL))
