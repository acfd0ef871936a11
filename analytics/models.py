"""Facts: one row of numbers per event, for the reports. Holds no name and no contact (law 8)."""

from typing import ClassVar

from django.db import models
from django.db.models import Q

from outbox.models import Event
from queues.models import Queue
from venues.models import Venue


class Fact(models.Model):
    """One fact. `analytics.facts.keep` writes those of events, `analytics.commands.track` those that pages report.

    A fact never changes. Effects are performed in any order, so an undo is a separate fact (`undoes`), and reports leave
    out the facts of the undone `version`. Only facts of events have a `version`: reports of pages never count as guests.
    """

    event = models.OneToOneField(Event, null=True, blank=True, on_delete=models.SET_NULL, related_name="fact")
    type = models.CharField(max_length=40)
    queue = models.ForeignKey(
        Queue, null=True, blank=True, on_delete=models.CASCADE, related_name="facts", db_index=False
    )
    venue = models.ForeignKey(
        Venue, null=True, blank=True, on_delete=models.CASCADE, related_name="facts", db_index=False
    )
    party_id = models.UUIDField(null=True, blank=True)
    version = models.BigIntegerField(null=True, blank=True, help_text="The line's version that the event made.")
    seq = models.PositiveSmallIntegerField(null=True, blank=True)
    undoes = models.BigIntegerField(null=True, blank=True, help_text="The version that this undo took back.")

    at = models.DateTimeField(help_text="When, in the line's own time (a replayed line runs faster).")
    size = models.PositiveIntegerField(null=True, blank=True, help_text="Guests of the party.")
    waited_ms = models.PositiveBigIntegerField(null=True, blank=True, help_text="Since the party joined, in line time.")
    quoted_low_ms = models.PositiveBigIntegerField(null=True, blank=True)
    quoted_high_ms = models.PositiveBigIntegerField(null=True, blank=True)
    reason = models.CharField(max_length=16, blank=True)
    meta = models.JSONField(default=dict, blank=True)

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["queue", "type", "at"], name="fact_of_line"),
            models.Index(fields=["venue", "type", "at"], name="fact_of_venue"),
            models.Index(
                fields=["party_id", "version", "seq"], name="fact_of_party", condition=Q(version__isnull=False)
            ),
            models.Index(fields=["queue", "undoes"], name="fact_undone", condition=Q(undoes__isnull=False)),
        ]

    def __str__(self) -> str:
        return self.type
