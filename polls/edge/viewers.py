"""Who looks at a poll on the event loop, and what they are shown: made once for all who see the same (B8)."""

import io
import time
from collections.abc import Callable
from typing import NamedTuple

from core import clock
from core.asgi_requests import cookie, header, query
from core.asgi_types import Scope
from core.errors import Refused
from polls import permissions, rules, shapes
from polls.edge.polls import Polls, PollSnapshot
from polls.rules import Viewer
from queues.edge.snapshots import HOST_HEADER
from realtime import streams
from realtime.conditional import Answer
from realtime.django.wsgi_environ import environ
from realtime.fanout import Done
from realtime.hosts import FRESH_S
from realtime.postgres import Unreadable, ask
from realtime.topics import Topic

Shape = Callable[[shapes.Row, Viewer, int], object]


def now_ms() -> int:
    """The database's time in ms since 1970, as far as this process knows it without asking (core/clock.py)."""
    return clock.estimate.now_ms()


async def viewer_of(polls: Polls, scope: Scope, poll: PollSnapshot) -> Viewer:
    """Who asks. An anonymous viewer, or a host by token, costs no thread job. Raises Refused, Unreadable."""
    row = poll.row
    limit = permissions.asked_as(query(scope).get("as", ""))
    if limit == permissions.PUBLIC:
        return Viewer()
    token = "" if limit else header(scope, HOST_HEADER) or cookie(scope, permissions.host_cookie(row["code"]))
    if token and not header(scope, b"api-key") and await polls.is_host(token, row):
        return Viewer(host=True)
    may_be_host = token or not limit and header(scope, b"api-key")
    may_have_voted = header(scope, b"cookie") or _knows_addresses(row)
    if not may_be_host and (not may_have_voted or _sees(poll, Viewer(), now_ms())):
        return Viewer()
    asked = {"method": "GET", "http_version": "1.1", **scope}
    found: Viewer = await ask(polls.run, permissions.viewer_for, environ(asked, io.BytesIO(), 0), row["id"])
    return found


def hosts_beat_s() -> float:
    """How often the proof of a host who follows a poll is checked, in seconds."""
    return FRESH_S


def beat_of(viewer: Viewer) -> Callable[[], float]:
    """How often a follower is woken without news, in seconds."""
    return hosts_beat_s if viewer.host else streams.heartbeat_s


def _knows_addresses(row: shapes.Row) -> bool:
    """Whether a request without cookies may be a voter's, who sees more than others."""
    return bool(row["dedupe"] == "address" and row["visibility"] == rules.AFTER_VOTING)


def _sees(poll: PollSnapshot, viewer: Viewer, now: int) -> bool:
    closed = shapes.is_closed(poll.row, now)
    return rules.may_see_counts(visibility=poll.row["visibility"], closed=closed, viewer=viewer)


def end_of_round(poll: PollSnapshot) -> str:
    """The id of a message that says "closed" and tells nothing of how many ballots there are."""
    return f"{poll.version >> shapes.EPOCH_SHIFT}.closed"


def last_mark(poll: PollSnapshot, viewer: Viewer, now: int) -> str | None:
    """The id of the last message of a closed poll; None while there are more to come. The version of a poll that is over by
    its end and not yet swept may have been shown open, too."""
    swept = poll.row["status"] == rules.CLOSED
    over = swept or (shapes.is_closed(poll.row, now) and not _sees(poll, viewer, now))
    return news_of(poll, "results", shapes.results, viewer, now).mark if over else None


class News(NamedTuple):
    """A view of one version of a poll in one phase, for all viewers who see the same."""

    poll: PollSnapshot
    answer: Answer
    closed: bool
    # The id of a message with the results view: the version. It would tell how many ballots came in, so viewers to whom they are
    # hidden get an id only at the end.
    mark: str
    # When the clock ends the phase, in ms since 1970.
    turn_ms: int | None


def news_of(poll: PollSnapshot, name: str, shape: Shape, viewer: Viewer, now: int) -> News:
    """The view `name` for this viewer; made once per version, viewer and phase."""
    key = (name, viewer.host, viewer.voted, shapes.phase(poll.row, now))
    if (news := poll.news.get(key)) is None:
        sees, closed = _sees(poll, viewer, now), shapes.is_closed(poll.row, now)
        # All anonymous viewers see the same, unless one may have voted from its address.
        shared = viewer == Viewer() and (sees or not _knows_addresses(poll.row))
        answer = Answer(shape(poll.row, viewer, now), shared=shared, cdn=True)
        mark = str(poll.version) if sees else end_of_round(poll) if closed else ""
        news = poll.news[key] = News(poll, answer, closed, mark, shapes.next_turn_ms(poll.row, now))
    return news


class Watch:
    """One viewer who follows a view of a poll: what they were shown last, and whether a host still is one."""

    __slots__ = ("_asked", "_checked_at", "_etag", "_name", "_polls", "_shape", "at", "closed", "topic", "viewer")

    def __init__(
        self, polls: Polls, scope: Scope, topic: Topic[PollSnapshot], viewer: Viewer, name: str, shape: Shape
    ) -> None:
        self._polls, self.topic, self.viewer, self._name, self._shape = polls, topic, viewer, name, shape
        # Only a host has proved something that can end.
        self._asked = scope if viewer.host else None
        self._checked_at = time.monotonic()
        self._etag = b""
        # When it was shown last (ms), and whether closed: nothing more comes.
        self.at = 0
        self.closed = False

    async def require_proof(self) -> None:
        """Raises Done when a host is one no more, and others do not see as much; asks again every few seconds."""
        poll = self.topic.state
        if self._asked is None or poll is None or time.monotonic() - self._checked_at < FRESH_S / 2:
            return
        self._checked_at = time.monotonic()
        try:
            viewer = await viewer_of(self._polls, self._asked, poll)
        except Refused:
            raise Done from None
        except Unreadable:  # nothing changes either while Postgres is away
            return
        if not viewer.host and not _sees(poll, viewer, now_ms()):
            raise Done

    def news(self) -> News | None:
        """What has changed for this viewer since the last call; hidden ballots change nothing. Wakes the followers at the poll's
        start and end, which come by the clock."""
        poll = self.topic.state
        if poll is None or self.topic.gone or self.closed:
            return None
        # One time for all: a poll that ends while its last ballot is sent must still be shown closed.
        self.at = now_ms()
        news = news_of(poll, self._name, self._shape, self.viewer, self.at)
        if news.turn_ms is not None:
            self.topic.wake_at_ms(news.turn_ms)
        if news.answer.etag == self._etag:
            return None
        self._etag, self.closed = news.answer.etag, news.closed
        return news
