"""What a venue keeps of a guest who gave a number: who came when, and what hosts noted (decision 0087)."""

from typing import ClassVar
from uuid import uuid4

from django.db import models

from queues.models import Party
from venues.models import Venue

LONGEST_NOTES = 500


class Guest(models.Model):
    """A guest of one venue, known by the number alone; never by a name. `number` and `notes` are personal: they stand in no
    event, address or log.

    Visits and no-shows are counted from the parties, so that they are right after every undo.
    """

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    venue = models.ForeignKey(Venue, on_delete=models.CASCADE, related_name="guests")
    number = models.CharField(max_length=16, help_text="E.164, such as +34612345678.")
    notes = models.CharField(max_length=LONGEST_NOTES, blank=True, default="")
    vip = models.BooleanField("VIP", default=False)
    not_welcome = models.BooleanField(default=False)
    edits = models.PositiveIntegerField(default=0, help_text="How often hosts have changed it.")
    first_at = models.DateTimeField(help_text="When the number was first given here.")
    seen_at = models.DateTimeField(help_text="When it was last given.")

    class Meta:
        ordering: ClassVar = ["-seen_at", "pk"]
        constraints: ClassVar = [models.UniqueConstraint(fields=["venue", "number"], name="one_guest_per_number")]
        indexes: ClassVar = [models.Index(fields=["venue", "-seen_at"], name="guest_newest")]

    def __str__(self) -> str:
        return f"guest {self.pk}"


class Visit(models.Model):
    """The party with which a guest came."""

    party = models.OneToOneField(Party, on_delete=models.CASCADE, primary_key=True, related_name="guest_visit")
    guest = models.ForeignKey(Guest, on_delete=models.CASCADE, related_name="visits")

    def __str__(self) -> str:
        return f"{self.guest} with {self.party_id}"
