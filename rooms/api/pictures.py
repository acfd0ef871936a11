"""The picture of a room's graph, as realtime/pictures.py asks for it."""

from wsgiref.types import WSGIEnvironment

from rooms.edge.publish import whole_history
from rooms.exports import worm
from rooms.permissions import room_or_404
from web.exports import Picture, picture_request


def room_picture(environ: WSGIEnvironment, wanted: str) -> Picture:
    """The room's graph, by its id or code. Raises NotFound, TooMany."""
    picture_request(environ)
    found = room_or_404(wanted)
    return worm(found.title, found.code, whole_history(found.pk), zone=found.zone)
