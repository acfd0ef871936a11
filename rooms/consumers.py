"""The WebSocket of a live room, /api/vote_ws/ (contract vote-websocket.md): auth, history, votes, a tick each second."""

import asyncio
import math
import time
from typing import Any
from uuid import UUID

from core.asgi_types import Receive, Scope, Send
from realtime.consumers import ENDED, NORMAL, TRY_LATER, Consumer, parsed
from realtime.postgres import Unreadable, ask
from realtime.streams import heartbeat_s
from rooms.edge.room import Rooms
from rooms.tokens import proves_participant
from venues.authentication import proves_account
from web.openapi import SOCKET, operation

AUTH_WITHIN_S = 10.0
# How often an account's token is checked: the account may be closed, or get a new password, while it votes.
ASK_AGAIN_S = 2.0
REFUSED = 4401
VALUES = {"yes", "no", "cancel"}
LONGEST_ID = 64


class VoteSocket(Consumer):
    """One socket."""

    _room: UUID | None = None
    _entered = False
    # The account's token, if that was the proof, and when it was last checked.
    _account = ""
    _asked_at = 0.0
    # The last second sent, and the one that the client knew before.
    _seen = -1
    _since = 0
    _late: asyncio.TimerHandle | None = None

    def __init__(self, rooms: Rooms) -> None:
        super().__init__(rooms.hub)
        self._rooms = rooms

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serves the socket until it or the room closes, then takes it from its user."""
        try:
            await super().__call__(scope, receive, send)
        finally:
            if self._late is not None:
                self._late.cancel()
            if self._entered and self._room is not None:
                await self._rooms.leave(self._room, self._user)

    @operation("connect_to_room", answers=SOCKET)
    async def connect(self) -> None:
        """WebSocket of a room: say {"auth": {"user_id", "token", "room", "since"}} first, then {"vote": {"value", "ts"}}."""
        self._late = asyncio.get_running_loop().call_later(AUTH_WITHIN_S, self.wake)
        await self.accept()

    async def hear(self, text: str) -> None:
        """First the proof, then votes."""
        message = parsed(text)
        if self._room is None:
            await self._begin(message.get("auth"))
            return
        vote = read_vote(message)
        if isinstance(vote, str):
            await self.say(f'{{"error":"{vote}"}}')
        elif self._entered:
            await self._rooms.vote(self._room, self._user, *vote)

    async def _begin(self, auth: object) -> None:
        try:
            proven = await self._prove(auth)
        except Unreadable:
            await self.end(TRY_LATER, "try again")
        if proven is None:
            await self.end(REFUSED, "not valid")
        self._room, self._user, self._account = proven
        self._since, self._asked_at = read_since(auth), time.monotonic()
        topic = self.enter(self._rooms.follow(self._room))
        history = topic.state or await topic.newer(-1, within_s=AUTH_WITHIN_S)
        if topic.gone:
            await self.end(REFUSED, "not valid")
        if history is None:
            await self.end(TRY_LATER, "try again")
        if not history.closed:
            await self._rooms.enter(self._room, self._user)
            self._entered = True
        self.begin(heartbeat_s)

    async def step(self) -> None:
        """Sends the seconds counted since the last one sent. Raises Done once the room is closed, or the proof has ended."""
        if self._room is None:
            await self.end(REFUSED, "not valid")
        # Ticks come each second.
        if self._account and time.monotonic() - self._asked_at > ASK_AGAIN_S:
            self._asked_at = time.monotonic()
            if not await self._still(self._user, self._account):
                await self.end(ENDED, "this account has ended, or its token")
        topic, newest = self.topic, self.topic.state
        if newest is not None and newest.last > self._seen:
            # Both before the first is sent: the history grows while it is.
            messages = newest.messages(after=self._since if self._seen < 0 else self._seen)
            self._seen = newest.last
            for message in messages or ['{"data":[]}']:
                await self.say(message)
        if topic.gone or newest is not None and newest.closed and newest.last <= self._seen:
            await self.end(NORMAL, "closed")

    async def _still(self, user: str, token: str) -> bool:
        """Whether an account's token is still good; none ends while Postgres is away."""
        try:
            good: bool = await ask(self._rooms.run, proves_account, user, token)
        except Unreadable:
            return True
        return good

    async def _prove(self, auth: object) -> tuple[UUID, str, str] | None:
        """The room and user of a valid first message, and their account's token if that was the proof; else None. Raises
        Unreadable."""
        if not isinstance(auth, dict):
            return None
        user, token, room = (auth.get(name) for name in ("user_id", "token", "room"))
        # An account's id is a number, and old clients may send it as one.
        if isinstance(user, int) and not isinstance(user, bool):
            user = str(user)
        if not (isinstance(user, str) and isinstance(token, str) and isinstance(room, str)):
            return None
        if not user or max(len(user), len(room)) > LONGEST_ID or not (user + room).isascii() or "\x00" in user + room:
            return None
        room_id = await self._rooms.find(room)
        if room_id is None:
            return None
        if proves_participant(token, room_id, user):
            return room_id, user, ""
        # "07" is not "7", or one account had many votes.
        if user.isdecimal() and user[0] != "0" and await ask(self._rooms.run, proves_account, user, token):
            return room_id, user, token
        return None


def read_since(auth: object) -> int:
    """The second up to which a client says, in its first message, that it knows the history; 0: it wants all of it."""
    since = auth.get("since") if isinstance(auth, dict) else None
    return since if isinstance(since, int) and not isinstance(since, bool) and since > 0 else 0


def read_vote(message: dict[str, Any]) -> tuple[str, float] | str:
    """The vote in a message: its value, and its time in seconds since 1970; or what is wrong with it."""
    vote = message.get("vote")
    if not isinstance(vote, dict):
        return "vote: must be an object."
    value, ts = vote.get("value"), vote.get("ts")
    if not isinstance(value, str) or value not in VALUES:
        return "value: must be yes, no or cancel."
    if isinstance(ts, bool) or not isinstance(ts, int | float):
        return "ts: must be a number of seconds."
    try:
        at = float(ts)
    except OverflowError:
        at = math.inf
    if not math.isfinite(at) or at < 0:
        return "ts: must be a number of seconds."
    return value, at
