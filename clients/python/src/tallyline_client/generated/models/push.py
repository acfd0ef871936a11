"""Made by `make client` from the OpenAPI document; do not edit. Models: push."""

from __future__ import annotations

from typing import Any, Literal, NotRequired, TypedDict


class KeysBody(TypedDict):
    """The keys of a PushSubscription."""

    p256dh: str
    auth: str


class PublicKey(TypedDict):
    """The key that browsers subscribe with, base64url."""

    publicKey: str


class ReceivedBody(TypedDict):
    """POST /api/push/received: the receipt that the message carried."""

    receipt: str


class RenewBody(TypedDict):
    """POST /api/push/renew: the old endpoint and the new subscription."""

    endpoint: str
    subscription: SubscriptionBody


class StatusAnswer(TypedDict):
    """What the server knows of this browser and the party."""

    publicKey: str
    # The party's messages go to this browser.
    subscribed: bool
    # They go, or went, to any browser: one that has lost them may subscribe again.
    wanted: bool
    # The newest message to it has arrived; null: none was sent, or just now.
    arrived: bool | None


class StatusBody(TypedDict):
    """POST /api/push/status. The endpoint is in the body: it is a secret, and URLs are logged. It may have none."""

    partyId: str
    endpoint: NotRequired[str | None]


class SubscribeBody(TypedDict):
    """POST /api/push/subscribe."""

    sessionId: str
    partyId: str
    subscription: SubscriptionBody
    language: NotRequired[Literal["en", "es", "ja", "en-gb"] | None]
    keepOthers: NotRequired[bool]


class SubscriptionBody(TypedDict):
    """A PushSubscription as browsers serialise it (W3C Push API, PushSubscriptionJSON); other fields are ignored."""

    endpoint: str
    keys: KeysBody


class TestBody(TypedDict):
    """POST /api/push/test."""

    sessionId: str
    partyId: str
    title: NotRequired[str | None]
    body: NotRequired[str | None]
    url: NotRequired[str | None]


class TrackBody(TypedDict):
    """A page's report. `meta` is flat and at most 2 KB; values that could identify a person are dropped."""

    type: str
    sessionId: NotRequired[str | None]
    partyId: NotRequired[str | None]
    meta: NotRequired[dict[str, Any] | None]
