"""Facts: one row of numbers per event, for the reports. Holds no name and no contact (law 8). And who gets the weekly mail."""

from typing import ClassVar
from uuid import uuid4

from django.conf import settings
from django.db import models
from django.db.models import Q

from outbox.models import Event
from queues.models import Queue
from venues.models import Membership, Venue

# The types of facts that reports are made of. The index fact_reported holds these alone.
REPORTED = (
    "QUEUE_MEMBER_JOINED", "QUEUE_MEMBER_QUOTED", "QUEUE_MEMBER_SERVED", "QUEUE_MEMBER_LEFT", "QUEUE_MEMBER_KICKED",
    "QUEUE_MEMBER_DROPPED", "QUEUE_MEMBER_PUT_BACK",
)  # fmt: skip


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
    called_ms = models.PositiveBigIntegerField(
        null=True,
        blank=True,
        help_text="Of a seated party: from its join to its call, in line time; none without a call.",
    )
    quote_model = models.PositiveSmallIntegerField(
        null=True,
        blank=True,
        help_text="The version of the rules that quoted at the join; 0: a host. Empty: the first.",
    )
    older_low_ms = models.PositiveBigIntegerField(
        null=True, blank=True, help_text="What the first version of the rules would have quoted at the join."
    )
    older_high_ms = models.PositiveBigIntegerField(null=True, blank=True)
    reason = models.CharField(max_length=16, blank=True)
    meta = models.JSONField(default=dict, blank=True)
    # Of facts that pages or programs report: of the Idempotency-Key and of the body it came with.
    create_key = models.CharField(max_length=64, null=True, editable=False)  # noqa: DJ001 — most have none
    create_asked = models.CharField(max_length=32, default="", db_default="", editable=False)

    class Meta:
        # fmt: off
        indexes: ClassVar = [
            models.Index(fields=["queue", "type", "at"], name="fact_of_line"),
            # All that reports read of a fact, so that they never read the table (decision 0065).
            models.Index(
                fields=["queue", "type"],
                include=[
                    "party_id", "version", "seq", "at", "size", "waited_ms", "quoted_low_ms", "quoted_high_ms", "called_ms",
                    "quote_model", "older_low_ms", "older_high_ms",
                ],
                name="fact_of_reports",
                condition=Q(version__isnull=False, type__in=REPORTED),
            ),
            models.Index(fields=["create_key"], name="fact_created", condition=Q(create_key__isnull=False)),
            models.Index(fields=["queue", "undoes"], name="fact_undone", condition=Q(undoes__isnull=False)),
            models.Index(
                fields=["at"], name="fact_of_no_line", condition=Q(queue__isnull=True, version__isnull=True)
            ),
        ]
        # fmt: on

    def __str__(self) -> str:
        return self.type


class WeeklyMail(models.Model):
    """That a person gets the weekly mail about a venue they work in. Deleted when they end it.

    `origin`: the scheme and host under which they find this site. `language`: of settings.LANGUAGES.
    """

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    membership = models.OneToOneField(Membership, on_delete=models.CASCADE, related_name="weekly_mail")
    language = models.CharField(max_length=7, choices=settings.LANGUAGES)
    origin = models.CharField(max_length=280)
    week = models.DateField(help_text="The Monday of the week that the next one is about.")
    due_at = models.DateTimeField(help_text="When the next one is posted.", db_index=True)

    def __str__(self) -> str:
        return f"weekly mail to {self.membership}"
