"""GET /api/events: what happened in a venue, for programs that ask instead of being told (docs/contracts/api.md)."""

from datetime import UTC, datetime, timedelta
from typing import Any

import orjson
from drf_spectacular.utils import OpenApiParameter
from rest_framework import serializers
from rest_framework.request import Request

from core import rate_limits
from core.asgi_requests import whole
from core.errors import Invalid
from core.scopes import Scope
from venues.authentication import venue_of_key
from web import paging
from web.endpoints import Answer, endpoint
from web.openapi import KEY
from webhooks import log, streams
from webhooks.events import message, message_id
from webhooks.horizon import complete_until
from webhooks.log import Place

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_LATEST_MS = 253_402_300_799_999  # the end of the year 9999
_SINCE = OpenApiParameter(
    "since",
    {"type": "integer", "minimum": 0, "maximum": _LATEST_MS},
    OpenApiParameter.QUERY,
    description="In ms since 1970: only what happened from then on. Not together with `cursor`; without both from the beginning.",
)


class LoggedEvent(serializers.Serializer[Any]):
    """An event as a webhook would be told it. `id`: its `webhook-id`."""

    id = serializers.CharField()
    type = serializers.CharField()
    timestamp = serializers.DateTimeField()
    data = serializers.DictField(child=serializers.JSONField())  # type: ignore[assignment]


class LoggedEvents(serializers.Serializer[Any]):
    """Events, the oldest first."""

    events = LoggedEvent(many=True)
    next = serializers.CharField(allow_null=True, help_text="The cursor of the next page; null when there is none yet.")
    resume = serializers.CharField(
        help_text="Always a cursor: what comes behind the last event of this page, also if it has not happened yet."
    )


@endpoint(
    "get",
    "list_events",
    answers=LoggedEvents,
    proof=KEY,
    scopes=[Scope.READ],
    parameters=[*paging.PAGED, _SINCE],
)
def list_events(request: Request) -> Answer:
    """What happened in the venue's lines, polls and rooms, in the order of time; messages are those of webhooks.

    Ask again with `resume`, and nothing is told twice or left out.
    """
    venue = venue_of_key(request)
    rate_limits.check(request, rate_limits.LOOK, "list", str(venue.pk))
    page = paging.asked(request, f"events:{venue.pk}")
    after = _asked_since(request) if page.after is None else Place(datetime.fromisoformat(page.after[0]), page.after[1])
    until = complete_until()
    rows, codes = log.events_of(venue.pk, after=after, until=until, most=page.limit + 1)
    found = page.page(rows, lambda row: [row.at.isoformat(), row.pk])
    tickets = streams.tickets_of(found.rows)
    told = [
        {
            "id": message_id(row),
            **orjson.loads(message(row, venue=venue.pk, code=codes[row.stream_id], tickets=tickets)),
        }
        for row in found.rows
    ]
    last = log.in_order(found.rows) if found.rows else after
    return {"events": told, "next": found.next, "resume": page.cursor([last.at.isoformat(), last.id])}


def _asked_since(request: Request) -> Place:
    sent = request.query_params.get("since", "0")
    number = whole(sent, digits=15)
    if number is None or number > _LATEST_MS:
        raise Invalid("since: must be a time in ms since 1970.", field="since")
    return Place(_EPOCH + timedelta(milliseconds=number), 0)
