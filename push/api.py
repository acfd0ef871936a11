"""The push API (contract queueup.md, Push): parse, authorise, call one command, shape the answer.

`ok` and `sent` are plain text, as the contract writes them; errors are JSON as everywhere.
"""

import re
import time
from collections.abc import Callable
from typing import Any, ClassVar
from uuid import UUID

from django.conf import settings
from django.http import HttpResponse
from django.utils import translation
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiResponse
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from config import languages, limits
from config.api import Text
from config.errors import Busy, NotFound, Refused
from config.openapi import HOST, TEXT_OK, operation
from outbox import clock
from outbox.actors import Actor
from push import commands, messages, vapid
from push.deliveries import attempt
from push.encryption import browser_key, browser_secret
from push.endpoints import NotAllowed, parse
from push.models import Subscription
from push.sender import Outcome, Result
from queues.api.access import host_of
from queues.api.views import read
from queues.models import Queue
from venues.access import signed_in

LONGEST_TITLE, LONGEST_BODY, LONGEST_URL = 120, 400, 500


class Gone(Refused):
    """The browser is not there any more."""

    status: ClassVar[int] = 410


class BadGateway(Refused):
    """The push service refused."""

    status: ClassVar[int] = 502


class EndpointText(Text):
    """The address of a push service this site sends to."""

    def to_internal_value(self, data: Any) -> str:
        """Raises ValidationError (400) naming the field, not repeating the address."""
        try:
            return parse(super().to_internal_value(data)).url
        except NotAllowed as problem:
            raise serializers.ValidationError(str(problem)) from None


class KeyText(Text):
    """A key in base64url; what it must be, `check` knows."""

    def __init__(self, *, check: Callable[[str], object], what: str, **options: Any) -> None:
        super().__init__(**options)
        self.check = check
        self.what = what

    def to_internal_value(self, data: Any) -> str:
        """Without padding. Raises ValidationError (400) naming the field."""
        text = super().to_internal_value(data)
        try:
            self.check(text)
        except ValueError:
            raise serializers.ValidationError(f"must be {self.what} in base64url.") from None
        return text.rstrip("=")


class KeysBody(serializers.Serializer[Any]):
    """The keys of a PushSubscription."""

    p256dh = KeyText(check=browser_key, what="a point on P-256 (65 bytes)")
    auth = KeyText(check=browser_secret, what="16 bytes")


class SubscriptionBody(serializers.Serializer[Any]):
    """A PushSubscription as browsers write it; what else they write is left aside."""

    endpoint = EndpointText()
    keys = KeysBody()


class SubscribeBody(serializers.Serializer[Any]):
    """POST /api/push/subscribe."""

    example: ClassVar[dict[str, Any]] = {
        "sessionId": "3f0e1c9a-6d5b-4c2e-9a7f-1b2c3d4e5f60",
        "partyId": "3f0e1c9a-6d5b-4c2e-9a7f-1b2c3d4e5f60",
        "subscription": {
            "endpoint": "https://fcm.googleapis.com/fcm/send/abc:123",
            "keys": {
                "p256dh": "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4",
                "auth": "AAECAwQFBgcICQoLDA0ODw",
            },
        },
    }

    sessionId = Text(max_length=100)
    partyId = Text(max_length=100)
    subscription = SubscriptionBody()
    # The page's; without it, Accept-Language decides.
    language = serializers.ChoiceField(required=False, choices=[code for code, _ in settings.LANGUAGES])


class TestBody(serializers.Serializer[Any]):
    """POST /api/push/test."""

    example: ClassVar[dict[str, Any]] = {
        "sessionId": "3f0e1c9a-6d5b-4c2e-9a7f-1b2c3d4e5f60",
        "partyId": "3f0e1c9a-6d5b-4c2e-9a7f-1b2c3d4e5f60",
    }

    __test__ = False

    sessionId = Text(max_length=100)
    partyId = Text(max_length=100)
    title = Text(required=False, allow_blank=True, allow_null=True, max_length=LONGEST_TITLE)
    body = Text(required=False, allow_blank=True, allow_null=True, max_length=LONGEST_BODY)
    url = Text(required=False, allow_blank=True, allow_null=True, max_length=LONGEST_URL)

    def validate_url(self, value: str | None) -> str:
        """A path of ours or an http(s) address: a notification must not run a script when it is touched."""
        if value and not re.match(r"/|https?://\w", value):
            raise serializers.ValidationError("must be a path such as /queue/ABC234/ticket, or an https address.")
        return value or ""


