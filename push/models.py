"""Push subscriptions of browsers, and deliveries to them. Only push/commands.py writes them."""

from typing import ClassVar
from uuid import uuid4

from django.db import models
from django.db.models import Q

from queues.models import Party, Queue
from reach.notices import Kind


class Subscription(models.Model):
    """One browser's endpoint, for one party; a phone may be in several lines at once, or keep several parties' tickets.

    Endpoint and keys are secrets: never shown, never logged.
    """

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    endpoint = models.TextField()
    p256dh = models.CharField(max_length=88, help_text="The browser's public key: 65 bytes, base64url.")
    auth = models.CharField(max_length=24, help_text="The browser's secret: 16 bytes, base64url.")
    queue = models.ForeignKey(Queue, on_delete=models.CASCADE, related_name="subscriptions", db_index=False)
    party = models.ForeignKey(Party, on_delete=models.CASCADE, related_name="subscriptions")
    language = models.CharField(
        max_length=8, default="en", help_text="What its messages are written in: en, en-gb, es, ja."
    )
    version = models.BigIntegerField(default=0, help_text="The order of its events in the outbox.")
    not_before = models.DateTimeField(
        null=True, blank=True, help_text="Its push service asked to be left alone until then."
    )
    created_at = models.DateTimeField()
    changed_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["endpoint", "party"], name="one_subscription_per_party"),
        ]

    def __str__(self) -> str:
        return f"subscription {self.pk}"


class Delivery(models.Model):
    """A message accepted by the push service, or finally refused. A message still to be sent has no row.

    `round` is the party's `call_count` for `called` and `more_time`, else 0; `again` is 0, or the version of the event
    that the message tells or that asked for it once more; of `back`, the id of the delivery that said that the place had ended.
    Each goes at most once to a subscription, except tests (contract queueup.md, Push).
    """

    Kind = Kind

    class Result(models.TextChoices):
        SENT = "sent"
        GONE = "gone"
        REFUSED = "refused"

    subscription = models.ForeignKey(
        Subscription, null=True, blank=True, on_delete=models.SET_NULL, related_name="deliveries"
    )
    party_id = models.UUIDField()
    kind = models.CharField(max_length=12, choices=Kind)
    round = models.PositiveIntegerField(default=0)
    again = models.BigIntegerField(default=0)
    sent_at = models.DateTimeField(help_text="When the push service answered.")
    result = models.CharField(max_length=8, choices=Result)
    detail = models.CharField(max_length=80, blank=True, help_text="The push service's status, or why none was asked.")
    received_at = models.DateTimeField(null=True, blank=True, help_text="When the browser said that it shows it.")

    class Meta:
        verbose_name_plural = "deliveries"
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["party_id", "subscription", "kind", "round", "again"],
                name="each_message_once",
                condition=~Q(kind="test"),
            ),
        ]
        indexes: ClassVar = [models.Index(fields=["party_id", "-sent_at"], name="delivery_of_party")]

    def __str__(self) -> str:
        return f"{self.kind}: {self.result}"
