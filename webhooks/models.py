"""Webhooks: where a venue's programs hear what happens, how far each has been told, and what they answered. Only
webhooks/commands writes them."""

from typing import ClassVar
from uuid import uuid4

from django.db import models
from django.db.models import F, Q

from venues.models import Venue

LONGEST_NAME, LONGEST_URL = 80, 800


class Endpoint(models.Model):
    """An address that is told of events. Its secret signs what is sent; after a rotation the one before signs, too."""

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    venue = models.ForeignKey(Venue, on_delete=models.CASCADE, related_name="webhooks")
    # NULL, not "", where no key was sent: many rows may lack one.
    create_key = models.CharField(max_length=64, null=True, unique=True, editable=False)  # noqa: DJ001
    create_asked = models.CharField(max_length=32, default="", editable=False)
    name = models.CharField(max_length=LONGEST_NAME)
    url = models.CharField(max_length=LONGEST_URL)
    events = models.JSONField(default=list, blank=True, help_text="The types it is told of; empty: all.")
    secret = models.CharField(max_length=80, editable=False)
    secret_before = models.CharField(max_length=80, blank=True, editable=False)
    secret_before_until = models.DateTimeField(null=True, editable=False)
    origin = models.CharField(max_length=280, help_text="Under which its owners find this site, for mails.")
    created_at = models.DateTimeField()
    failing_since = models.DateTimeField(null=True, help_text="No message was taken since.")
    disabled_at = models.DateTimeField(null=True)
    leased_until = models.DateTimeField(null=True, help_text="A worker sends; others leave it alone until then.")
    woken_at = models.DateTimeField(null=True, help_text="When a worker was last woken for it, and has not come yet.")
    looked_at = models.DateTimeField(help_text="Lines, polls and rooms that were over an hour before have nothing new.")

    class Meta:
        verbose_name = "webhook"
        ordering: ClassVar = ["created_at", "pk"]

    def __str__(self) -> str:
        return self.name


# The `seq` of a feed that is told everything of its version: larger than any event's.
ALL = 1_000_000
# Of a feed that has something to tell.
BEHIND = Q(newest__gt=F("version")) | Q(seq__lt=ALL)


class Feed(models.Model):
    """How far an endpoint was told of one line, poll or room: everything up to the event (`version`, `seq`), or all of `version`.
    `newest`: the version of the line, poll or room when it was last looked at."""

    endpoint = models.ForeignKey(Endpoint, on_delete=models.CASCADE, related_name="feeds")
    stream = models.CharField(max_length=16)
    stream_id = models.UUIDField()
    version = models.BigIntegerField()
    seq = models.IntegerField()
    newest = models.BigIntegerField()
    due_at = models.DateTimeField()
    attempts = models.PositiveSmallIntegerField(default=0, help_text="How often the next event was sent in vain.")

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["endpoint", "stream_id"], name="one_feed_per_stream")]
        indexes: ClassVar = [
            models.Index(fields=["due_at"], name="feed_due", condition=BEHIND),
        ]

    def __str__(self) -> str:
        return f"{self.stream} {self.stream_id}: {self.version}.{self.seq}"


class Attempt(models.Model):
    """One message that was sent, and the answer. `event` is empty for a test."""

    class Result(models.TextChoices):
        TAKEN = "taken"
        FAILED = "failed"
        GIVEN_UP = "given up"

    endpoint = models.ForeignKey(Endpoint, on_delete=models.CASCADE, related_name="attempts")
    event = models.ForeignKey("outbox.Event", null=True, on_delete=models.CASCADE, related_name="+", db_index=False)
    type = models.CharField(max_length=40)
    at = models.DateTimeField()
    took_ms = models.PositiveIntegerField()
    result = models.CharField(max_length=8, choices=Result)
    detail = models.CharField(max_length=80, help_text="The status of the answer, or why there was none.")
    by_hand = models.BooleanField(default=False)

    class Meta:
        ordering: ClassVar = ["-at", "-pk"]
        indexes: ClassVar = [
            models.Index(fields=["endpoint", "-at"], name="attempt_newest"),
            models.Index(fields=["at"], name="attempt_age"),
        ]

    def __str__(self) -> str:
        return f"{self.type}: {self.result}"
