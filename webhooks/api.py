"""The API of webhooks, for programs with an API key of the venue (docs/contracts/webhooks.md)."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from drf_spectacular.utils import OpenApiParameter
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from core import rate_limits
from core.asgi_requests import whole
from core.clock import milliseconds
from core.errors import Invalid
from core.json_types import View
from core.scopes import Scope
from venues import authentication
from venues.origins import origin_of
from web.api import once, read
from web.endpoints import Answer, endpoint
from web.openapi import KEY, KEY_HEADER
from web.serializers import OK, Done, Moment
from webhooks import by_hand, commands, selectors
from webhooks.bodies import ReplayBody, SendBody, WebhookBody
from webhooks.models import Attempt, Endpoint
from webhooks.sender import Outcome

_SCOPES = (Scope.WEBHOOKS,)
_BEFORE = OpenApiParameter("before", {"type": "integer", "minimum": 1}, OpenApiParameter.QUERY, description="`next`.")


class Webhook(serializers.Serializer[Any]):
    """A webhook. `secret` is answered when it is made or rotated, and never again."""

    id = serializers.UUIDField()
    url = serializers.CharField()
    name = serializers.CharField()
    events = serializers.ListField(child=serializers.CharField())
    createdAt = Moment()
    failingSince = Moment(allow_null=True)
    nextTryAt = Moment(allow_null=True, help_text="When what it has not taken is sent again; null when nothing is.")
    disabledAt = Moment(allow_null=True)
    secret = serializers.CharField(required=False)


class Webhooks(serializers.Serializer[Any]):
    """The venue's webhooks, oldest first."""

    webhooks = Webhook(many=True)


class Delivery(serializers.Serializer[Any]):
    """One message that was sent, and what came of it. `id` is its `webhook-id`, null for a test."""

    id = serializers.CharField(allow_null=True)
    type = serializers.CharField()
    at = Moment()
    tookMs = serializers.IntegerField()
    result = serializers.ChoiceField(choices=Attempt.Result.values)
    detail = serializers.CharField()
    byHand = serializers.BooleanField()


class Deliveries(serializers.Serializer[Any]):
    """The newest first; `next` asks for older ones, null at the end."""

    deliveries = Delivery(many=True)
    next = serializers.IntegerField(allow_null=True)


class Answered(serializers.Serializer[Any]):
    """What the receiver answered."""

    taken = serializers.BooleanField()
    detail = serializers.CharField()


class Replayed(serializers.Serializer[Any]):
    """How many lines, polls and rooms are told again."""

    streams = serializers.IntegerField()


def _endpoint_of(request: Request, webhook: str) -> Endpoint:
    return selectors.endpoint_of(authentication.venue_of_key(request), webhook)


def _view(row: Endpoint, *, secret: bool = False) -> View:
    return _views([row])[0] | ({"secret": row.secret} if secret else {})


def _views(rows: Sequence[Endpoint]) -> list[View]:
    tries = selectors.next_tries(rows)
    return [_shown(row, tries.get(row.pk)) for row in rows]


def _shown(row: Endpoint, next_try_at: datetime | None) -> View:
    return {
        "id": str(row.pk),
        "url": row.url,
        "name": row.name,
        "events": row.events,
        "createdAt": milliseconds(row.created_at),
        "failingSince": milliseconds(row.failing_since),
        "nextTryAt": milliseconds(next_try_at),
        "disabledAt": milliseconds(row.disabled_at),
    }


def _answered(outcome: Outcome) -> View:
    return {"taken": outcome.taken, "detail": outcome.detail}


@endpoint("get", "list_webhooks", answers=Webhooks, proof=KEY, scopes=_SCOPES)
def list_webhooks(request: Request) -> Answer:
    """The venue's webhooks, without their secrets."""
    return {"webhooks": _views(list(authentication.venue_of_key(request).webhooks.all()))}


@endpoint(
    "post",
    "create_webhook",
    body=WebhookBody,
    answers={201: Webhook},
    proof=KEY,
    scopes=_SCOPES,
    refuses=(409,),
    parameters=[KEY_HEADER],
)
def create_webhook(request: Request) -> Answer:
    """Adds an address that is told of what happens from now on. Answers with its secret, once."""
    rate_limits.check(request, rate_limits.CREATE, "webhook")
    venue, body = authentication.venue_of_key(request), read(WebhookBody, request)
    key = once(request, body)
    row = commands.create_endpoint(venue=venue, origin=origin_of(request._request), **key, **body.values())
    return Response(_view(row, secret=True), status=201)


