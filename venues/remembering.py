"""Whether a venue knows guests who come again (decision 0087)."""

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models

MONTHS, MOST_MONTHS = 12, 60


class Remembering(models.Model):
    """The fields of a venue that say what it keeps of guests. Only guests/commands.py writes them."""

    guest_history = models.BooleanField(
        default=False, db_default=False, help_text="It knows guests again by the number that they gave."
    )
    guest_months = models.PositiveSmallIntegerField(
        "months a guest is kept",
        default=MONTHS,
        db_default=MONTHS,
        validators=[MinValueValidator(1), MaxValueValidator(MOST_MONTHS)],
        help_text="Since the last time that the guest came.",
    )

    class Meta:
        abstract = True
