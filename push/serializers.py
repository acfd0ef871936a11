"""Request bodies of the push API (contract queueup.md, Push), with the examples of the OpenAPI page."""

import re
from collections.abc import Callable
from typing import Any, ClassVar

from django.conf import settings
from rest_framework import serializers

from push.encryption import browser_key, browser_secret
from push.endpoints import NotAllowed, parse
from web.serializers import EXAMPLE_ID, OptionalText, Text

LONGEST_TITLE, LONGEST_BODY, LONGEST_URL = 120, 400, 500


class EndpointText(Text):
    """An allowed push endpoint."""

    def to_internal_value(self, data: Any) -> str:
        """Raises ValidationError (400) naming the field, without the endpoint."""
        try:
            return parse(super().to_internal_value(data)).url
        except NotAllowed as problem:
            raise serializers.ValidationError(str(problem)) from None


class KeyText(Text):
    """A key in base64url. `check` raises ValueError for a wrong one; `what` describes a right one."""

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
    """A PushSubscription as browsers serialise it; other fields are ignored."""

    endpoint = EndpointText()
    keys = KeysBody()


class SubscribeBody(serializers.Serializer[Any]):
    """POST /api/push/subscribe."""

    example: ClassVar[dict[str, Any]] = {
        "sessionId": EXAMPLE_ID,
        "partyId": EXAMPLE_ID,
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
    # The page's language; without it, Accept-Language decides.
    language = serializers.ChoiceField(required=False, choices=[code for code, _ in settings.LANGUAGES])


class StatusBody(serializers.Serializer[Any]):
    """POST /api/push/status. The endpoint is in the body: it is a secret, and URLs are logged."""

    example: ClassVar[dict[str, Any]] = {
        "partyId": SubscribeBody.example["partyId"],
        "endpoint": SubscribeBody.example["subscription"]["endpoint"],
    }

    partyId = Text(max_length=100)
    endpoint = EndpointText()


class StatusAnswer(serializers.Serializer[Any]):
    """Whether this browser is subscribed for the party, and the current public key (base64url)."""

    subscribed = serializers.BooleanField()
    publicKey = serializers.CharField()


class RenewBody(serializers.Serializer[Any]):
    """POST /api/push/renew: the old endpoint and the new subscription."""

    example: ClassVar[dict[str, Any]] = {
        "endpoint": "https://fcm.googleapis.com/fcm/send/old:123",
        "subscription": SubscribeBody.example["subscription"],
    }

    endpoint = EndpointText()
    subscription = SubscriptionBody()


class TestBody(serializers.Serializer[Any]):
    """POST /api/push/test."""

    example: ClassVar[dict[str, Any]] = {
        "sessionId": EXAMPLE_ID,
        "partyId": EXAMPLE_ID,
    }

    __test__ = False

    sessionId = Text(max_length=100)
    partyId = Text(max_length=100)
    title = OptionalText(max_length=LONGEST_TITLE)
    body = OptionalText(max_length=LONGEST_BODY)
    url = OptionalText(max_length=LONGEST_URL)

    def validate_url(self, value: str | None) -> str:
        """A path of this site or an http(s) URL: `javascript:` must not run when the notification is tapped."""
        if value and not re.match(r"/|https?://\w", value):
            raise serializers.ValidationError("must be a path such as /queue/ABC234/ticket, or an https address.")
        return value or ""


class PublicKey(serializers.Serializer[Any]):
    """The key that browsers subscribe with, base64url."""

    publicKey = serializers.CharField(allow_null=True)
