"""Results of polls, by polling (304) and by Server-Sent Events: all made of one row, shaped for one viewer by polls/shapes.py
(B8), or as the older contracts shape it (polls/contracts).
"""

import asyncio
from typing import Any

import orjson
from drf_spectacular.utils import OpenApiParameter

from core import rate_limits
from core.asgi_requests import header, query
from core.asgi_types import Receive, Scope, Send
from core.errors import Refused
from polls import selectors, shapes
from polls.api import answers
from polls.contracts import edge_poll, voting_session
from polls.edge.polls import Polls, PollSnapshot
from polls.edge.viewers import (
    Proof,
    Seen,
    Shape,
    beat_of,
    end_of_round,
    last_mark,
    news_of,
    now_ms,
    results_view,
    viewer_of,
)
from polls.refusals import NO_SUCH_POLL
from polls.rules import Viewer
from realtime import streams
from realtime.conditional import Answer, conditional
from realtime.fanout import Done
from realtime.not_modified import Shared
from realtime.postgres import Unreadable, ask
from realtime.responses import answer, language_of, no_more, refuse, try_again
from web.openapi import EVENTS, MAY_BE_HOST, MAY_HAVE_KEY, MAY_SEE_LESS, operation

_EXACT = OpenApiParameter(
    "cache",
    {"type": "string"},
    OpenApiParameter.QUERY,
    description="`false`: exact, from Postgres; else at most a second old.",
)
_AGAIN = OpenApiParameter(
    "Last-Event-ID", str, OpenApiParameter.HEADER, description="The id of the last message received."
)
# The contract's stream tells of a changed count at most once a second.
SESSION_GAP_S = 1.0
LAST_EVENT = b"last-event-id"


