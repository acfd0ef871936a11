"""The hot paths of polls: results by polling (304), by Server-Sent Events and by WebSocket, all of one row, all shaped for
one viewer by polls/shapes.py (B8). The contracts' shapes are theirs (polls/contracts)."""

import asyncio
import io
import re
import time
from collections.abc import Callable
from typing import Any

import orjson

from core import clock, rate_limits
from core.asgi_requests import cookie, header, query
from core.asgi_types import Receive, Scope, Send
from core.codes import CODE_IN_ANY_CASE
from core.errors import Refused
from polls import permissions, rules, selectors, shapes
from polls.contracts import edge_poll, voting_session
from polls.edge.polls import Polls, PollSnapshot
from polls.refusals import NO_SUCH_POLL
from polls.rules import Viewer
from queues.edge.snapshots import HOST_HEADER
from realtime import streams
from realtime.conditional import Answer, conditional
from realtime.django.wsgi_environ import environ
from realtime.fanout import Done
from realtime.hosts import FRESH_S
from realtime.not_modified import Shared
from realtime.postgres import Unreadable, ask
from realtime.pubsub import Topic
from realtime.responses import answer, language_of, no_more, refuse, try_again

POLL_ID = re.compile(rf"[0-9A-Fa-f]{{8}}(-[0-9A-Fa-f]{{4}}){{3}}-[0-9A-Fa-f]{{12}}|{CODE_IN_ANY_CASE}")
# The contract's stream tells of a changed count at most once a second.
SESSION_GAP_S = 1.0
LAST_EVENT = b"last-event-id"

Shape = Callable[[shapes.Row, Viewer, int], object]


def now_ms() -> int:
    """The database's time in ms since 1970, as far as this process knows it without asking (core/clock.py)."""
    return clock.estimate.now_ms()


class PollViews:
    """One per process."""

    def __init__(self, polls: Polls) -> None:
        self._polls = polls
        self.shared = Shared("/api/polls/{poll}/results", "/api/polls/", "/results", self._in_memory)

    # ------------------------------------------------------------------------------------------------------------ HTTP
    async def results(self, scope: Scope, receive: Receive, send: Send, wanted: str) -> None:
        """How the poll stands; counts that this viewer may not see are null."""
        await self._view(scope, send, wanted, "results", results_view)

    async def configuration(self, scope: Scope, receive: Receive, send: Send, wanted: str) -> None:
        """The configuration, with the counts."""
        await self._view(scope, send, wanted, "edge", edge_poll.configuration_view, public=True)

    async def edge_results(self, scope: Scope, receive: Receive, send: Send, wanted: str) -> None:
        """The counts, also by shard."""
        await self._view(scope, send, wanted, "edge-results", edge_poll.results_view, public=True)

    async def stream(self, scope: Scope, receive: Receive, send: Send, wanted: str) -> None:
        """The results whenever they change, until the poll is closed. A message's id is its version.

        204 for a client that has been told so and comes again by itself.
        """
        found = await self._found(scope, send, wanted)
        if found is None:
            return
        poll, viewer = found
        if header(scope, LAST_EVENT) == _last_mark(poll, viewer, now_ms()):
            await no_more(send)
            return

        async with self._follow(poll) as topic:
            seen = Seen(topic, "results", results_view, viewer)
            proof = Proof(self._polls, scope, topic, viewer)

            async def tell(events: streams.EventStream) -> None:
                await proof.require()
                if (news := seen.news()) is not None:
                    shown, made, now = news
                    await events.show(made, mark=_mark(shown, viewer, now))
                if topic.gone or seen.closed:
                    raise Done

            await streams.stream(scope, receive, send, topic, tell, beats=self._polls.hub.beat(beat_of(viewer)))

    async def session_stream(self, scope: Scope, receive: Receive, send: Send, wanted: str) -> None:
        """Events init, update, ..., closed. Messages are in the language asked for.

        204 as for `stream`.
        """
        found = await self._found(scope, send, wanted)
        if found is None:
            return
        poll, viewer = found
        if shapes.is_closed(poll.row, now_ms()) and header(scope, LAST_EVENT) == _end_of_round(poll):
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
                    shown, _, now = news
                    await events.say(orjson.dumps({"event": event, "data": shape(shown.row, viewer, now)}))
                    event, shape = "update", voting_session.update_view
                    if not seen.closed:
                        await asyncio.sleep(SESSION_GAP_S)
                    elif not topic.gone:
                        closing = orjson.dumps(
                            {"event": "closed", "data": voting_session.closed_view(language_of(scope))}
                        )
                        await events.say(closing, mark=_end_of_round(shown))
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
            await conditional(scope, send, made_for(found[0], name, shape, found[1], now_ms()))

    async def _found(
        self, scope: Scope, send: Send, wanted: str, *, public: bool = False, exact: bool = False
    ) -> tuple[PollSnapshot, Viewer] | None:
        """The poll and who asks; None when the request is answered already. `public`: everybody is a stranger there.
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
        return results_for(poll, Viewer()) if poll is not None else None

    def _follow(self, poll: PollSnapshot) -> Any:
        """The poll's topic. It begins with what was just read, so that nobody waits for the first look."""
        return self._polls.follow(poll.row["id"], poll)


