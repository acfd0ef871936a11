"""The WebSocket of a line, for old clients (contract queueup.md, connect). After connecting a socket never touches the ORM:
it follows the line's topic, which this process reads once for all its sockets."""

import asyncio
from contextlib import nullcontext, suppress
from typing import Any

import orjson

from core.asgi_requests import header, query
from core.asgi_types import Receive, Scope, Send
from core.codes import is_code
from core.identifiers import canonical_id
from queues import shapes
from queues.edge.lines import Line, Lines
from queues.edge.snapshots import HOST_HEADER, proofs
from realtime import streams
from realtime.conditional import Answer
from realtime.fanout import Beat, Done, Teller
from realtime.hosts import FRESH_S
from realtime.postgres import Unreadable
from realtime.pubsub import Topic
from realtime.requests import refuse_socket

PING_EVERY_S = 30.0
PING = '{"type":"ping"}'
# A host of a long line hears of changes no faster than this: its snapshot is whole each time.
HOST_BYTES_PER_S = 5_000_000


class LineSocket:
    """One per process; called for each socket, a host's or a guest's."""

    def __init__(self, lines: Lines) -> None:
        self._lines = lines
        self._pings = Beat(lambda: PING_EVERY_S)
        self._checks = Beat(lambda: FRESH_S)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Refuses the handshake (401, 403, 404; 503: try again), or says at once what the snapshot says, and what changes."""
        code = scope["url_route"]["kwargs"]["code"].upper()
        try:
            line = await self._lines.get(code) if is_code(code) else None
            refusal, party_id, token = (404, "", "") if line is None else await self._who(scope, line)
        except Unreadable:
            line, refusal, party_id, token = None, 503, "", ""
        if line is None or refusal:
            await refuse_socket(scope, receive, send, refusal)
            return
        socket = streams.Socket(receive, send)
        await socket.accept(scope)
        async with self._lines.follow(code, line) as topic:
            told = _Host(socket, topic, self._lines, token) if token else _Guest(socket, topic, self._lines, party_id)
            teller = Teller(told.step)
            # A host's token may end without anything happening in the line.
            with self._pings.on(lambda: told.ping(teller)), self._checks.on(teller.wake) if token else nullcontext():
                await teller.follow(topic, socket.answer_pings())

    async def _who(self, scope: Scope, line: Line) -> tuple[int, str, str]:
        """The HTTP status of a refusal, or 0; the party of a guest, or the token of a host."""
        parameters = query(scope)
        token = header(scope, HOST_HEADER) or parameters.get("hostToken", "")
        party_id = "" if token else canonical_id(parameters.get("partyId", ""))
        if party_id:
            return (404 if await self._lines.guest(line, party_id) is None else 0), party_id, ""
        shown = [token] if token else proofs(scope, line)
        for each in shown:
            if await self._lines.is_host(each, line.row):
                return 0, "", each
        return (403 if shown else 401), "", ""


class _Told:
    """What one socket was told last."""

    __slots__ = ("_ping", "_socket", "_topic", "_version")

    def __init__(self, socket: streams.Socket, topic: Topic[Line]) -> None:
        self._socket = socket
        self._topic = topic
        self._version = -1
        self._ping = False

    def ping(self, teller: Teller) -> None:
        """It is time for a ping."""
        self._ping = True
        teller.wake()

    async def step(self) -> None:
        """Tells the newest state if that was not told yet. Raises Done once the place or the line has ended."""
        if self._ping:
            self._ping = False
            await self._socket.say(PING)
        line = self._topic.state
        if self._topic.gone:
            raise Done
        if line is not None and line.version > self._version:
            self._version = line.version
            await self._tell(line)

    async def _tell(self, line: Line) -> None:
        raise NotImplementedError

    async def _end(self, view: dict[str, Any], reason: str) -> None:
        await self._socket.say(orjson.dumps(view).decode())
        await self._socket.close(streams.NORMAL, reason)
        raise Done


class _Host(_Told):
    __slots__ = ("_lines", "_token")

    def __init__(self, socket: streams.Socket, topic: Topic[Line], lines: Lines, token: str) -> None:
        super().__init__(socket, topic)
        self._lines = lines
        self._token = token

    async def step(self) -> None:
        """As for all; but first whether the token is good still, when Postgres can be asked."""
        line = self._topic.state
        with suppress(Unreadable):
            if line is not None and not await self._lines.is_host(self._token, line.row):
                await self._socket.close(streams.ENDED, "this host token has ended")
                raise Done
        await super().step()

    async def _tell(self, line: Line) -> None:
        shown = line.answer("host_message", shapes.host_message)
        await self._socket.show(shown)
        if line.row["closed"]:
            await self._end({"type": "closed"}, "closed")
        if line.long:
            await asyncio.sleep(len(shown.body) / HOST_BYTES_PER_S)


class _Guest(_Told):
    __slots__ = ("_last", "_lines", "_party_id")

    def __init__(self, socket: streams.Socket, topic: Topic[Line], lines: Lines, party_id: str) -> None:
        super().__init__(socket, topic)
        self._lines = lines
        self._party_id = party_id
        self._last = b""

    async def _tell(self, line: Line) -> None:
        shown = await self._view(line)
        view: dict[str, Any] = orjson.loads(shown.body) if shown is not None else {"type": ""}
        if view["type"] in {"removed", "closed"}:
            await self._end(view, view.get("reason", "closed"))
        if shown is not None and shown.etag != self._last:
            self._last = shown.etag
            await self._socket.show(shown)

    async def _view(self, line: Line) -> Answer | None:
        """What the party is told. Somebody who left long ago is looked up, and waited for while Postgres is away."""
        while True:
            try:
                return await self._lines.guest(line, self._party_id)
            except Unreadable:
                await asyncio.sleep(1)
