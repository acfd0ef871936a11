"""The hot path of rooms: the history by polling (contract vote-websocket.md), with ETag and 304."""

from config.asgi_types import Receive, Scope, Send
from realtime.answers import Answer, conditional
from realtime.postgres import Unreadable
from realtime.rooms.rooms import Rooms
from realtime.scopes import answer, only_get, query, try_again


class RoomViews:
    """One per process."""

    def __init__(self, rooms: Rooms) -> None:
        self._rooms = rooms

    async def history(self, scope: Scope, receive: Receive, send: Send, wanted: str) -> None:
        """GET /api/rooms/{room}/history: `{"data": [...]}`; with `?since=` only the ticks after that second."""
        if not await only_get(scope, send):
            return
        since = query(scope).get("since", "0")
        if not (since.isascii() and since.isdecimal() and len(since) < 13):
            await answer(send, 400, {"error": "since: must be a whole number of seconds."})
            return
        try:
            room_id = await self._rooms.find(wanted)
            history = await self._rooms.history(room_id) if room_id is not None else None
        except Unreadable:
            await try_again(send)
            return
        if history is None:
            await answer(send, 404, {"error": "There is no such room."})
        else:
            await conditional(scope, send, Answer(history.view(after=int(since))))
