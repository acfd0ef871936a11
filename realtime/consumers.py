"""WebSocket of a line, for old clients (contract queueup.md, connect). After connecting a socket never touches the ORM: it
hears "version n" from Channels and reads the newest state from the process's reader."""

import asyncio
import json
import logging
from typing import Any

from channels.generic.websocket import AsyncWebsocketConsumer

from queues import shapes
from queues.tokens import proves_host
from realtime.broadcast import group_of
from realtime.edge import HOST_COOKIE, HOST_HEADER, cookie, query
from realtime.origins import header
from realtime.reader import Line, Reader

logger = logging.getLogger(__name__)

PING_EVERY_S = 30.0
NORMAL = 1000


class LineConsumer(AsyncWebsocketConsumer):
    """One socket: a host's, or a guest's (`party_id`)."""

    reader: Reader
    code: str
    group: str = ""
    party_id: str | None = None
    version: int = -1
    _called_until: int | None = None
    _pinging: asyncio.Task[None] | None = None

    async def connect(self) -> None:
        """Refuses the handshake with 401, 403 or 404, or accepts and says at once what the snapshot says."""
        self.reader = self.scope["reader"]
        self.code = self.scope["url_route"]["kwargs"]["code"].upper()
        line = await self.reader.line(self.code)
        if line is None:
            await self._refuse(404)
            return
        refusal = await self._identify(line)
        if refusal:
            await self._refuse(refusal)
            return
        # First listen, then look: a change between the two would be missed the other way round.
        self.group = group_of(line.row["sessionId"])
        try:
            await self.channel_layer.group_add(self.group, self.channel_name)
        except Exception as problem:  # without Redis a socket would stay silent: better that the client tries again
            logger.warning("no socket without Redis", extra={"problem": repr(problem)})
            self.group = ""
            await self._refuse(503)
            return
        await self.accept()
        self._pinging = asyncio.create_task(self._ping())
        await self._tell(await self.reader.line(self.code) or line)

    async def _identify(self, line: Line) -> int | None:
        """Sets `party_id` for a guest; the HTTP status of the refusal for somebody who is neither guest nor host."""
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

    async def _refuse(self, status: int) -> None:
        """An HTTP answer in place of the handshake where the server can give one; 403 is what the others give."""
        if "websocket.http.response" in self.scope.get("extensions", {}):
            await self.base_send({"type": "websocket.http.response.start", "status": status, "headers": []})
            await self.base_send({"type": "websocket.http.response.body", "body": b""})
        else:
            await self.close()

    async def disconnect(self, code: int) -> None:
        """Stops listening."""
        if self._pinging is not None:
            self._pinging.cancel()
        if self.group:
            try:
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
        if event["version"] <= self.version:
            return
        line = await self.reader.line(self.code)
        if line is not None and line.version > self.version:
            await self._tell(line)

    # ---------------------------------------------------------------------------------------------------------- parts
    async def _tell(self, line: Line) -> None:
        self.version = line.version
        if self.party_id is None:
            await self.send(text_data=line.answer("host_message", shapes.host_message).body.decode())
            if line.row["closed"]:
                await self._end({"type": "closed"}, "closed")
            return
        view = await self.reader.guest(line, self.party_id)
        told: shapes.View = json.loads(view.body) if view else {"type": "closed"}
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
        await self._say(message)
        await self.close(code=NORMAL, reason=reason)

    async def _say(self, message: shapes.View) -> None:
        await self.send(text_data=json.dumps(message, separators=(",", ":")))

    async def _ping(self) -> None:
        while True:
            await asyncio.sleep(PING_EVERY_S)
            await self._say({"type": "ping"})
