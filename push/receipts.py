"""Receipts: a browser's worker says that a message was shown. What a push service accepted may never arrive.

A message carries its receipt, sealed for its party: only who could read the message can send it back. It names no guest.
"""

from dataclasses import dataclass
from datetime import timedelta
from typing import Self
from uuid import UUID

from django.db.models import F

from core import base64url, clock
from core.hashing import is_same, keyed
from push.models import Delivery, Subscription

SEAL_BYTES = 16
# So soon after it was sent, a message may still be on its way.
RECEIPT = timedelta(seconds=30)


@dataclass(frozen=True, slots=True)
class Receipt:
    """The message it is for, as in Delivery, to one subscription."""

    subscription_id: UUID
    kind: str
    round: int
    again: int

    def written(self, party_id: UUID) -> str:
        """As the message carries it."""
        return f"{self._named}.{base64url.encode(self._seal(party_id))}"

    @classmethod
    def read(cls, text: str) -> tuple[Self, str]:
        """A written receipt, and its seal. Raises ValueError."""
        subscription, kind, round_, again, seal = text.split(".")
        return cls(UUID(bytes=base64url.decode(subscription)), kind, int(round_), int(again)), seal

    def is_sealed_by(self, seal: str, party_id: UUID) -> bool:
        """Whether we have sent this message for the party."""
        return is_same(seal, base64url.encode(self._seal(party_id)))

    @property
    def _named(self) -> str:
        return f"{base64url.encode(self.subscription_id.bytes)}.{self.kind}.{self.round}.{self.again}"

    def _seal(self, party_id: UUID) -> bytes:
        return keyed("push-receipt", f"{party_id}:{self._named}")[:SEAL_BYTES]


@dataclass(frozen=True, slots=True)
class Told:
    """What the server knows of a browser and a party: whether its messages go there; whether they go, or went, to any browser;
    whether the newest has arrived there (None: none was sent, or less than RECEIPT_S ago)."""

    subscribed: bool = False
    wanted: bool = False
    arrived: bool | None = None


NOTHING = Told()


def told(party_id: UUID, endpoint: str) -> Told:
    """What is known of this browser; of none where `endpoint` is empty."""
    rows = dict(Subscription.objects.filter(party_id=party_id).values_list("endpoint", "pk"))
    deliveries = Delivery.objects.filter(party_id=party_id).exclude(kind=Delivery.Kind.TEST)
    if endpoint not in rows:
        return Told(wanted=bool(rows) or deliveries.exists())
    sent = deliveries.filter(subscription=rows[endpoint], result=Delivery.Result.SENT)
    newest = sent.annotate(age=clock.NOW - F("sent_at")).order_by("-sent_at", "-pk").first()
    if newest is None:
        return Told(subscribed=True, wanted=True)
    arrived = True if newest.received_at else False if newest.age > RECEIPT else None
    return Told(subscribed=True, wanted=True, arrived=arrived)
