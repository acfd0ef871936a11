"""POST /api/track (contract queueup.md)."""

from typing import Any, ClassVar

from django.http import HttpResponse
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.views import APIView

from analytics import commands
from core import rate_limits
from web.openapi import TEXT_OK, operation
from web.serializers import Text


class TrackBody(serializers.Serializer[Any]):
    """A page's report. `meta` is flat and at most 2 KB; values that could identify a person are dropped."""

    example: ClassVar[dict[str, Any]] = {"type": "page_view"}

    type = Text(min_length=1, max_length=40)
    sessionId = Text(required=False, allow_blank=True, allow_null=True, max_length=100)
    partyId = Text(required=False, allow_blank=True, allow_null=True, max_length=100)
    meta = serializers.DictField(required=False, allow_null=True)


class Track(APIView):
    """Keeps a fact in the analytics log."""

    @operation("track_event", body=TrackBody, answers=TEXT_OK)
    def post(self, request: Request) -> HttpResponse:
        """200 `ok`, also for a line or party that is not known (commands.track says why); 400 without type."""
        rate_limits.check(request, rate_limits.TRACK, "track")
        body = TrackBody(data=request.data)
        body.is_valid(raise_exception=True)
        told = body.validated_data
        commands.track(
            type=told["type"],
            session_id=told.get("sessionId") or "",
            party_id=told.get("partyId") or "",
            meta=told.get("meta"),
        )
        return HttpResponse("ok", content_type="text/plain")
