"""Whether, and how long after seating, guests of a venue are asked about their visit (decision 0085)."""

from django.core.validators import MaxValueValidator
from django.db import models

LONGEST_MIN = 240


class Asking(models.Model):
    """The field of a venue that says so."""

    ask_after_min = models.PositiveSmallIntegerField(
        "minutes until guests are asked",
        default=0,
        db_default=0,
        blank=True,
        validators=[MaxValueValidator(LONGEST_MIN)],
        help_text="So many minutes after a party was seated its guest is asked once how the visit was. 0: nobody is asked.",
    )

    class Meta:
        abstract = True
