"""Results of polls, by polling (304), by Server-Sent Events and as files: all made of one row, shaped for one viewer by
polls/shapes.py (B8), or as the older contracts shape it (polls/contracts).
"""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any
from wsgiref.types import WSGIEnvironment

import orjson
from drf_spectacular.utils import OpenApiParameter

from core import clock, rate_limits
from core.asgi_requests import header, query
from core.asgi_types import Receive, Scope, Send
from core.clock import milliseconds
from core.errors import NotFound, Refused
from polls import exports, permissions, selectors, shapes
from polls.api import answers
from polls.api.views import poll_or_404, row_of
from polls.contracts import edge_poll, voting_session
from polls.edge.polls import Polls, PollSnapshot
from polls.edge.viewers import News, Shape, Watch, beat_of, end_of_round, last_mark, news_of, now_ms, viewer_of
from polls.models import Poll
from polls.permissions import SEES_RESULTS
from polls.refusals import NO_SUCH_POLL
from polls.rules import Viewer
from realtime import streams
from realtime.conditional import Answer, conditional
from realtime.exports import Exports
from realtime.fanout import Done
from realtime.not_modified import InMemory
from realtime.postgres import Unreadable, ask
from realtime.responses import language_of, no_more, refuse, try_again
from web.api import request_of
from web.exports import FORMAT, files
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
# The id of a closed poll's last message for this viewer, at this time (ms since 1970); None while there are more to come.
Last = Callable[[PollSnapshot, Viewer, int], str | None]
Say = Callable[[streams.EventStream, Watch, News], Awaitable[None]]


