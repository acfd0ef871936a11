"""API keys: what a venue's programs send to prove that they are its."""

from typing import ClassVar

from django.db import models

from core.scopes import BEFORE_SCOPES


def scopes_before() -> list[str]:
    """The scopes of keys that were made before there were any."""
    return [scope.value for scope in BEFORE_SCOPES]


class ApiKey(models.Model):
    """An API key of one venue. Only its hash is stored; the key itself is shown once, at creation."""

    venue = models.ForeignKey("venues.Venue", on_delete=models.CASCADE, related_name="api_keys")
    name = models.CharField(max_length=80)
    prefix = models.CharField(max_length=12, editable=False, help_text="The first characters, to tell keys apart.")
    digest = models.CharField(max_length=64, unique=True, editable=False)
    create_key = models.CharField(max_length=64, null=True, unique=True, editable=False)  # noqa: DJ001 — as a line's
    created_at = models.DateTimeField(auto_now_add=True)
    last_used_at = models.DateTimeField(null=True, blank=True, editable=False, help_text="To the hour.")
    revoked_at = models.DateTimeField(null=True, blank=True, editable=False)
    scopes = models.JSONField(
        default=scopes_before,
        db_default=models.Value(scopes_before(), models.JSONField()),
        help_text="What it may do (core/scopes.py). They never change.",
    )
    expires_at = models.DateTimeField(null=True, blank=True, help_text="It is refused from then on. Empty: never.")
    origin = models.CharField(
        max_length=200,
        blank=True,
        default="",
        db_default="",
        editable=False,
        help_text="This site, for links in mails.",
    )
    warned_at = models.DateTimeField(
        null=True, blank=True, editable=False, help_text="When owners were told that it expires soon."
    )

    class Meta:
        verbose_name = "API key"
        ordering: ClassVar = ["-created_at"]
        indexes: ClassVar = [
            models.Index(
                fields=["expires_at"],
                name="api_key_expires",
                condition=models.Q(expires_at__isnull=False, revoked_at__isnull=True, warned_at__isnull=True),
            )
        ]

    def __str__(self) -> str:
        return f"{self.name} ({self.prefix}…)"
