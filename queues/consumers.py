"""The WebSockets of a line. After connecting a socket never touches the ORM: it follows the line's topic, which this process
reads once for all its sockets."""

import asyncio
import time
from collections.abc import Callable
from contextlib import suppress

import orjson
from drf_spectacular.utils import OpenApiParameter

from core.asgi_requests import header, query
from core.asgi_types import Scope
from core.identifiers import canonical_id
from queues import shapes
from queues.edge.lines import Line, Lines
from queues.edge.snapshots import GUEST, HOST_HEADER, proofs
from queues.edge.versions import beat_s, newest
from realtime.conditional import Answer
from realtime.consumers import ENDED, NORMAL, Consumer
from realtime.fanout import Done
from realtime.hosts import FRESH_S
from realtime.postgres import Unreadable
from web.openapi import MAY_BE_HOST, SOCKET, operation

PING_EVERY_S = 30.0
PING = '{"type":"ping"}'
CLOSED = '{"type":"closed"}'
# How a guest's last message begins (queues/shapes.py: guest).
ENDS = (b'{"type":"removed"', b'{"type":"closed"')
# A host of a long line hears of changes no faster than this: its snapshot is whole each time.
HOST_BYTES_PER_S = 5_000_000
_TOKEN = OpenApiParameter("hostToken", str, OpenApiParameter.QUERY, description="The host token.")


def guests_beat_s() -> float:
    """How often a guest's socket is pinged."""
    return PING_EVERY_S


def hosts_beat_s() -> float:
    """How often a host's token is asked about: it may end without anything happening in the line."""
    return min(FRESH_S, PING_EVERY_S)


class _OfLine(Consumer):
    """A socket that is only let in where there is a line."""

    line: Line
    code: str

    def __init__(self, lines: Lines) -> None:
        super().__init__(lines.hub)
        self._lines = lines

    async def admit(self, scope: Scope) -> int:
        """404; 503: try again."""
        self.code = scope["url_route"]["kwargs"]["code"].upper()
        try:
            if (line := await self._lines.get(self.code)) is None:
                return 404
            self.line = line
            return await self._refusal(scope)
        except Unreadable:
            return 503

    async def _refusal(self, scope: Scope) -> int:
        return 0

    def _follow_line(self, every_s: Callable[[], float]) -> None:
        self.enter(self._lines.follow(self.code, self.line))
        self.begin(every_s)


class LineSocket(_OfLine):
    """/api/queue/{code}/connect, for old clients (contract queueup.md): what the snapshot says, and what changes."""

    _party_id = _token = ""
    _version = -1
    _last = b""
    _pinged_at = 0.0

    async def _refusal(self, scope: Scope) -> int:
        """401, 403, 404; sets the party of a guest, or the token of a host."""
        parameters = query(scope)
        token = header(scope, HOST_HEADER) or parameters.get("hostToken", "")
        party_id = "" if token else canonical_id(parameters.get("partyId", ""))
        if party_id:
            self._party_id = party_id
            return 404 if await self._lines.guest(self.line, party_id) is None else 0
        shown = [token] if token else proofs(scope, self.line)
        for each in shown:
            if await self._lines.is_host(each, self.line.row):
                self._token = each
                return 0
        return 403 if shown else 401

    @operation("connect_to_line", answers=SOCKET, refuses=(401, 404), parameters=[MAY_BE_HOST, GUEST, _TOKEN])
    async def connect(self) -> None:
        """WebSocket of the line, for its host or one guest."""
        await self.accept()
        self._pinged_at = time.monotonic()
        self._follow_line(hosts_beat_s if self._token else guests_beat_s)

    async def step(self) -> None:
        """Tells the newest state if that was not told yet. Raises Done once the place, the line or the token has ended."""
        line: Line | None = self.topic.state
        if self._token:
            await self._prove(line)
        if self.topic.gone:
            raise Done
        if line is not None and line.version > self._version:
            self._version = line.version
            await (self._tell_host(line) if self._token else self._tell_guest(line))
        if time.monotonic() - self._pinged_at > 0.9 * PING_EVERY_S:  # a beat may come a little early
            self._pinged_at = time.monotonic()
            await self.say(PING)

    async def _prove(self, line: Line | None) -> None:
        """Whether a host's token is good still, when Postgres can be asked."""
        with suppress(Unreadable):
            if line is not None and not await self._lines.is_host(self._token, line.row):
                await self.end(ENDED, "this host token has ended")

    async def _tell_host(self, line: Line) -> None:
        shown = line.answer("host_message", shapes.host_message)
        await self.say(shown.text)
        if line.row["closed"]:
            await self.say(CLOSED)
            await self.end(NORMAL, "closed")
        if line.long:
            await asyncio.sleep(len(shown.body) / HOST_BYTES_PER_S)

    async def _tell_guest(self, line: Line) -> None:
        shown = line.made(self._party_id) or await self._view(line)
        if shown is None or shown.etag == self._last:
            return
        self._last = shown.etag
        await self.say(shown.text)
        if shown.body.startswith(ENDS):
            await self.end(NORMAL, orjson.loads(shown.body).get("reason", "closed"))

    async def _view(self, line: Line) -> Answer | None:
        """The party's message. A party that left long ago is looked up; waits while Postgres is away."""
        while True:
            try:
                return await self._lines.guest(line, self._party_id)
            except Unreadable:
                await asyncio.sleep(1)


class VersionsSocket(_OfLine):
    """/api/queue/{code}/versions, as the event stream of the same address (queues/edge/versions.py)."""

    async def connect(self) -> None:
        """Says the version at once."""
        await self.accept()
        self._follow_line(beat_s)

    async def step(self) -> None:
        """Says the version. Closes when the line is gone."""
        if (text := newest(self.topic)) is None:
            await self.end(NORMAL, "closed")
        else:
            await self.say(text)
