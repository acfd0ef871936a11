"""The WebSocket of a line, for old clients (contract queueup.md, connect). After connecting a socket never touches the ORM:
it follows the line's topic, which this process reads once for all its sockets."""

import asyncio
from typing import Any

import orjson

from config.asgi_types import Receive, Scope, Send
from queues import rules, shapes
from queues.tokens import proves_host
from realtime import store, streams
from realtime.hub import Topic
from realtime.line_views import HOST_COOKIE, HOST_HEADER
from realtime.lines import Line
from realtime.postgres import Unreadable
from realtime.reader import Reader
from realtime.scopes import cookie, header, query, refuse_socket

PING_EVERY_S = 30.0
PING = '{"type":"ping"}'


class LineSocket:
    """One per process; called for each socket, a host's or a guest's."""

    def __init__(self, reader: Reader) -> None:
        self._reader = reader
        self._hub = reader.hub

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Refuses the handshake (401, 403, 404; 503: try again), or says at once what the snapshot says, and what changes."""
        code = scope["url_route"]["kwargs"]["code"].upper()
        try:
            line = await self._reader.line(code) if rules.is_code(code) else None
            refusal, party_id = (404, None) if line is None else await self._who(scope, line)
        except Unreadable:
            line, refusal, party_id = None, 503, None
        if line is None or refusal:
            await refuse_socket(scope, send, refusal)
            return
        socket = streams.Socket(receive, send)
        await socket.accept()
        async with self._hub.follow(store.key("line", code), lambda: self._reader.line(code), line) as topic:
            await streams.first_of(self._tell(socket, topic, party_id), socket.answer_pings(), _ping(socket))

    async def _who(self, scope: Scope, line: Line) -> tuple[int, str | None]:
        """The HTTP status of a refusal, or 0; and the party, for a guest."""
        parameters = query(scope)
        session = line.row["sessionId"]
        token = header(scope, HOST_HEADER) or parameters.get("hostToken", "")
        if token:
            return (0 if proves_host(token, session) else 403), None
        if party_id := parameters.get("partyId", "").lower():
            return (404 if await self._reader.guest(line, party_id) is None else 0), party_id
        token = cookie(scope, HOST_COOKIE)
        if token:
            return (0 if proves_host(token, session) else 403), None
        return 401, None

    async def _tell(self, socket: streams.Socket, topic: Topic[Line], party_id: str | None) -> None:
        """The newest state whenever there is one, until the place or the line ends."""
        version = -1
        called_until: int | None = None
        while not topic.gone:
            line = await topic.newer(version, within_s=PING_EVERY_S)
            if line is None:
                continue
            version = line.version
            if party_id is None:
                await socket.say(line.answer("host_message", shapes.host_message).text)
                if line.row["closed"]:
                    await _end(socket, {"type": "closed"}, "closed")
                    return
                continue
            view = await self._guest_view(line, party_id)
            match view["type"]:
                case "position":
                    called_until = None
                    await _say(socket, view)
                case "called" if view["deadline"] != called_until:
                    called_until = view["deadline"]
                    await _say(socket, view)
                case "removed" | "closed":
                    await _end(socket, view, view.get("reason", "closed"))
                    return

    async def _guest_view(self, line: Line, party_id: str) -> dict[str, Any]:
        """What the party is told. Somebody who left long ago is looked up, and waited for while Postgres is away."""
        while True:
            try:
                view = await self._reader.guest(line, party_id)
            except Unreadable:
                await asyncio.sleep(1)
                continue
            told: dict[str, Any] = orjson.loads(view.body) if view is not None else {"type": ""}
            return told


async def _ping(socket: streams.Socket) -> None:
    while True:
        await asyncio.sleep(PING_EVERY_S)
        await socket.say(PING)


async def _say(socket: streams.Socket, view: dict[str, Any]) -> None:
    await socket.say(orjson.dumps(view).decode())


async def _end(socket: streams.Socket, view: dict[str, Any], reason: str) -> None:
    await _say(socket, view)
    await socket.close(streams.NORMAL, reason)
