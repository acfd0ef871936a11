"""A room's graph and its figures as a file."""

from typing import Any
from wsgiref.types import WSGIEnvironment

from core.asgi_types import Receive, Scope, Send
from realtime.exports import Exports
from rooms import exports
from rooms.api import answers
from rooms.edge.publish import whole_history
from rooms.permissions import room_or_404
from rooms.ticks import data
from web.exports import FORMAT, files
from web.openapi import operation


class RoomExports:
    """One per process."""

    def __init__(self, exports: Exports) -> None:
        self._exports = exports

    @operation("export_room", answers=files(answers.ExportedRoom), refuses=(404,), parameters=[FORMAT])
    async def room(self, scope: Scope, receive: Receive, send: Send, wanted: str) -> None:
        """The graph and its figures as a file: `format` json, csv or image."""
        await self._exports.answer(scope, receive, send, room_file, wanted)


def room_file(_: WSGIEnvironment, wanted: str, kind: str) -> Any:
    """A room's file, by its id or code. Raises NotFound."""
    found = room_or_404(wanted)
    ticks = whole_history(found.pk)
    match kind:
        case "csv":
            return exports.room_csv(found.code, ticks, zone=found.zone)
        case "json":
            return exports.room_json(found.code, {**answers.RoomState(found).data, **data(ticks)})
        case _:
            return exports.worm(found.title, found.code, ticks, zone=found.zone)
