"""Ballots over HTTP, in plain ASGI: our own API's, our pages' and the two older contracts', all through one batcher (law 7)."""

from functools import partial
from typing import NamedTuple
from uuid import UUID

from django.conf import settings
from msgspec.structs import replace

from core import rate_limits
from core.asgi_requests import cookie, header, is_secure
from core.asgi_types import Headers, Receive, Scope, Send
from core.cors import is_page_allowed
from core.errors import Conflict, Forbidden, NotFound
from core.hashing import keyed
from core.refusals import FOREIGN_ORIGIN, KEY_USED
from polls import casting, permissions, receipts
from polls.api import answers
from polls.bodies import BallotBody, OldVoteBody, SessionVoteBody, Submission, VoteBody
from polls.casting import Paper, Voter
from polls.contracts import edge_poll, voting_session
from polls.edge.batcher import BallotBox
from polls.edge.polls import Polls
from polls.outcomes import Outcome, Status
from polls.refusals import NO_SUCH_POLL
from realtime.django.request_body import read_body
from realtime.postgres import ask
from realtime.refusing import Refusing
from realtime.responses import answer, language_of, spoken
from web import bodies, idempotency
from web.openapi import KEY_HEADER, TEXT_OK, operation


class BallotViews:
    """One per process."""

    def __init__(self, polls: Polls, box: BallotBox) -> None:
        self._polls = polls
        self._steps = casting.Steps(polls.limiter.check_address, partial(ask, polls.run), box.cast)

    @operation("cast_ballot", body=BallotBody, answers={201: answers.BallotCounted}, refuses=(401, 404, 409))
    async def own(self, scope: Scope, receive: Receive, send: Send, wanted: str) -> None:
        """The vote itself: 201 with the receipt, once it is committed; the same ballot again gives the same receipt."""
        async with Refusing(scope, receive, send):
            vote = await self._cast(scope, receive, wanted, BallotBody)
            receipt = receipts.receipt_view(casting.counted_or_raise(vote.outcome, named=True))
            await answer(send, 201, {"status": vote.outcome.status, "receipt": receipt}, vote.voter_cookie(scope))

    async def page(self, scope: Scope, receive: Receive, send: Send, *codes: str) -> None:
        """What the outbox on a phone sends to (decision 0018), also below a line's address.

        201 as `own`, with the cookie by which the page knows its ballot.
        """
        *line, wanted = (code.upper() for code in codes)
        async with Refusing(scope, receive, send, language=language_of(scope)):
            if not header(scope, b"origin") or not is_page_allowed(scope):
                raise Forbidden(FOREIGN_ORIGIN)
            vote = await self._cast(scope, receive, wanted, BallotBody, line="".join(line))
            receipt = receipts.receipt_view(casting.counted_or_raise(vote.outcome))
            headers = vote.voter_cookie(scope) + _cookies(permissions.ballot_cookie(vote.paper, vote.outcome))
            await answer(send, 201, {"status": vote.outcome.status, "receipt": receipt}, headers)

    @operation("vote_in_edge_poll", body=OldVoteBody, answers=TEXT_OK, refuses=(401, 404))
    async def edge_poll(self, scope: Scope, receive: Receive, send: Send, wanted: str) -> None:
        """A vote: `ok`, also for a second one of the same address, which is not counted."""
        async with Refusing(scope, receive, send):
            edge_poll.ok_or_raise((await self._cast(scope, receive, wanted, OldVoteBody)).outcome)
            headers: Headers = [(b"content-type", b"text/plain"), (b"content-length", b"2")]
            await send({"type": "http.response.start", "status": 200, "headers": headers})
            await send({"type": "http.response.body", "body": b"ok"})

    @operation("put_vote_in_edge_poll", body=OldVoteBody, answers=TEXT_OK, refuses=(401, 404))
    async def put_edge_poll(self, scope: Scope, receive: Receive, send: Send, wanted: str) -> None:
        """The same as POST."""
        await self.edge_poll(scope, receive, send, wanted)

    @operation(
        "vote_in_session",
        body=SessionVoteBody,
        answers={201: answers.SessionVoteCounted},
        refuses=(401, 404, 409),
        parameters=[KEY_HEADER],
    )
    async def session(self, scope: Scope, receive: Receive, send: Send, wanted: str) -> None:
        """The vote: `{message, votedAt}` with the voter's cookie; the same `ballotId` again gives the same receipt."""
        language = language_of(scope)
        async with Refusing(scope, receive, send, language=language):
            unnamed = _ballot_of_key(scope, wanted)
            vote = await self._cast(scope, receive, wanted, SessionVoteBody, unnamed=unnamed)
            if unnamed is not None and vote.outcome.status is Status.ID_USED:
                raise Conflict(KEY_USED, field=idempotency.HEADER)
            view = voting_session.voted_or_raise(vote.outcome, language)
            await answer(send, 201, view, [*spoken(language), *vote.voter_cookie(scope)])

    async def _cast(
        self,
        scope: Scope,
        receive: Receive,
        wanted: str,
        kind: type[VoteBody],
        *,
        line: str = "",
        unnamed: UUID | None = None,
    ) -> "_Vote":
        """The vote in a request with a body of this kind; `unnamed`: the id of a ballot whose body has none.

        Raises as casting.cast and bodies.read; NotFound, also for a poll that
        does not belong to `line`; NotRecorded, Unreadable, TooLong, ClientLeft.
        """
        body, length = await read_body(scope, receive, settings.API_BODY_LIMIT)
        poll = await self._polls.ballot_paper(wanted.lower())
        if poll is None or line and line != poll.paper.line:
            raise NotFound(NO_SUCH_POLL)
        paper, address = poll.paper, rate_limits.address_of(scope)

        def vote() -> tuple[Voter, Submission]:
            sent = bodies.read(kind, body.read(length))
            ballot = sent.submission()
            if unnamed is not None and getattr(sent, "ballotId", None) is None:
                ballot = replace(ballot, ballot_id=unnamed)
            shown = {"token": ballot.token, "party_id": ballot.party_id, "code": ballot.code}
            return permissions.voter_by(partial(cookie, scope), address, paper, **shown), ballot

        return _Vote(paper, *await casting.cast(self._steps, paper, address, vote))


class _Vote(NamedTuple):
    """A vote that was cast."""

    paper: Paper
    voter: Voter
    outcome: Outcome

    def voter_cookie(self, scope: Scope) -> Headers:
        """What makes this browser one voter (casting.token_to_keep), if anything."""
        token = casting.token_to_keep(self.paper.dedupe, self.voter)
        return _cookies(permissions.voter_cookie(token, secure=is_secure(scope))) if token else []


def _ballot_of_key(scope: Scope, wanted: str) -> UUID | None:
    """The id of the ballot that an Idempotency-Key stands for, in this poll and of this sender; None without a key. Raises
    Invalid."""
    key = idempotency.checked(header(scope, b"idempotency-key"))
    if not key:
        return None
    bound = idempotency.bound(key, idempotency.sender_of_scope(scope))
    return UUID(bytes=keyed("idempotency.ballot", f"{wanted.lower()}\n{bound}")[:16], version=4)


def _cookies(written: str) -> Headers:
    return [(b"set-cookie", written.encode("latin-1"))] if written else []
