"""What happened (Event) and what it causes (Effect)."""

from typing import ClassVar

from django.db import models
from django.db.models import Q


class Event(models.Model):
    """One thing that happened, written in the transaction that made it happen (law 4). Never changed
    afterwards, but for personal data that are taken out of it (decision 0088).

    `stream` and `stream_id` name the line (or poll) it happened to; `version` is the stream's version it made and `seq`
    its place within that change: together they are the order (law 3; ids are not). `changes` holds every field that
    changed as [before, after], so that the stream can be replayed (`manage.py reconcile`) and an action undone.
    """

    stream = models.CharField(max_length=16)
    stream_id = models.UUIDField()
    version = models.BigIntegerField()
    seq = models.PositiveSmallIntegerField()
    type = models.CharField(max_length=40)
    at = models.DateTimeField()
    actor = models.CharField(max_length=8, help_text="guest, host, staff or system")
    actor_user = models.ForeignKey(
        "venues.User", null=True, blank=True, on_delete=models.SET_NULL, related_name="+", db_index=False
    )
    action = models.CharField(max_length=24, help_text="The command that did it.")
    party_id = models.UUIDField(null=True, blank=True)
    data = models.JSONField(default=dict, help_text="What listeners are told.")
    changes = models.JSONField(default=dict, help_text="Each changed field as [before, after].")

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["stream_id", "version", "seq"], name="event_order"),
        ]
        indexes: ClassVar = [
            models.Index(fields=["party_id"], name="event_party", condition=Q(party_id__isnull=False)),
            models.Index(fields=["at"], name="event_at"),
            models.Index(fields=["stream_id", "at", "id"], name="event_of_stream"),
        ]

    def __str__(self) -> str:
        return f"{self.type} v{self.version}"


class Effect(models.Model):
    """One effect of one event. Its consumer marks it done, never its sender (law 4)."""

    class Status(models.TextChoices):
        PENDING = "pending"
        DONE = "done"
        DEAD = "dead"

    event = models.ForeignKey(Event, on_delete=models.CASCADE, related_name="effects")
    name = models.CharField(max_length=16)
    status = models.CharField(max_length=8, choices=Status, default=Status.PENDING)
    attempts = models.PositiveSmallIntegerField(default=0, help_text="How often it was tried and failed.")
    due_at = models.DateTimeField(help_text="When the sweeper sends it (again).")
    leased_until = models.DateTimeField(
        null=True, blank=True, help_text="A worker performs it; others leave it alone until then."
    )
    done_at = models.DateTimeField(null=True, blank=True)
    last_error = models.CharField(max_length=300, blank=True)

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["event", "name"], name="one_effect_per_event")]
        indexes: ClassVar = [
            models.Index(fields=["due_at"], name="effect_pending", condition=Q(status="pending")),
            models.Index(fields=["id"], name="effect_dead", condition=Q(status="dead")),
        ]

    def __str__(self) -> str:
        return f"{self.name} of {self.event_id}: {self.status}"
