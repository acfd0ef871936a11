"""A venue's devices, and the codes of 8 digits by which they are added. No secret is stored: digits and tokens are derived from
SECRET_KEY and a code's random id, and only their hashes are kept."""

import re
import unicodedata
from datetime import timedelta
from typing import ClassVar
from uuid import UUID, uuid4

from django.db import models

from core.hashing import derived_token, keyed

VALID_FOR = timedelta(minutes=5)
_DIGITS = 8


class Device(models.Model):
    """A tablet or phone that acts as a host of its venue without an account. Removing it deletes the row.

    Its browser keeps a token, of which `digest` is the hash.
    """

    venue = models.ForeignKey("venues.Venue", on_delete=models.CASCADE, related_name="devices")
    name = models.CharField(max_length=80)
    digest = models.CharField(max_length=64, unique=True, editable=False)
    added_by = models.ForeignKey("venues.User", null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    added_at = models.DateTimeField()
    last_used_at = models.DateTimeField(help_text="To the minute.")
    kiosk_pin = models.CharField(
        max_length=128,
        blank=True,
        editable=False,
        help_text="The PIN's hash. With one the device is a kiosk, and no host.",
    )

    class Meta:
        ordering: ClassVar = ["-last_used_at", "pk"]

    def __str__(self) -> str:
        return self.name


class PairingCode(models.Model):
    """A code that adds one device: to a venue, or to a line, poll or room without one (`subject_id`, at its `token_version`).

    Kept until it expires, so that a device whose answer was lost may send it again.
    """

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    digest = models.CharField(max_length=64, unique=True, editable=False)
    venue = models.ForeignKey("venues.Venue", null=True, on_delete=models.CASCADE, related_name="+")
    subject_id = models.UUIDField(null=True)
    token_version = models.PositiveIntegerField(default=0)
    name = models.CharField(max_length=80, blank=True)
    made_by = models.ForeignKey("venues.User", null=True, on_delete=models.SET_NULL, related_name="+")
    create_key = models.CharField(max_length=64, null=True, unique=True, editable=False)  # noqa: DJ001 — as a line's
    expires_at = models.DateTimeField()
    taken_with = models.CharField(max_length=64, blank=True, help_text="The hash of the key of the form that used it.")
    device = models.OneToOneField(Device, null=True, on_delete=models.CASCADE, related_name="+")

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=models.Q(venue__isnull=True) ^ models.Q(subject_id__isnull=True), name="code_of_one_thing"
            )
        ]

    def __str__(self) -> str:
        return f"code {str(self.pk)[:8]}"


def digits_of(code_id: UUID) -> str:
    """The digits of a code, which only a holder of SECRET_KEY can derive from its id."""
    return f"{int.from_bytes(keyed('pairing.code', str(code_id))) % 10**_DIGITS:0{_DIGITS}}"


def digits_in(text: str) -> str:
    """The digits that a person typed, in any script's digits, with spaces or dashes; empty where the text is no code."""
    typed = re.sub(r"[\s\-–.]", "", unicodedata.normalize("NFKC", text))  # noqa: RUF001
    return "".join(str(int(digit)) for digit in typed) if len(typed) == _DIGITS and typed.isdecimal() else ""


def digits_digest(digits: str) -> str:
    """The stored hash of a code's digits: 64 hex digits."""
    return keyed("pairing.digits", digits).hex()


def device_token(code_id: UUID) -> str:
    """The token of the device that the code with this id has added."""
    return derived_token("device", str(code_id))