class PollViews:
    """One per process."""

    def __init__(self, polls: Polls) -> None:
        self._polls = polls
        self.shared = Shared("/api/polls/{poll}/results", "/api/polls/", "/results", self._in_memory)

    # ------------------------------------------------------------------------------------------------------------ HTTP
    @operation(
        "get_results",
        answers={200: answers.PollResults},
        refuses=(401, 404),
        parameters=[MAY_BE_HOST, MAY_HAVE_KEY, MAY_SEE_LESS, _EXACT],
        etag=True,
    )
    async def results(self, scope: Scope, receive: Receive, send: Send, wanted: str) -> None:
        """How the poll stands; counts that this viewer may not see are null."""
        await self._view(scope, send, wanted, "results", results_view)

    @operation("get_edge_poll", answers={200: answers.EdgePoll}, refuses=(404,), parameters=[_EXACT], etag=True)
    async def configuration(self, scope: Scope, receive: Receive, send: Send, wanted: str) -> None:
        """The configuration, with the counts."""
        await self._view(scope, send, wanted, "edge", edge_poll.configuration_view, public=True)

    @operation(
        "get_edge_poll_results", answers={200: answers.EdgePollResults}, refuses=(404,), parameters=[_EXACT], etag=True
    )
    async def edge_results(self, scope: Scope, receive: Receive, send: Send, wanted: str) -> None:
        """The counts, also by shard."""
        await self._view(scope, send, wanted, "edge-results", edge_poll.results_view, public=True)

    @operation(
        "stream_results",
        answers=EVENTS | {204: None},
        refuses=(401, 404),
        parameters=[MAY_BE_HOST, MAY_HAVE_KEY, MAY_SEE_LESS, _AGAIN],
    )
    async def stream(self, scope: Scope, receive: Receive, send: Send, wanted: str) -> None:
        """The results whenever they change, until the poll is closed. A message's id is its version.

        204 for a client that has been told so and comes again by itself.
        """
        found = await self._found(scope, send, wanted)
        if found is None:
            return
        poll, viewer = found
        if header(scope, LAST_EVENT) == last_mark(poll, viewer, now_ms()):
            await no_more(send)
            return

        async with self._follow(poll) as topic:
            seen = Seen(topic, "results", results_view, viewer)
            proof = Proof(self._polls, scope, topic, viewer)

            async def tell(events: streams.EventStream) -> None:
                await proof.require()
                if (news := seen.news()) is not None:
                    await events.show(news.answer, mark=news.mark)
                if topic.gone or seen.closed:
                    raise Done

            await streams.stream(scope, receive, send, topic, tell, beats=self._polls.hub.beat(beat_of(viewer)))

    @operation(
        "stream_session",
        answers=EVENTS | {204: None},
        refuses=(401, 404),
        parameters=[MAY_BE_HOST, MAY_SEE_LESS, _AGAIN],
    )
    async def session_stream(self, scope: Scope, receive: Receive, send: Send, wanted: str) -> None:
        """Events init, update, ..., closed. Messages are in the language asked for.

        204 as for `stream`.
        """
        found = await self._found(scope, send, wanted)
        if found is None:
            return
        poll, viewer = found
        if shapes.is_closed(poll.row, now_ms()) and header(scope, LAST_EVENT) == end_of_round(poll):
            await no_more(send)
            return

        async with self._follow(poll) as topic:
            seen = Seen(topic, "session", voting_session.update_view, viewer)
            proof = Proof(self._polls, scope, topic, viewer)
            event, shape = "init", voting_session.init_view

            async def tell(events: streams.EventStream) -> None:
                nonlocal event, shape
                await proof.require()
                if (news := seen.news()) is not None:
                    await events.say(orjson.dumps({"event": event, "data": shape(news.poll.row, viewer, seen.at)}))
                    event, shape = "update", voting_session.update_view
                    if not seen.closed:
                        await asyncio.sleep(SESSION_GAP_S)
                    elif not topic.gone:
                        closing = orjson.dumps(
                            {"event": "closed", "data": voting_session.closed_view(language_of(scope))}
                        )
                        await events.say(closing, mark=end_of_round(news.poll))
                if topic.gone or seen.closed:
                    raise Done

            await streams.stream(scope, receive, send, topic, tell, beats=self._polls.hub.beat(beat_of(viewer)))

    # ---------------------------------------------------------------------------------------------------------- parts
    async def _view(
        self, scope: Scope, send: Send, wanted: str, name: str, shape: Shape, *, public: bool = False
    ) -> None:
        exact = query(scope).get("cache") == "false"
        found = await self._found(scope, send, wanted, public=public, exact=exact)
        if found is not None:
            await conditional(scope, send, news_of(found[0], name, shape, found[1], now_ms()).answer)

    async def _found(
        self, scope: Scope, send: Send, wanted: str, *, public: bool = False, exact: bool = False
    ) -> tuple[PollSnapshot, Viewer] | None:
        """The poll and who asks; None when the request is answered already. `public`: every viewer is anonymous.
        `exact`: as Postgres has it now.
        """
        try:
            poll = await (self._exact(scope, wanted) if exact else self._polls.find(wanted.lower()))
            if poll is None:
                await answer(send, 404, {"error": NO_SUCH_POLL.english})
                return None
            return poll, Viewer() if public else await viewer_of(self._polls, scope, poll)
        except Refused as refused:
            await refuse(send, refused)
        except Unreadable:
            await try_again(send)
        return None

    async def _exact(self, scope: Scope, wanted: str) -> PollSnapshot | None:
        """The poll as it is in Postgres. Raises TooMany, Unreadable."""
        await self._polls.limiter.check(scope, rate_limits.LOOK, "exact")
        row = await ask(self._polls.run, selectors.row_of, wanted)
        return PollSnapshot(row) if row is not None else None

    def _in_memory(self, poll_id: str, query: bytes) -> Answer | None:
        """The results as an anonymous client sees them."""
        poll = self._polls.cache.current(poll_id) if not query else None
        return news_of(poll, "results", results_view, Viewer(), now_ms()).answer if poll is not None else None

    def _follow(self, poll: PollSnapshot) -> Any:
        """The poll's topic. It begins with what was just read, so that the first answer needs no other read."""
        return self._polls.follow(poll.row["id"], poll)
