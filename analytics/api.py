"""POST /api/track (contract queueup.md)."""

from typing import Any, ClassVar

from rest_framework import serializers
from rest_framework.request import Request

from analytics import commands
from core import rate_limits
from web.api import read
from web.endpoints import Answer, endpoint
from web.openapi import TEXT_OK
from web.serializers import OptionalText, Text


class TrackBody(serializers.Serializer[Any]):
    """A page's report. `meta` is flat and at most 2 KB; values that could identify a person are dropped."""

    example: ClassVar[dict[str, Any]] = {"type": "page_view"}

    type = Text(min_length=1, max_length=40)
    sessionId = OptionalText(max_length=100)
    partyId = OptionalText(max_length=100)
    meta = serializers.DictField(required=False, allow_null=True)


@endpoint("post", "track_event", body=TrackBody, answers=TEXT_OK)
def track(request: Request) -> Answer:
    """Keeps a fact in the analytics log.

    Answers `ok` also for an unknown line or party (commands.track says why).
    """
    rate_limits.check(request, rate_limits.TRACK, "track")
    body = read(TrackBody, request)
    commands.track(
        type=body["type"],
        session_id=body.get("sessionId") or "",
        party_id=body.get("partyId") or "",
        meta=body.get("meta"),
    )
    return "ok"
