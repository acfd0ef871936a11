"""What a picture shows to whom asks for it: a thread job of the edge (polls/edge/pictures.py), which has it drawn elsewhere.

`environ` is that of the request; each raises NotFound, Unproven, Forbidden, TooMany.
"""

from wsgiref.types import WSGIEnvironment

from rest_framework.request import Request

from core import clock, rate_limits
from polls import exports
from polls.api.exports import view_of
from polls.api.views import poll_or_404
from polls.contracts.voting_session import session_or_404
from polls.exports import Picture
from polls.models import Poll
from polls.permissions import request_of
from rooms.api import room_or_404
from rooms.edge.publish import whole_history


def poll_picture(environ: WSGIEnvironment, wanted: str) -> Picture:
    """A poll's results, by its id or code."""
    request = _counted(environ)
    return _results(request, poll_or_404(wanted))


def session_picture(environ: WSGIEnvironment, wanted: str) -> Picture:
    """A session's results, by its id (contract voting-session.md)."""
    request = _counted(environ)
    return _results(request, session_or_404(wanted))


def room_picture(environ: WSGIEnvironment, wanted: str) -> Picture:
    """A room's graph."""
    _counted(environ)
    found = room_or_404(wanted)
    return exports.worm(found.title, found.code, whole_history(found.pk), zone=found.zone)


def _counted(environ: WSGIEnvironment) -> Request:
    request = request_of(environ)
    rate_limits.check(request, rate_limits.DRAW, "draw")
    return request


def _results(request: Request, poll: Poll) -> Picture:
    return exports.picture(view_of(request, poll, clock.now()))
