"""The hot path of rooms: the history by polling (contract vote-websocket.md), with ETag and 304."""

from core import rate_limits
from core.asgi_requests import query
from core.asgi_types import Receive, Scope, Send
from core.errors import TooMany
from realtime.conditional import Answer, conditional
from realtime.postgres import Unreadable
from realtime.rate_limit import RateLimiter
from realtime.responses import answer, refuse, try_again
from rooms.edge.room import Rooms

# What a graph may be drawn with (rooms/ticks.py: for_live_graph).
LEAST_POINTS, MOST_POINTS = 100, 10_000


class RoomViews:
    """One per process."""

    def __init__(self, rooms: Rooms, limiter: RateLimiter) -> None:
        self._rooms = rooms
        self._limiter = limiter

    async def history(self, scope: Scope, receive: Receive, send: Send, wanted: str) -> None:
        """All ticks of the room, oldest first, also after it is closed.

        `{"data": [...]}`; with `?since=` only the ticks after that second, with `?points=` thinned for a graph.
        """
        parameters = query(scope)
        since = _whole(parameters.get("since", "0"))
        points = _whole(parameters.get("points", str(MOST_POINTS)))
        if since is None:
            await answer(send, 400, {"error": "since: must be a whole number of seconds."})
            return
        if points is None or not LEAST_POINTS <= points <= MOST_POINTS:
            await answer(send, 400, {"error": f"points: must be a number from {LEAST_POINTS} to {MOST_POINTS}."})
            return
        try:
            if "points" in parameters:  # another number, and the whole evening is thinned anew
                await self._limiter.check(scope, rate_limits.FOLLOW, "graph")
            room_id = await self._rooms.find(wanted)
            history = await self._rooms.history(room_id) if room_id is not None else None
        except TooMany as refused:
            await refuse(send, refused)
            return
        except Unreadable:
            await try_again(send)
            return
        if history is None:
            await answer(send, 404, {"error": "There is no such room."})
        elif "points" in parameters:
            await conditional(scope, send, Answer(history.thinned_view(after=since, points=points)))
        else:
            await conditional(scope, send, Answer(history.view(after=since)))


def _whole(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 13 else None
