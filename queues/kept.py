"""When what is personal in a line and its parties was taken out of them (decision 0088)."""

from django.db import models
from django.db.models import Q

INDEXES = [
    models.Index(
        fields=["venue", "closed_at"],
        name="queue_to_forget",
        condition=Q(closed_at__isnull=False, forgotten_at__isnull=True),
    ),
]


class KeptLine(models.Model):
    """The field of a line that says so of all its parties."""

    forgotten_at = models.DateTimeField(
        null=True, blank=True, editable=False, help_text="When names, notes and messages were taken out of it."
    )

    class Meta:
        abstract = True


class KeptParty(models.Model):
    """The field of a party that says so of it alone, ahead of its line."""

    erased_at = models.DateTimeField(
        null=True, blank=True, editable=False, help_text="When its guest, or staff, had it erased."
    )

    class Meta:
        abstract = True
