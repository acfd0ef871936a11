"""The base of all WebSockets: a Channels consumer that follows a topic of this process.

The process has one channel of the channel layer (realtime/pubsub.py). A consumer has none, and no task that waits for news: its
topic wakes it (realtime/fanout.py).
"""

import json
from collections.abc import Callable
from typing import Any, NoReturn

from channels.consumer import get_handler_name
from channels.exceptions import StopConsumer
from channels.generic.websocket import AsyncWebsocketConsumer

from core.asgi_types import Message, Receive, Scope, Send
from realtime.budget import EXCEEDED, WHY, Budget
from realtime.fanout import Done, Follower
from realtime.pubsub import Following, Hub
from realtime.responses import refuse_socket
from realtime.topics import Topic

NORMAL, TRY_LATER, PRIVATE = 1000, 1013, 4000
# The client's proof has ended.
ENDED = 4401
PONG = '{"type":"pong"}'


class Consumer(Follower, AsyncWebsocketConsumer):
    """One socket. Subclasses decide who may connect (`admit`), choose the topic (`connect`), and send what is new (`step`)."""

    groups: Any = ()
    topic: Topic[Any]
    _budget: Budget | None = None
    _following: Following[Any] | None = None

    def __init__(self, hub: Hub) -> None:
        super().__init__()
        self._hub = hub

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serves the socket until it closes, or refuses its handshake."""
        # Daphne, which cannot say why it refuses, closes with 1000 and private codes only.
        self._any_code = "websocket.http.response" in (scope.get("extensions") or {})
        if refusal := await self.admit(scope):
            await refuse_socket(scope, receive, send, refusal)
            return
        try:
            await self.serve(super().__call__(scope, receive, send))
        finally:
            if self._following is not None:
                self._following.leave()

    async def admit(self, scope: Scope) -> int:
        """The HTTP status with which the handshake is refused; 0: it is not."""
        return 0

    def enter(self, following: Following[Any]) -> Topic[Any]:
        """Follows this topic until the socket closes; `begin` starts to send."""
        self._following, self.topic = following, following.enter()
        return self.topic

    def begin(self, every_s: Callable[[], float]) -> None:
        """Calls `step` at each change of the topic from now on, and every `every_s()` seconds. Raises StopConsumer when the first
        step was the last."""
        self.follow(self.topic, self._hub.beat(every_s))
        if self.over:
            raise StopConsumer

    async def say(self, text: str) -> None:
        """Sends one message. Raises OSError when the client is gone."""
        await self.patiently(self.base_send({"type": "websocket.send", "text": text}))

    async def end(self, code: int, reason: str = "") -> NoReturn:
        """Closes the socket and raises Done. Daphne's code for 1008 is 4008."""
        if not self._any_code and code != NORMAL and code < PRIVATE:
            code += PRIVATE - NORMAL
        await self.patiently(self.close(code, reason))
        raise Done

    async def hear(self, text: str) -> None:
        """A message of the client; empty where it is not text. `{"type": "ping"}` is answered, any other is ignored."""
        if parsed(text).get("type") == "ping":
            await self.say(PONG)

    # ---------------------------------------------------------------------------------------------------- Channels' side
    async def dispatch(self, message: Message) -> None:
        """As Channels does, without closing old database connections in a thread each time: a consumer has none."""
        try:
            await getattr(self, get_handler_name(message))(message)
        except (Done, OSError):
            raise StopConsumer from None

    async def websocket_receive(self, message: Message) -> None:
        """Passes a message on to `hear`, as long as the socket's budget lasts."""
        text: str = message.get("text") or ""
        if self._budget is None:
            self._budget = Budget()
        if not self._budget.spend(1, len(text or message.get("bytes") or b"")):
            await self.end(EXCEEDED, WHY)
        await self.hear(text)

    async def websocket_disconnect(self, message: Message) -> None:
        """The client is gone, or the socket was closed."""
        raise StopConsumer


def parsed(text: str) -> dict[str, Any]:
    """A message as a JSON object; an empty object for any other message."""
    try:
        message = json.loads(text)
    except (ValueError, RecursionError):
        return {}
    return message if isinstance(message, dict) else {}
