"""The WebSocket of a live room, /api/vote_ws/ (contract vote-websocket.md): auth, history, votes, a tick each second."""

import asyncio
import math
import time
from typing import Any
from uuid import UUID

from core.asgi_types import Receive, Scope, Send
from realtime import streams
from realtime.fanout import Done, Teller
from realtime.postgres import Unreadable, ask
from rooms.edge.room import Rooms
from rooms.tokens import proves_participant
from venues.access import proves_account

AUTH_WITHIN_S = 10.0
# An account may be shut, or get a new password, while it votes.
ASK_AGAIN_S = 2.0
REFUSED = 4401
VALUES = {"yes", "no", "cancel"}
LONGEST_ID = 64


class VoteSocket:
    """One per process; called for each socket."""

    def __init__(self, rooms: Rooms) -> None:
        self._rooms = rooms

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serves one socket until it or the room closes."""
        socket = streams.Socket(receive, send)
        await socket.accept(scope)
        texts = socket.texts()
        auth: object = None
        try:
            async with asyncio.timeout(AUTH_WITHIN_S):
                auth = streams.said(await anext(texts, "")).get("auth")
                proven = await self._prove(auth)
        except TimeoutError:
            proven = None
        except Unreadable:
            await socket.close(streams.TRY_LATER, "try again")
            return
        if proven is None:
            await socket.close(REFUSED, "not valid")
            return
        room_id, user, account = proven
        since, auth = read_since(auth), None  # there may be thousands of these for hours
        async with self._rooms.follow(room_id) as topic:
            history = topic.state or await topic.newer(-1, within_s=AUTH_WITHIN_S)
            if history is None or topic.gone:
                await socket.close(*((REFUSED, "not valid") if topic.gone else (streams.TRY_LATER, "try again")))
                return

            seen = -1
            asked_at = time.monotonic()

            async def tell() -> None:
                nonlocal seen, asked_at
                # Ticks come each second.
                if account and time.monotonic() - asked_at > ASK_AGAIN_S:
                    asked_at = time.monotonic()
                    if not await self._still(user, account):
                        await socket.close(streams.ENDED, "this account has ended, or its token")
                        raise Done
                newest = topic.state
                if newest is not None and newest.last > seen:
                    # Both before the first is sent: the history grows meanwhile.
                    messages, seen = newest.messages(after=since if seen < 0 else seen), newest.last
                    for message in messages or ['{"data":[]}']:
                        await socket.say(message)
                if topic.gone or newest is not None and newest.closed and newest.last <= seen:
                    await socket.close(streams.NORMAL, "closed")
                    raise Done

            async def hear() -> None:
                async for text in texts:
                    vote = read_vote(streams.said(text))
                    if isinstance(vote, str):
                        await socket.say(f'{{"error":"{vote}"}}')
                    else:
                        await self._rooms.vote(room_id, user, *vote)

            if history.closed:
                await Teller(tell).follow(topic, hear())
                return
            await self._rooms.enter(room_id, user)
            try:
                await Teller(tell).follow(topic, hear())
            finally:
                await self._rooms.leave(room_id, user)

    async def _still(self, user: str, token: str) -> bool:
        """Whether an account's token is good; while Postgres is away none can end."""
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
