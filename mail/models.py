"""Mails to people who work with the program. Only mail/commands.py writes them."""

from typing import ClassVar
from uuid import uuid4

from django.db import models


class Mail(models.Model):
    """One mail to one person. Its text is made when it is sent (mail/letters.py), so that no token is stored.

    `about`: the id of the row that the mail is about; `day`: the first day, of one about a period. `origin`: the scheme and host
    under which its reader finds this site.
    """

    class Result(models.TextChoices):
        SENT = "sent"
        NOT_NEEDED = "not needed"
        REFUSED = "refused"

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    kind = models.CharField(max_length=24)
    to = models.EmailField()
    about = models.UUIDField(null=True)
    day = models.DateField(null=True)
    origin = models.CharField(max_length=280)
    once = models.CharField(max_length=120, unique=True, help_text="The reason: no second mail has the same.")
    posted_at = models.DateTimeField()
    settled_at = models.DateTimeField(null=True, help_text="When the mail server answered.")
    result = models.CharField(max_length=12, choices=Result, blank=True)
    detail = models.CharField(max_length=80, blank=True, help_text="The mail server's status.")

    class Meta:
        verbose_name_plural = "mails"
        ordering: ClassVar = ["-posted_at"]
        indexes: ClassVar = [models.Index(fields=["-posted_at"], name="mail_posted")]

    def __str__(self) -> str:
        return f"{self.kind}: {self.result or 'waits'}"