def plain(word: str) -> HttpResponse:
    """An answer of one word."""
    return HttpResponse(word, content_type="text/plain; charset=utf-8")


class PublicKey(serializers.Serializer[Any]):
    """The key that browsers subscribe with, base64url."""

    publicKey = serializers.CharField(allow_null=True)


class VapidKey(APIView):
    """The key that browsers subscribe with."""

    @operation("get_vapid_key", answers={200: PublicKey})
    def get(self, request: Request) -> Response:
        """200 `{"publicKey": base64url}`; never null here, for a key is made at first start."""
        return Response({"publicKey": vapid.public_key()})


class Subscribe(APIView):
    """A guest's browser asks to be told; the party's id is the proof."""

    @operation("subscribe_to_push", body=SubscribeBody, answers=TEXT_OK, refuses=(404,))
    def post(self, request: Request) -> HttpResponse:
        """200 `ok`."""
        limits.check(request, limits.SUBSCRIBE, "subscribe")
        body = read(SubscribeBody, request)
        subscription = body["subscription"]
        commands.subscribe(
            queue_id=body["sessionId"],
            party_id=body["partyId"],
            endpoint=subscription["endpoint"],
            p256dh=subscription["keys"]["p256dh"],
            auth=subscription["keys"]["auth"],
            language=body.get("language") or languages.named(request._request),
        )
        return plain("ok")


class SendTest(APIView):
    """A host or staff sends a message at once, to see whether it arrives."""

    @operation(
        "send_test_push",
        body=TestBody,
        answers={(200, "text/plain"): OpenApiResponse(OpenApiTypes.STR, "The word `sent`.")},
        proof=HOST,
        refuses=(404, 410, 502),
    )
    def post(self, request: Request) -> HttpResponse:
        """200 `sent` when any browser of the party took it, 410 when all are gone (and deleted)."""
        limits.check(request, limits.PUSH_TEST, "push-test")
        body = read(TestBody, request)
        session_id, party_id = _uuid(body["sessionId"]), _uuid(body["partyId"])
        queue = Queue.objects.filter(pk=session_id).first() if session_id else None
        if queue is None:
            raise NotFound("There is no such line.", field="sessionId")
        actor = _tester(request, queue)
        found = Subscription.objects.filter(queue=queue).order_by("-changed_at", "-pk")
        subscriptions = list(found.filter(party_id=party_id)) if party_id else []
        if not subscriptions:
            raise NotFound("This party has no subscription.", field="partyId")
        words = {name: body.get(name) or "" for name in ("title", "body", "url")}
        outcomes = []
        end = time.monotonic() + settings.PUSH_TIMEOUT_S
        for subscription in subscriptions:
            # All of them share the time of one, for a person and a thread are waiting.
            if (left := end - time.monotonic()) <= 0:
                break
            with translation.override(subscription.language):
                message = messages.test(queue, **words)
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


def _answer(outcomes: list[Outcome]) -> HttpResponse:
    results = {outcome.result for outcome in outcomes}
    if Result.SENT in results:
        return plain("sent")
    if Result.LATER in results:
        raise Busy("The push service cannot take the message now. Please try again.")
    if Result.REFUSED in results:
        raise BadGateway("The push service refused the message.")
    raise Gone("This browser does not take messages any more. Its subscription was deleted.")


def _tester(request: Request, queue: Queue) -> Actor:
    """Staff, or a host of the line. Raises Unproven, Forbidden."""
    user = signed_in(request)
    if user is not None and user.is_staff:
        return Actor("staff", user.pk)
    return host_of(request, queue)


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None
