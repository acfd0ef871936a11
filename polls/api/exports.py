"""Results as a file, for our own API and, in its own JSON, for contract voting-session.md."""

from datetime import datetime
from typing import Any

from django.http import HttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter
from rest_framework.request import Request
from rest_framework.views import APIView

from core import clock, rate_limits
from core.clock import milliseconds
from core.errors import Invalid
from core.json_types import View
from polls import exports, shapes
from polls.api import answers
from polls.api.views import poll_or_404, row_of
from polls.models import Poll
from polls.permissions import viewer_of
from web.openapi import MAY_BE_HOST, MAY_HAVE_KEY, MAY_SEE_LESS, operation

KINDS = ("json", "csv", "image")
FORMAT = OpenApiParameter("format", str, OpenApiParameter.QUERY, required=True, enum=KINDS)


def files(json: Any) -> dict[Any, Any]:
    """The answers of an export: `json`, or what it was asked for instead."""
    return {
        (200, "application/json"): json,
        (200, "text/csv"): OpenApiTypes.STR,
        (200, "image/png"): OpenApiTypes.BINARY,
    }


def file_kind(request: Request) -> str:
    """The `format` asked for. Raises Invalid, TooMany."""
    kind = request.query_params.get("format", "")
    if kind not in KINDS:
        raise Invalid("format: must be json, csv or image.", field="format")
    if kind == "image":
        rate_limits.check(request, rate_limits.DRAW, "draw")
    else:
        rate_limits.check(request, rate_limits.FILE, "file")
    return kind


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