async def viewer_of(polls: Polls, scope: Scope, poll: PollSnapshot) -> Viewer:
    """Who asks. Mostly nobody in particular, or a host by token: only others cost a thread job. Raises Refused."""
    row = poll.row
    limit = permissions.asked_as(query(scope).get("as", ""))
    if limit == permissions.PUBLIC:
        return Viewer()
    token = "" if limit else header(scope, HOST_HEADER) or cookie(scope, permissions.host_cookie(row["code"]))
    if token and not header(scope, b"api-key") and await polls.is_host(token, row):
        return Viewer(host=True)
    by_address = row["dedupe"] == "address" and row["visibility"] == rules.AFTER_VOTING
    unknown_to_us = not header(scope, b"cookie") and not by_address
    if not token and (limit or not header(scope, b"api-key")) and (unknown_to_us or _sees(poll, Viewer(), now_ms())):
        return Viewer()
    asked = {"method": "GET", "http_version": "1.1", **scope}
    found: Viewer = await ask(polls.run, permissions.viewer_for, environ(asked, io.BytesIO(), 0), row["id"])
    return found


def hosts_beat_s() -> float:
    """How often a host who follows a poll is asked about."""
    return FRESH_S


def beat_of(viewer: Viewer) -> Callable[[], float]:
    """How often one who follows is looked at, in seconds."""
    return hosts_beat_s if viewer.host else streams.heartbeat_s


def is_poll(wanted: str) -> bool:
    """Whether this may be a poll's id or code at all."""
    return POLL_ID.fullmatch(wanted) is not None


def results_view(row: shapes.Row, viewer: Viewer, now: int) -> object:
    return shapes.results(row, viewer, now_ms=now)


def _sees(poll: PollSnapshot, viewer: Viewer, now: int) -> bool:
    closed = shapes.is_closed(poll.row, now)
    return rules.may_see_counts(visibility=poll.row["visibility"], closed=closed, viewer=viewer)


def _end_of_round(poll: PollSnapshot) -> str:
    """The id of a message that says "closed" and tells nothing of how many ballots there are."""
    return f"{poll.version >> shapes.EPOCH_SHIFT}.closed"


def _mark(poll: PollSnapshot, viewer: Viewer, now: int) -> str:
    """The id of a message with the results view: the version. It would tell how many ballots came in, so viewers to whom
    they are hidden get an id only at the end."""
    if _sees(poll, viewer, now):
        return str(poll.version)
    return _end_of_round(poll) if shapes.is_closed(poll.row, now) else ""


def _last_mark(poll: PollSnapshot, viewer: Viewer, now: int) -> str | None:
    """The id of the last message of a closed poll; None while there are more to come. The version of a poll that is over by
    its end and not yet swept may have been shown open, too."""
    swept = poll.row["status"] == rules.CLOSED
    over = swept or (shapes.is_closed(poll.row, now) and not _sees(poll, viewer, now))
    return _mark(poll, viewer, now) if over else None


def made_for(poll: PollSnapshot, name: str, shape: Shape, viewer: Viewer, now: int) -> Answer:
    """The view `name` for this viewer; made once per version, viewer and phase."""
    full = f"{name}:{viewer.host:d}{viewer.voted:d}{shapes.phase(poll.row, now)}"
    return poll.answer(full, lambda row: shape(row, viewer, now), shared=_is_shared(poll, viewer, now))


def results_for(poll: PollSnapshot, viewer: Viewer) -> Answer:
    """What GET .../results answers this viewer."""
    return made_for(poll, "results", results_view, viewer, now_ms())


def _is_shared(poll: PollSnapshot, viewer: Viewer, now: int) -> bool:
    """Whether all who show nothing of themselves see the same; where voters are known by their address, some see more."""
    by_address = poll.row["dedupe"] == "address" and poll.row["visibility"] == rules.AFTER_VOTING
    return viewer == Viewer() and (not by_address or _sees(poll, viewer, now))


class Proof:
    """Whether a host who follows a poll is still one. Others proved nothing that could end."""

    __slots__ = ("_asked", "_checked_at", "_polls", "_topic")

    def __init__(self, polls: Polls, scope: Scope, topic: Topic[PollSnapshot], viewer: Viewer) -> None:
        self._polls, self._topic = polls, topic
        self._asked = scope if viewer.host else None
        self._checked_at = time.monotonic()

    async def require(self) -> None:
        """Raises Done when they are not, and others do not see as much; asks again every few seconds."""
        poll = self._topic.state
        if self._asked is None or poll is None or time.monotonic() - self._checked_at < FRESH_S / 2:
            return
        self._checked_at = time.monotonic()
        try:
            viewer = await viewer_of(self._polls, self._asked, poll)
        except Refused:
            raise Done from None
        except Unreadable:  # then nothing changes either
            return
        if not viewer.host and not _sees(poll, viewer, now_ms()):
            raise Done


class Seen:
    """What one viewer of a poll was shown last, of a view of it."""

    __slots__ = ("_etag", "_name", "_shape", "_topic", "_viewer", "closed")

    def __init__(self, topic: Topic[PollSnapshot], name: str, shape: Shape, viewer: Viewer) -> None:
        self._topic, self._name, self._shape, self._viewer = topic, name, shape, viewer
        self._etag = b""
        # Whether it was shown closed: nothing more comes.
        self.closed = False

    def news(self) -> tuple[PollSnapshot, Answer, int] | None:
        """The poll, the view and the time (ms) it is of, if this viewer's view has changed since it was last taken; hidden
        ballots change nothing. Sees to it that the poll's start and end, which come by the clock, are news too."""
        shown, now = self._topic.state, now_ms()
        if shown is None or self._topic.gone or self.closed:
            return None
        # One time for all: a poll that ends while its last ballot is being told must still be shown closed.
        made = made_for(shown, self._name, self._shape, self._viewer, now)
        closed = shapes.is_closed(shown.row, now)
        if (turn := shapes.next_turn_ms(shown.row, now)) is not None:
            self._topic.wake_at_ms(turn)
        if made.etag == self._etag:
            return None
        self._etag, self.closed = made.etag, closed
        return shown, made, now
