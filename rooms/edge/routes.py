"""The hot paths and the socket of rooms."""

from core import rate_limits
from realtime.routes import Limit, Route, Socket
from rooms.consumers import VoteSocket
from rooms.edge.room import Rooms
from rooms.edge.views import RoomViews

ROUTES = (
    Route("GET", "/api/rooms/{room}/history", RoomViews.history, Limit(rate_limits.FOLLOW, "graph", by_view=True)),
    Route("GET", "/api/rooms/{room}/export", RoomViews.export, Limit(rate_limits.FILE, "file", by_view=True)),
)
SOCKETS = (Socket("/api/vote_ws/", VoteSocket, Rooms),)
