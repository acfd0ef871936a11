"""Results as files, for our own API and, in its own JSON, for contract voting-session.md."""

from typing import Any
from wsgiref.types import WSGIEnvironment

from core import clock
from core.asgi_types import Receive, Scope, Send
from core.clock import milliseconds
from polls import exports, shapes
from polls.api import answers
from polls.api.views import poll_or_404, row_of
from polls.contracts import voting_session
from polls.models import Poll
from polls.permissions import viewer_of
from realtime.exports import Exports
from realtime.responses import language_of
from web.api import request_of
from web.exports import FORMAT, files
from web.openapi import MAY_BE_HOST, MAY_HAVE_KEY, MAY_SEE_LESS, operation


class ExportViews:
    """One per process."""

    def __init__(self, exports: Exports) -> None:
        self._exports = exports

    @operation(
        "export_results",
        answers=files(answers.ExportedResults),
        refuses=(401, 404),
        parameters=[FORMAT, MAY_BE_HOST, MAY_HAVE_KEY, MAY_SEE_LESS],
    )
    async def poll(self, scope: Scope, receive: Receive, send: Send, wanted: str) -> None:
        """The results as a file: JSON, CSV or PNG; counts that this viewer may not see are in none of them."""
        await self._exports.answer(scope, receive, send, poll_file, wanted)

    @operation(
        "export_session", answers=files(answers.ExportedSession), refuses=(401, 404), parameters=[FORMAT, MAY_BE_HOST]
    )
    async def session(self, scope: Scope, receive: Receive, send: Send, wanted: str) -> None:
        """The session's results as a file: `format` json, csv or image. Hidden counts are hidden here too."""
        await self._exports.answer(scope, receive, send, session_file, wanted, language=language_of(scope))


def poll_file(environ: WSGIEnvironment, wanted: str, kind: str) -> Any:
    """A poll's file, by its id or code. Raises NotFound, Unproven, Forbidden."""
    return _file(environ, poll_or_404(wanted), kind, exports.full)


def session_file(environ: WSGIEnvironment, wanted: str, kind: str) -> Any:
    """A session's file, by its id. Raises NotFound, Unproven, Forbidden."""
    return _file(environ, voting_session.session_or_404(wanted), kind, voting_session.exported)


def _file(environ: WSGIEnvironment, poll: Poll, kind: str, shape: exports.Shape) -> Any:
    """The results as this viewer may see them (B8), as of now."""
    now, viewer = clock.now(), viewer_of(request_of(environ), poll)
    view = shapes.results(row_of(poll), viewer, now_ms=milliseconds(now))
    return exports.export(view, kind=kind, exported_at=now, shape=shape)