@endpoint("get", "get_webhook", answers=Webhook, proof=KEY, scopes=_SCOPES, refuses=(404,))
def get_webhook(request: Request, webhook: str) -> Answer:
    """One webhook."""
    return _view(_endpoint_of(request, webhook))


@endpoint("put", "change_webhook", body=WebhookBody, answers=Webhook, proof=KEY, scopes=_SCOPES, refuses=(404,))
def change_webhook(request: Request, webhook: str) -> Answer:
    """Changes its address, name and types."""
    row, body = _endpoint_of(request, webhook), read(WebhookBody, request)
    return _view(commands.change_endpoint(row.pk, venue_id=row.venue_id, **body.values()))


@endpoint("delete", "delete_webhook", answers=Done, proof=KEY, scopes=_SCOPES, refuses=(404,))
def delete_webhook(request: Request, webhook: str) -> Answer:
    """Ends a webhook, and forgets what it was told."""
    row = _endpoint_of(request, webhook)
    commands.remove_endpoint(row.pk, venue_id=row.venue_id)
    return OK


@endpoint("post", "rotate_webhook_secret", answers=Webhook, proof=KEY, scopes=_SCOPES, refuses=(404,))
def rotate_secret(request: Request, webhook: str) -> Answer:
    """Gives a new secret. For a day the one before signs, too."""
    row = _endpoint_of(request, webhook)
    return _view(commands.rotate_secret(row.pk, venue_id=row.venue_id), secret=True)


@endpoint("post", "enable_webhook", answers=Done, proof=KEY, scopes=_SCOPES, refuses=(404,))
def enable(request: Request, webhook: str) -> Answer:
    """Enables one that was disabled. It goes on where it stopped."""
    row = _endpoint_of(request, webhook)
    commands.enable_endpoint(row.pk, venue_id=row.venue_id)
    return OK


@endpoint("post", "send_to_webhook", body=SendBody, answers=Answered, proof=KEY, scopes=_SCOPES, refuses=(404,))
def send(request: Request, webhook: str) -> Answer:
    """Sends one message now: a test, or a message that was sent before."""
    rate_limits.check(request, rate_limits.WEBHOOK_SEND, "webhook-send")
    row, body = _endpoint_of(request, webhook), read(SendBody, request)
    if body.id is None:
        return _answered(by_hand.send_test(row))
    return _answered(by_hand.send_again(row, selectors.event_of(row, body.id)))


@endpoint("post", "replay_to_webhook", body=ReplayBody, answers=Replayed, proof=KEY, scopes=_SCOPES, refuses=(404, 409))
def replay(request: Request, webhook: str) -> Answer:
    """Sends everything since a time again, in order."""
    row, body = _endpoint_of(request, webhook), read(ReplayBody, request)
    return {"streams": commands.replay(row.pk, venue_id=row.venue_id, since=body.since)}


@endpoint(
    "get",
    "list_webhook_deliveries",
    answers=Deliveries,
    proof=KEY,
    scopes=_SCOPES,
    refuses=(404,),
    parameters=[_BEFORE],
)
def deliveries(request: Request, webhook: str) -> Answer:
    """What was sent in the last 30 days, and what came of it, 100 at a time."""
    row = _endpoint_of(request, webhook)
    rows = selectors.newest_attempts(row, before=_asked_before(request))
    return {
        "deliveries": [
            {
                "id": selectors.id_of(each),
                "type": each.type,
                "at": milliseconds(each.at),
                "tookMs": each.took_ms,
                "result": each.result,
                "detail": each.detail,
                "byHand": each.by_hand,
            }
            for each in rows
        ],
        "next": rows[-1].pk if len(rows) == selectors.MOST_ATTEMPTS else None,
    }


def _asked_before(request: Request) -> int | None:
    sent = request.query_params.get("before")
    if sent is None:
        return None
    number = whole(sent, digits=15)
    if number is None or number < 1:
        raise Invalid("before: must be the `next` of an answer.", field="before")
    return number
