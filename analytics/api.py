"""POST /api/track (contract queueup.md)."""

from typing import Any, ClassVar

from rest_framework.request import Request

from analytics import commands
from core import rate_limits
from web.api import once, read
from web.bodies import Body
from web.body_types import Text
from web.endpoints import Answer, endpoint
from web.openapi import KEY_HEADER, TEXT_OK


class FactType(Text, longest=40):
    """What is reported."""


class Id(Text, longest=100, blank=True):
    """The id of a line or party, however it is written."""


class TrackBody(Body):
    """A page's report. `meta` is flat and at most 2 KB; values that could identify a person are dropped."""

    example: ClassVar[dict[str, Any]] = {"type": "page_view"}

    type: FactType
    sessionId: Id | None = None
    partyId: Id | None = None
    meta: dict[str, Any] | None = None


@endpoint("post", "track_event", body=TrackBody, answers=TEXT_OK, refuses=(409,), parameters=[KEY_HEADER])
def track(request: Request) -> Answer:
    """Keeps a fact in the analytics log.

    Answers `ok` also for an unknown line or party (commands.track says why).
    """
    rate_limits.check(request, rate_limits.TRACK, "track")
    body = read(TrackBody, request)
    commands.track(
        type=body.type,
        session_id=body.sessionId or "",
        party_id=body.partyId or "",
        meta=body.meta,
        **once(request, body),
    )
    return "ok"