class PollViews:
    """One per process."""

    def __init__(self, polls: Polls, exports: Exports) -> None:
        self._polls = polls
        self._exports = exports
        self.in_memory = InMemory("/api/polls/{poll}/results", "/api/polls/", "/results", self._made)

    # ------------------------------------------------------------------------------------------------------------ HTTP
    @operation(
        "get_results",
        answers={200: answers.PollResults},
        refuses=(401, 404),
        parameters=[MAY_BE_HOST, MAY_HAVE_KEY, MAY_SEE_LESS, _EXACT],
        scopes=SEES_RESULTS,
        etag=True,
    )
    async def results(self, scope: Scope, receive: Receive, send: Send, wanted: str) -> None:
        """How the poll stands; counts that this viewer may not see are null."""
        await self._view(scope, send, wanted, "results", shapes.results)

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
        scopes=SEES_RESULTS,
    )
    async def stream(self, scope: Scope, receive: Receive, send: Send, wanted: str) -> None:
        """The results whenever they change, until the poll is closed. A message's id is its version.

        204 for a client that has been told so and comes again by itself.
        """

        async def say(events: streams.EventStream, watch: Watch, news: News) -> None:
            await events.show(news.answer, mark=news.mark)

        await self._stream(scope, receive, send, wanted, "results", shapes.results, last_mark, say)

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
        event, shape = "init", voting_session.init_view

        async def say(events: streams.EventStream, watch: Watch, news: News) -> None:
            nonlocal event, shape
            await events.say(orjson.dumps({"event": event, "data": shape(news.poll.row, watch.viewer, watch.at)}))
            event, shape = "update", voting_session.update_view
            if not watch.closed:
                await asyncio.sleep(SESSION_GAP_S)
            elif not watch.topic.gone:
                closing = {"event": "closed", "data": voting_session.closed_view(language_of(scope))}
                await events.say(orjson.dumps(closing), mark=end_of_round(news.poll))

        def last(poll: PollSnapshot, viewer: Viewer, now: int) -> str | None:
            return end_of_round(poll) if shapes.is_closed(poll.row, now) else None

        await self._stream(scope, receive, send, wanted, "session", voting_session.update_view, last, say)

    # ---------------------------------------------------------------------------------------------------------- files
    @operation(
        "export_results",
        answers=files(answers.ExportedResults),
        refuses=(401, 404),
        parameters=[FORMAT, MAY_BE_HOST, MAY_HAVE_KEY, MAY_SEE_LESS],
        scopes=SEES_RESULTS,
    )
    async def export(self, scope: Scope, receive: Receive, send: Send, wanted: str) -> None:
        """The results as a file: JSON, CSV or PNG; counts that this viewer may not see are in none of them."""
        await self._exports.answer(scope, receive, send, poll_file, wanted)

    @operation(
        "export_session", answers=files(answers.ExportedSession), refuses=(401, 404), parameters=[FORMAT, MAY_BE_HOST]
    )
    async def session_export(self, scope: Scope, receive: Receive, send: Send, wanted: str) -> None:
        """The session's results as a file: `format` json, csv or image. Hidden counts are hidden here too."""
        await self._exports.answer(scope, receive, send, session_file, wanted, language=language_of(scope))

    # ---------------------------------------------------------------------------------------------------------- parts
    async def _stream(
        self, scope: Scope, receive: Receive, send: Send, wanted: str, name: str, shape: Shape, last: Last, say: Say
    ) -> None:
        """Says what is new in the view `name` until the poll is closed; 204 to a client that has had the `last` message."""
        found = await self._found(scope, send, wanted)
        if found is None:
            return
        poll, viewer = found
        if header(scope, LAST_EVENT) == last(poll, viewer, now_ms()):
            await no_more(send)
            return
        async with self._polls.follow(poll.row["id"], poll) as topic:
            watch = Watch(self._polls, scope, topic, viewer, name, shape)

            async def tell(events: streams.EventStream) -> None:
                await watch.require_proof()
                if (news := watch.news()) is not None:
                    await say(events, watch, news)
                if topic.gone or watch.closed:
                    raise Done

            await streams.stream(scope, receive, send, topic, tell, beats=self._polls.hub.beat(beat_of(viewer)))

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
                raise NotFound(NO_SUCH_POLL)
            return poll, Viewer() if public else await viewer_of(self._polls, scope, poll)
        except Refused as refused:
            await refuse(scope, send, refused)
        except Unreadable:
            await try_again(scope, send)
        return None

    async def _exact(self, scope: Scope, wanted: str) -> PollSnapshot | None:
        """The poll as it is in Postgres. Raises TooMany, Unreadable."""
        await self._polls.limiter.check(scope, rate_limits.LOOK, "exact")
        row = await ask(self._polls.run, selectors.row_of, wanted)
        return PollSnapshot(row) if row is not None else None

    def _made(self, poll_id: str, query: str, token: str) -> Answer | None:
        """The results as a host sees them, or as all strangers do."""
        poll = self._polls.cache.current(poll_id) if not query else None
        if poll is None or token and not self._polls.knows_host(token, poll.row):
            return None
        found = news_of(poll, "results", shapes.results, Viewer(host=bool(token)), now_ms()).answer
        return found if token or found.shared else None


# ---------------------------------------------------------------------------------------------------- files, in thread jobs
def poll_file(environ: WSGIEnvironment, wanted: str, kind: str) -> Any:
    """A poll's file, by its id or code. Raises NotFound, Unproven, Forbidden."""
    return _file(environ, poll_or_404(wanted), kind, exports.full)


def session_file(environ: WSGIEnvironment, wanted: str, kind: str) -> Any:
    """A session's file, by its id. Raises NotFound, Unproven, Forbidden."""
    return _file(environ, voting_session.session_or_404(wanted), kind, voting_session.exported)


def _file(environ: WSGIEnvironment, poll: Poll, kind: str, shape: exports.Shape) -> Any:
    """The results as this viewer may see them (B8), as of now."""
    now, viewer = clock.now(), permissions.viewer_of(request_of(environ), poll)
    view = shapes.results(row_of(poll), viewer, milliseconds(now))
    return exports.export(view, kind=kind, exported_at=now, shape=shape)
