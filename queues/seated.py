"""The fields of a party that say where it sits (decision 0075): they are the truth about a venue's tables, so that events prove
it as all else of a party."""

from typing import Any

from django.db import models
from django.db.models import Q

from venues.tables import LONGEST_SECTION

SITS = Q(seated_at__isnull=False, freed_at__isnull=True)
# What a party holds that sits nowhere and never did.
NOWHERE: dict[str, Any] = {"tables": [], "seated_at": None, "freed_at": None}
INDEXES = [
    models.Index(fields=["queue"], name="party_sits", condition=SITS),
    models.Index(fields=["seated_at"], name="party_sits_since", condition=SITS),
    models.Index(fields=["queue", "freed_at"], name="party_turned", condition=Q(freed_at__isnull=False)),
]


class Seated(models.Model):
    """The fields of a party that say where it wishes to sit, and where it sat since when."""

    section = models.CharField(
        max_length=LONGEST_SECTION, blank=True, default="", db_default="", help_text="Where it wishes to sit."
    )
    tables = models.JSONField(
        default=list,
        db_default=models.Value([], models.JSONField()),
        blank=True,
        help_text="Ids of the tables at which it was seated.",
    )
    seated_at = models.DateTimeField(null=True, blank=True, help_text="Since when it had these tables.")
    freed_at = models.DateTimeField(null=True, blank=True, help_text="When it gave them back.")

    class Meta:
        abstract = True

    @property
    def sits(self) -> bool:
        """Whether it sits at its tables now."""
        return self.seated_at is not None and self.freed_at is None
