"""Ballots over HTTP, in plain ASGI: our own API's, our pages' and the two older contracts', all through one box (law 7)."""

from collections.abc import Callable
from typing import Any

from django.conf import settings
from limits import RateLimitItem

from core import rate_limits
from core.asgi_requests import cookie, header, is_secure
from core.asgi_types import Headers, Receive, Scope, Send
from core.cors import is_allowed
from core.errors import Forbidden, NotFound, Refused
from polls import casting, parsing, permissions, receipts
from polls.ballots import Cast, Outcome
from polls.casting import Voter
from polls.contracts import edge_poll, voting_session
from polls.edge.batcher import BallotBox, NotRecorded
from polls.edge.polls import Polls, PollSnapshot
from polls.parsing import Said
from polls.permissions import VOTER_COOKIE
from polls.refusals import NO_SUCH_POLL
from realtime.django.request_body import ClientLeft, TooLong, read_body
from realtime.django.threadjob import refuse_body
from realtime.postgres import Unreadable, ask
from realtime.responses import answer, language_of, refuse, spoken, try_again


class BallotViews:
    """One per process."""

    def __init__(self, polls: Polls, box: BallotBox) -> None:
        self._polls = polls
        self._box = box

    async def own(self, scope: Scope, receive: Receive, send: Send, wanted: str) -> None:
        """The vote itself: 201 with the receipt, once it is committed; the same ballot again gives the same receipt."""

        async def vote(poll: PollSnapshot, body: dict[str, Any]) -> None:
            said = parsing.own(body)
            voter = self._voter(scope, poll, said)
            receipt = casting.counted_or_raise(outcome := await self._cast(poll, voter, said), named=True)
            headers = _voter_cookie(scope, poll, voter)
            await answer(send, 201, {"status": outcome.status, "receipt": receipts.receipt_view(receipt)}, headers)

        await self._vote(scope, receive, send, wanted, vote)

    async def page(self, scope: Scope, receive: Receive, send: Send, *codes: str) -> None:
        """What the outbox on a phone sends to (decision 0018), also below a line's address.

        201 as `own`, with the cookie by which the page knows its ballot.
        """
        *line, wanted = (code.upper() for code in codes)

        async def vote(poll: PollSnapshot, body: dict[str, Any]) -> None:
            row = poll.row
            if line and line != [row["line"]]:
                raise NotFound(NO_SUCH_POLL)
            origin = header(scope, b"origin")
            if not origin or not is_allowed(origin, header(scope, b"host"), header(scope, b"sec-fetch-site")):
                raise Forbidden("This origin is not allowed.")
            said = parsing.own(body)
            voter = self._voter(scope, poll, said)
            receipt = casting.counted_or_raise(outcome := await self._cast(poll, voter, said))
            headers = _voter_cookie(scope, poll, voter) + _ballot_cookie(poll, outcome)
            await answer(send, 201, {"status": outcome.status, "receipt": receipts.receipt_view(receipt)}, headers)

        await self._vote(scope, receive, send, wanted, vote, language=language_of(scope))

    async def edge_poll(self, scope: Scope, receive: Receive, send: Send, wanted: str) -> None:
        """A vote: `ok`, also for a second one of the same address, which is not counted."""

        async def vote(poll: PollSnapshot, body: dict[str, Any]) -> None:
            said = parsing.edge_poll(body)
            edge_poll.ok_or_raise(await self._cast(poll, self._voter(scope, poll, said), said))
            headers: Headers = [(b"content-type", b"text/plain"), (b"content-length", b"2")]
            await send({"type": "http.response.start", "status": 200, "headers": headers})
            await send({"type": "http.response.body", "body": b"ok"})

        await self._vote(scope, receive, send, wanted, vote)

    async def session(self, scope: Scope, receive: Receive, send: Send, wanted: str) -> None:
        """The vote: `{message, votedAt}` with the voter's cookie; the same `ballotId` again gives the same receipt."""

        async def vote(poll: PollSnapshot, body: dict[str, Any]) -> None:
            said = parsing.session(body)
            voter = self._voter(scope, poll, said)
            view = voting_session.voted_or_raise(await self._cast(poll, voter, said), language)
            await answer(send, 201, view, [*spoken(language), *_voter_cookie(scope, poll, voter)])

        language = language_of(scope)
        await self._vote(scope, receive, send, wanted, vote, language=language)

    # ---------------------------------------------------------------------------------------------------------- parts
    async def _vote(
        self,
        scope: Scope,
        receive: Receive,
        send: Send,
        wanted: str,
        vote: Any,
        *,
        language: str = "",
    ) -> None:
        """Finds the poll, reads the body, and has `vote` answer; refusals and troubles are answered here, in `language` where
        one is asked for."""
        try:
            body, length = await read_body(scope, receive, settings.API_BODY_LIMIT)
            poll = await self._polls.ballot_paper(wanted.lower())
            if poll is None:
                raise NotFound(NO_SUCH_POLL)
            await vote(poll, parsing.body_of(body.read(length)))
        except ClientLeft:
            return
        except TooLong:
            await refuse_body(scope, receive, send)
        except Refused as refused:
            await refuse(send, refused, language=language)
        except (NotRecorded, Unreadable):
            await try_again(send)

    def _voter(self, scope: Scope, poll: PollSnapshot, said: Said) -> Voter:
        line = poll.row["line"]
        return casting.voter(
            address=rate_limits.address_of(scope),
            cookie=cookie(scope, VOTER_COOKIE),
            token=said.token,
            party_id=said.party_id or (cookie(scope, f"place_{line}").lower() if line else ""),
            code=said.code,
            ballot_id=permissions.kept_ballot(
                poll.poll_id, cookie(scope, permissions.ballot_cookie_name(poll.row["code"]))
            ),
        )

    async def _cast(self, poll: PollSnapshot, voter: Voter, said: Said) -> Outcome:
        """Raises as casting.cast, and NotRecorded, Unreadable."""
        row = poll.row
        return await casting.cast(self, casting.Paper(poll.poll_id, row["dedupe"], row["workBits"]), voter, said)

    # ------------------------------------------------------------------------------------------------- casting.Steps
    async def admit(self, address: str, limit: RateLimitItem, *counted: str) -> None:
        """Counts a try. Raises TooMany."""
        await self._polls.limiter.check_address(address, limit, *counted)

    async def ask(self, function: Callable[..., Any], *arguments: Any) -> Any:
        """What must be looked up: tickets, one-time codes, what the browser has voted before. Raises Unreadable, Refused."""
        return await ask(self._polls.run, function, *arguments)

    async def record(self, cast: Cast) -> Outcome:
        """With all that come now, in one batch. Raises NotRecorded."""
        return await self._box.cast(cast)


def _voter_cookie(scope: Scope, poll: PollSnapshot, voter: Voter) -> Headers:
    """What makes this browser one voter (casting.token_to_keep), if anything."""
    token = casting.token_to_keep(poll.row["dedupe"], voter)
    return _cookies(permissions.voter_cookie(token, secure=is_secure(scope)))


def _ballot_cookie(poll: PollSnapshot, outcome: Outcome) -> Headers:
    """As polls.pages.access.keep_ballot."""
    if not (outcome.own and outcome.receipt):
        return []
    row = poll.row
    path = f"/queue/{row['line']}/vote/{row['code']}" if row["line"] else f"/vote/{row['code']}"
    return _cookies(permissions.ballot_cookie(poll.poll_id, outcome.receipt.ballot_id, code=row["code"], path=path))


def _cookies(written: str) -> Headers:
    return [(b"set-cookie", written.encode("latin-1"))] if written else []
