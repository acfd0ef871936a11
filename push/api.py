"""The push API (contract queueup.md, Push): parse, authorise, call one command, shape the answer.

`ok` and `sent` are plain text, as the contract writes them; errors are JSON as everywhere.
"""

import time
from typing import Any, ClassVar

from django.conf import settings
from django.utils import translation
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiResponse
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from core import clock, languages, rate_limits
from core.errors import Busy, NotFound, Refused, existing
from core.identifiers import as_uuid
from core.scopes import Scope
from push import commands, receipts, vapid
from push.bodies import ReceivedBody, RenewBody, StatusBody, SubscribeBody, TestBody
from push.deliveries import attempt
from push.models import Subscription
from push.sender import Outcome, Result
from queues.models import Queue
from queues.permissions import host_of
from reach import messages
from web.api import read
from web.endpoints import Answer, endpoint
from web.openapi import HOST, TEXT_OK


class Gone(Refused):
    """410: the push service says that the subscription is gone."""

    status: ClassVar[int] = 410


class BadGateway(Refused):
    """502: the push service refused the message."""

    status: ClassVar[int] = 502


class PublicKey(serializers.Serializer[Any]):
    """The key that browsers subscribe with, base64url."""

    publicKey = serializers.CharField()


class StatusAnswer(PublicKey):
    """What the server knows of this browser and the party."""

    subscribed = serializers.BooleanField(help_text="The party's messages go to this browser.")
    wanted = serializers.BooleanField(
        help_text="They go, or went, to any browser: one that has lost them may subscribe again."
    )
    arrived = serializers.BooleanField(
        allow_null=True, help_text="The newest message to it has arrived; null: none was sent, or just now."
    )


@endpoint("get", "get_vapid_key", answers=PublicKey)
def vapid_key(request: Request) -> Answer:
    """The VAPID public key that browsers subscribe with.

    Never null here, for a key is made at first start.
    """
    return {"publicKey": vapid.public_key()}


@endpoint("post", "subscribe_to_push", body=SubscribeBody, answers=TEXT_OK, refuses=(404,))
def subscribe(request: Request) -> Answer:
    """Subscribes a guest's browser; the party's id is the proof."""
    rate_limits.check(request, rate_limits.SUBSCRIBE, "subscribe")
    body = read(SubscribeBody, request)
    commands.subscribe(
        queue_id=body.sessionId,
        party_id=body.partyId,
        **body.subscription.values(),
        language=body.language or languages.locale_of(request._request),
        keep_others=body.keepOthers,
    )
    return "ok"


@endpoint("post", "get_push_status", body=StatusBody, answers=StatusAnswer)
def status(request: Request) -> Answer:
    """Tells a guest's page what the server knows of its browser; the party's id and the endpoint are the proof.

    `subscribed` is false also for an unknown party.
    """
    rate_limits.check(request, rate_limits.LOOK, "push-status")
    body = read(StatusBody, request)
    party_id = as_uuid(body.partyId)
    told = receipts.told(party_id, str(body.endpoint or "")) if party_id else receipts.NOTHING
    answer = {
        "subscribed": told.subscribed,
        "wanted": told.wanted,
        "arrived": told.arrived,
        "publicKey": vapid.public_key(),
    }
    return Response(answer, headers={"Cache-Control": "no-store"})


@endpoint("post", "receive_push", body=ReceivedBody, answers=TEXT_OK, refuses=(404,))
def received(request: Request) -> Answer:
    """A browser says that it shows a message; the receipt in the message is the proof.

    The same again changes nothing.
    """
    rate_limits.check(request, rate_limits.LOOK, "push-received")
    commands.receive(receipt=read(ReceivedBody, request).receipt)
    return "ok"


@endpoint("post", "renew_push_subscription", body=RenewBody, answers=TEXT_OK)
def renew(request: Request) -> Answer:
    """Replaces an endpoint that the browser changed; knowing the old one is the proof.

    Answers `ok` also when the old endpoint is unknown.
    """
    rate_limits.check(request, rate_limits.SUBSCRIBE, "subscribe")
    body = read(RenewBody, request)
    commands.renew(old_endpoint=body.endpoint, **body.subscription.values())
    return "ok"


@endpoint(
    "post",
    "send_test_push",
    body=TestBody,
    answers={(200, "text/plain"): OpenApiResponse(OpenApiTypes.STR, "The word `sent`.")},
    proof=HOST,
    scopes=[Scope.LINE],
    refuses=(404, 410, 502),
)
def send_test(request: Request) -> Answer:
    """Sends a test message at once, for hosts and staff.

    Answers `sent` when any browser of the party took it, 410 when all are gone (and deleted).
    """
    rate_limits.check(request, rate_limits.PUSH_TEST, "push-test")
    body = read(TestBody, request)
    session_id, party_id = as_uuid(body.sessionId), as_uuid(body.partyId)
    queue = Queue.objects.filter(pk=session_id).first() if session_id else None
    queue = existing(queue, "There is no such line.", field="sessionId")
    actor = host_of(request, queue)
    found = Subscription.objects.filter(queue=queue).order_by("-changed_at", "-pk")
    subscriptions = list(found.filter(party_id=party_id)) if party_id else []
    if not subscriptions:
        raise NotFound("This party has no subscription.", field="partyId")
    outcomes = []
    end = time.monotonic() + settings.PUSH_TIMEOUT_S
    for subscription in subscriptions:
        # All subscriptions share one time-out: a person and a thread are waiting.
        if (left := end - time.monotonic()) <= 0:
            break
        with translation.override(subscription.language):
            message = messages.test(queue, title=body.title, body=body.body, url=body.url)
        outcome = attempt(subscription, message, now=clock.now(), timeout_s=left)
        outcomes.append(outcome)
        if outcome.result != Result.LATER:
            commands.record_delivery(
                subscription,
                party_id=subscription.party_id,
                kind=message.kind,
                result=outcome.result,
                detail=outcome.detail,
                tester=actor,
            )
    return _answer(outcomes)


def _answer(outcomes: list[Outcome]) -> str:
    results = {outcome.result for outcome in outcomes}
    if Result.SENT in results:
        return "sent"
    if Result.LATER in results:
        raise Busy("The push service cannot take the message now. Please try again.")
    if Result.REFUSED in results:
        raise BadGateway("The push service refused the message.")
    raise Gone("This browser does not take messages any more. Its subscription was deleted.")
