"""WebSocket of a line, for old clients (contract queueup.md, connect). After connecting a socket never touches the ORM: it
hears "version n" from Channels and reads the newest state from the process's reader."""

import asyncio
import json
import logging
from typing import Any

from channels.generic.websocket import AsyncWebsocketConsumer

from config.asgi_types import Receive, Scope, Send
from queues import rules, shapes
from queues.tokens import proves_host
from realtime.broadcast import group_of
from realtime.cache import Unavailable
from realtime.line_views import HOST_COOKIE, HOST_HEADER
from realtime.reader import Line, Reader
from realtime.rows import Unreadable
from realtime.scopes import cookie, header, query, refuse_socket

logger = logging.getLogger(__name__)

PING_EVERY_S = 30.0
NORMAL = 1000
# How long a socket waits for a Redis that has just answered, to begin or to stop listening.
REDIS_PATIENCE_S = 2.0


class LineConsumer(AsyncWebsocketConsumer):
    """One socket: a host's, or a guest's (`party_id`)."""

    reader: Reader
    code: str
    line: Line
    group: str = ""
    party_id: str | None = None
    version: int = -1
    _called_until: int | None = None
    _pinging: asyncio.Task[None] | None = None
    _begun: bool = False
    _over: bool = False

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serves one socket. Channels asks Redis for its channel before `connect`; without Redis it is refused (503)."""
        try:
            await super().__call__(scope, receive, send)
        except Unavailable as problem:
            if self._begun:
                raise
            logger.warning("no socket without Redis", extra={"problem": repr(problem)})
            await refuse_socket(scope, send, 503)

    async def connect(self) -> None:
        """Refuses the handshake (401, 403, 404; 503: try again), or accepts and says at once what the snapshot says."""
        self._begun = True
        self.reader = self.scope["reader"]
        self.code = self.scope["url_route"]["kwargs"]["code"].upper()
        try:
            refusal = await self._identify() or await self._listen()
        except Unreadable:
            refusal = 503
        if refusal:
            await refuse_socket(self.scope, self.base_send, refusal)
            return
        await self.accept()
        self._pinging = asyncio.create_task(self._ping())
        await self._tell(self.line)

    async def _identify(self) -> int | None:
        """Finds the line, and who asks: sets `party_id` for a guest. The HTTP status of the refusal, or None."""
        line = await self.reader.line(self.code) if rules.is_code(self.code) else None
        if line is None:
            return 404
        self.line = line
        parameters = query(self.scope)
        session = line.row["sessionId"]
        token = header(self.scope, HOST_HEADER) or parameters.get("hostToken", "")
        if token:
            return None if proves_host(token, session) else 403
        if party_id := parameters.get("partyId", "").lower():
            if await self.reader.guest(line, party_id) is None:
                return 404
            self.party_id = party_id
            return None
        token = cookie(self.scope, HOST_COOKIE)
        if token:
            return None if proves_host(token, session) else 403
        return 401

    async def _listen(self) -> int | None:
        """Joins the line's group, then looks again: a change between the two would be missed the other way round."""
        self.group = group_of(self.line.row["sessionId"])
        try:
            async with asyncio.timeout(REDIS_PATIENCE_S):
                await self.channel_layer.group_add(self.group, self.channel_name)
        except Exception as problem:  # without Redis a socket would stay silent: better that the client tries again
            logger.warning("no socket without Redis", extra={"problem": repr(problem)})
            return 503
        self.line = await self.reader.line(self.code) or self.line
        return None

    async def disconnect(self, code: int) -> None:
        """Stops listening."""
        if self._pinging is not None:
            self._pinging.cancel()
        if self.group:
            try:
                async with asyncio.timeout(REDIS_PATIENCE_S):
                    await self.channel_layer.group_discard(self.group, self.channel_name)
            except Exception as problem:  # Redis is away, and with it the membership
                logger.debug("not discarded", extra={"problem": repr(problem)})

    async def receive(self, text_data: str | None = None, bytes_data: bytes | None = None) -> None:
        """Answers a ping; whatever else a client says is not for us."""
        try:
            message = json.loads(text_data or "")
        except (ValueError, RecursionError):
            return
        if isinstance(message, dict) and message.get("type") == "ping":
            await self._say({"type": "pong"})

    async def line_changed(self, event: dict[str, Any]) -> None:
        """Channels' message "the line is at version n": tells the newest state, unless this socket has it."""
        if self._over or event["version"] <= self.version:
            return
        try:
            line = await self.reader.line(self.code)
            if line is not None and line.version > self.version:
                await self._tell(line)
        except Unreadable as problem:  # the timers tell it again
            logger.warning("a change could not be read", extra={"problem": repr(problem.__cause__)})

    # ---------------------------------------------------------------------------------------------------------- parts
    async def _tell(self, line: Line) -> None:
        if self.party_id is None:
            self.version = line.version
            await self.send(text_data=line.answer("host_message", shapes.host_message).body.decode())
            if line.row["closed"]:
                await self._end({"type": "closed"}, "closed")
            return
        view = await self.reader.guest(line, self.party_id)
        self.version = line.version
        if view is None:
            return
        told = json.loads(view.body)
        match told["type"]:
            case "position":
                self._called_until = None
                await self._say(told)
            case "called" if told["deadline"] != self._called_until:
                self._called_until = told["deadline"]
                await self._say(told)
            case "removed" | "closed":
                await self._end(told, told.get("reason", "closed"))

    async def _end(self, message: shapes.View, reason: str) -> None:
        self._over = True
        await self._say(message)
        await self.close(code=NORMAL, reason=reason)

    async def _say(self, message: shapes.View) -> None:
        await self.send(text_data=json.dumps(message, separators=(",", ":")))

    async def _ping(self) -> None:
        while True:
            await asyncio.sleep(PING_EVERY_S)
            await self._say({"type": "ping"})
