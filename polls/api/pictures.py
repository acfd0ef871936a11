"""Whether and what a picture of results may show to the person who asks (B8). realtime/pictures.py runs these functions in one of
Django's threads and has the picture drawn by another process.

`environ` is that of the request; each raises NotFound, Unproven, Forbidden, TooMany.
"""

from wsgiref.types import WSGIEnvironment

from core import clock
from polls import exports
from polls.api.exports import view_of
from polls.api.views import poll_or_404
from polls.contracts.voting_session import session_or_404
from web.exports import Picture, picture_request


def poll_picture(environ: WSGIEnvironment, wanted: str) -> Picture:
    """A poll's results, by its id or code."""
    request = picture_request(environ)
    return exports.picture(view_of(request, poll_or_404(wanted), clock.now()))


def session_picture(environ: WSGIEnvironment, wanted: str) -> Picture:
    """A session's results, by its id (contract voting-session.md)."""
    request = picture_request(environ)
    return exports.picture(view_of(request, session_or_404(wanted), clock.now()))
