"""How long a venue keeps what is personal of its guests. Only retention/commands.py writes it."""

from typing import ClassVar

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models

from venues.models import Venue

# Days after the close of a line or room.
FEWEST_DAYS, MOST_DAYS = 1, 3650


class Keeping(models.Model):
    """The days that a venue has chosen; without a row it is settings.RETENTION_DAYS."""

    venue = models.OneToOneField(Venue, primary_key=True, on_delete=models.CASCADE, related_name="keeping")
    days = models.PositiveSmallIntegerField(
        "days after the close",
        validators=[MinValueValidator(FEWEST_DAYS), MaxValueValidator(MOST_DAYS)],
        help_text="So long names, notes, messages, numbers and addresses of guests are kept.",
    )

    class Meta:
        ordering: ClassVar = ["venue"]

    def __str__(self) -> str:
        return f"{self.days} days"
