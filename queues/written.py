"""The fields of a party that say that its guest wrote by SMS or WhatsApp. What was written is kept beside (reach)."""

from django.db import models


class Written(models.Model):
    """When its guest wrote last, and whether its number said STOP."""

    wrote_at = models.DateTimeField(null=True, blank=True, help_text="When its guest last wrote, for the host to read.")
    texts_stopped = models.BooleanField(
        default=False, db_default=False, help_text="Its number said STOP: no text goes there."
    )

    class Meta:
        abstract = True
