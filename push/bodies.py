"""Bodies of the push API (contract queueup.md, Push): what a client may send. What it gets: push/api.py."""

import re
from collections.abc import Callable
from typing import Any, ClassVar, Self

from django.conf import settings

from core.languages import ENGLISH_24H
from outbox.addresses import NotAllowed
from push.encryption import browser_key, browser_secret
from push.endpoints import parse
from web.bodies import EXAMPLE_ID, Body
from web.body_types import OneOf, Text


class EndpointText(Text):
    """An allowed push endpoint."""

    @classmethod
    def parse(cls, sent: Any) -> Self:
        try:
            return cls(parse(super().parse(sent)).url)
        except NotAllowed as problem:
            raise ValueError(str(problem)) from None


class Key(Text):
    """A key in base64url, without padding. `check` raises ValueError for a wrong one; `what` describes a right one."""

    check: ClassVar[Callable[[str], object]]
    what: ClassVar[str]

    @classmethod
    def parse(cls, sent: Any) -> Self:
        text = super().parse(sent)
        try:
            cls.check(text)
        except ValueError:
            raise ValueError(f"must be {cls.what} in base64url.") from None
        return cls(text.rstrip("="))


class PublicKey(Key, check=staticmethod(browser_key), what="a point on P-256 (65 bytes)"):
    """The browser's public key."""


class Secret(Key, check=staticmethod(browser_secret), what="16 bytes"):
    """The browser's authentication secret."""


class Id(Text, longest=100):
    """The id of a line or party, however it is written."""


class ReceiptText(Text, longest=140):
    """A receipt, as a message carried it."""


class Title(Text, longest=120, blank=True):
    """A test message's title."""


class Words(Text, longest=400, blank=True):
    """What a test message says."""


class Link(Text, longest=500, blank=True):
    """A path of this site or an http(s) URL: `javascript:` must not run when the notification is tapped."""

    @classmethod
    def parse(cls, sent: Any) -> Self:
        url = super().parse(sent)
        if url and not re.match(r"/|https?://\w", url):
            raise ValueError("must be a path such as /queue/ABC234/ticket, or an https address.")
        return url


class Language(OneOf, words=[*(code for code, _ in settings.LANGUAGES), ENGLISH_24H]):
    """A language that pages are written in; `en` tells times as 7:30 PM, `en-gb` as 19:30."""


class KeysBody(Body):
    """The keys of a PushSubscription."""

    p256dh: PublicKey
    auth: Secret


class SubscriptionBody(Body):
    """A PushSubscription as browsers serialise it (W3C Push API, PushSubscriptionJSON); other fields are ignored."""

    endpoint: EndpointText
    keys: KeysBody

    def values(self) -> dict[str, Any]:
        """As commands take it: the endpoint and its keys."""
        return {"endpoint": str(self.endpoint), **self.keys.values()}


class SubscribeBody(Body):
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

    sessionId: Id
    partyId: Id
    subscription: SubscriptionBody
    # The page's language; without it, Accept-Language decides.
    language: Language | None = None
    # Whether this browser's subscriptions of other parties in the line stay.
    keepOthers: bool = False


class StatusBody(Body):
    """POST /api/push/status. The endpoint is in the body: it is a secret, and URLs are logged. It may have none."""

    example: ClassVar[dict[str, Any]] = {
        "partyId": EXAMPLE_ID,
        "endpoint": SubscribeBody.example["subscription"]["endpoint"],
    }

    partyId: Id
    endpoint: EndpointText | None = None


class ReceivedBody(Body):
    """POST /api/push/received: the receipt that the message carried."""

    example: ClassVar[dict[str, Any]] = {"receipt": "AAECAwQFBgcICQoLDA0ODw.called.1.0.AAECAwQFBgcICQoLDA0ODw"}

    receipt: ReceiptText


class RenewBody(Body):
    """POST /api/push/renew: the old endpoint and the new subscription."""

    example: ClassVar[dict[str, Any]] = {
        "endpoint": "https://fcm.googleapis.com/fcm/send/old:123",
        "subscription": SubscribeBody.example["subscription"],
    }

    endpoint: EndpointText
    subscription: SubscriptionBody


class TestBody(Body):
    """POST /api/push/test."""

    example: ClassVar[dict[str, Any]] = {"sessionId": EXAMPLE_ID, "partyId": EXAMPLE_ID}

    __test__ = False

    sessionId: Id
    partyId: Id
    title: Title | None = None
    body: Words | None = None
    url: Link | None = None
