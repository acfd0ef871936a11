"""Results as a file, for our own API and, in its own JSON, for contract voting-session.md."""

from datetime import datetime

from django.http import HttpResponse
from rest_framework.request import Request
from rest_framework.views import APIView

from core import clock
from core.clock import milliseconds
from core.json_types import View
from polls import exports, shapes
from polls.api import answers
from polls.api.views import poll_or_404, row_of
from polls.models import Poll
from polls.permissions import viewer_of
from web.exports import FORMAT, file_kind, files
from web.openapi import MAY_BE_HOST, MAY_HAVE_KEY, MAY_SEE_LESS, operation


def view_of(request: Request, poll: Poll, now: datetime) -> View:
    """The poll's results as this viewer may see them: the one way into every file (B8)."""
    return shapes.results(row_of(poll), viewer_of(request, poll), now_ms=milliseconds(now))


class Exporting(APIView):
    """Base of the views that answer with a file."""

    shape: exports.Shape = staticmethod(exports.full)

    def file_of(self, request: Request, poll: Poll) -> HttpResponse:
        """`format` json (in this class's `shape`), csv or image; 400 for anything else. Hidden counts are hidden (B8)."""
        kind = file_kind(request)
        now = clock.now()
        return exports.export(view_of(request, poll, now), kind=kind, exported_at=now, shape=self.shape)


class Export(Exporting):
    """The results as a file."""

    @operation(
        "export_results",
        answers=files(answers.ExportedResults),
        refuses=(401, 404),
        parameters=[FORMAT, MAY_BE_HOST, MAY_HAVE_KEY, MAY_SEE_LESS],
    )
    def get(self, request: Request, poll: str) -> HttpResponse:
        """200 with JSON, CSV or PNG; counts that this viewer may not see are in none of them."""
        return self.file_of(request, poll_or_404(poll))
