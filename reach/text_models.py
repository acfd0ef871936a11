"""Texts of a venue: its provider and what each day cost; what guests wrote; numbers that said STOP. Only reach/commands writes
them."""

from datetime import datetime, time
from typing import ClassVar
from uuid import uuid4
from zoneinfo import ZoneInfo

from django.db import models

from queues.models import Party
from reach.providers import MICROS, Account, Channel
from venues.models import Venue

LONGEST_SENDER, LONGEST_URL, LONGEST_SAID = 40, 800, 1000
PRICE_MICROS = 50_000


class Provider(models.Model):
    """Who carries a venue's texts, how they look, and what they may cost a day. Its secrets are shown to nobody."""

    class Kind(models.TextChoices):
        TWILIO = "twilio", "Twilio"
        GATEWAY = "gateway", "A gateway of our own"

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    venue = models.OneToOneField(Venue, on_delete=models.CASCADE, related_name="texts")
    kind = models.CharField(max_length=8, choices=Kind)
    sid = models.CharField(max_length=40, blank=True, help_text="Twilio's account.")
    token = models.CharField(max_length=80, blank=True, editable=False)
    url = models.CharField(max_length=LONGEST_URL, blank=True, help_text="The gateway's.")
    secret = models.CharField(max_length=80, blank=True, editable=False)
    sender = models.CharField(max_length=LONGEST_SENDER, blank=True, help_text="Of SMS.")
    whatsapp_sender = models.CharField(max_length=LONGEST_SENDER, blank=True)
    whatsapp_template = models.CharField(max_length=40, blank=True, help_text="Twilio's approved content template.")
    quiet_from = models.TimeField(
        null=True, blank=True, help_text="No text goes out from then on, in the venue's zone."
    )
    quiet_until = models.TimeField(null=True, blank=True)
    price_micros = models.PositiveBigIntegerField(
        default=PRICE_MICROS, help_text="What one SMS is taken to cost until the provider has said."
    )
    currency = models.CharField(max_length=3, default="USD")
    cap_micros = models.PositiveBigIntegerField(
        null=True, blank=True, help_text="What a business day may cost; null: any."
    )
    origin = models.CharField(max_length=280, help_text="Under which its provider finds this site.")
    made_at = models.DateTimeField()
    prove_numbers = models.BooleanField(
        default=False, db_default=False, help_text="A number is texted only once its guest has typed a code sent there."
    )
    failing_since = models.DateTimeField(null=True, help_text="The provider has taken nothing since.")
    problem = models.CharField(max_length=120, blank=True, help_text="What it said last. Nothing personal.")

    def __str__(self) -> str:
        return f"texts of {self.venue_id}"

    def account(self, channel: Channel) -> Account:
        """How the venue is known to the provider, for texts of this channel."""
        sender = self.whatsapp_sender if channel == Channel.WHATSAPP else self.sender
        return Account(self.sid, self.token, sender, self.whatsapp_template, self.url, self.secret)

    def carries(self, channel: Channel) -> bool:
        """Whether it has a sender of this channel."""
        return bool(self.account(channel).sender)

    def is_quiet(self, at: datetime) -> bool:
        """Whether the moment lies in its quiet hours, by the venue's clock; they may go over midnight."""
        if self.quiet_from is None or self.quiet_until is None or self.quiet_from == self.quiet_until:
            return False
        clock: time = at.astimezone(ZoneInfo(self.venue.timezone)).time()
        if self.quiet_from < self.quiet_until:
            return self.quiet_from <= clock < self.quiet_until
        return clock >= self.quiet_from or clock < self.quiet_until


class Spent(models.Model):
    """What texts of one business day cost, as far as it is known: told by the provider, else taken from the price. Its row is the
    lock under which a text is paid for before it goes out, so that no worker spends more than the cap."""

    venue = models.ForeignKey(Venue, on_delete=models.CASCADE, related_name="+")
    day = models.DateField()
    micros = models.BigIntegerField(default=0)
    segments = models.PositiveIntegerField(default=0)
    texts = models.PositiveIntegerField(default=0)
    held_back = models.PositiveIntegerField(default=0, help_text="Not sent, because the cap was reached.")
    warned_at = models.DateTimeField(null=True, help_text="When the day had cost most of its cap.")

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["venue", "day"], name="one_cost_a_day")]
        verbose_name_plural = "spent"

    def __str__(self) -> str:
        return f"{self.day}: {self.micros / MICROS:.2f}"


class Said(models.Model):
    """What a guest or a host said by SMS or WhatsApp. Personal. `outside_id`: a hash of the provider's name for a guest's text,
    which comes once; `message`: the host's, as it was sent. Without a party: a number that is in no line."""

    class By(models.TextChoices):
        GUEST = "guest"
        HOST = "host"

    venue = models.ForeignKey(Venue, on_delete=models.CASCADE, related_name="+")
    party = models.ForeignKey(Party, null=True, on_delete=models.CASCADE, related_name="said")
    by = models.CharField(max_length=5, choices=By)
    channel = models.CharField(max_length=8)
    text = models.CharField(max_length=LONGEST_SAID, blank=True)
    at = models.DateTimeField()
    outside_id = models.CharField(max_length=64, null=True)  # noqa: DJ001 — NULL: a host's
    message = models.UUIDField(null=True)
    meaning = models.CharField(max_length=12, blank=True, help_text="What a reply asked for (reach/words.py).")
    done_at = models.DateTimeField(null=True, help_text="When that was done, or refused.")
    outcome = models.CharField(max_length=80, blank=True, help_text="What came of it, for the host.")

    class Meta:
        verbose_name_plural = "said"
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["venue", "outside_id"], name="heard_once"),
            models.UniqueConstraint(fields=["message"], name="said_once"),
        ]
        indexes: ClassVar = [models.Index(fields=["party", "at"], name="said_to_party")]

    def __str__(self) -> str:
        return f"{self.by}, {self.channel}"


class Stopped(models.Model):
    """A number that wants no texts of a venue, as a keyed hash. It is kept until the number says START, also when all else of its
    guest is forgotten."""

    venue = models.ForeignKey(Venue, on_delete=models.CASCADE, related_name="+")
    number_hash = models.BinaryField(max_length=32)
    at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["venue", "number_hash"], name="stopped_once")]
        verbose_name_plural = "stopped"

    def __str__(self) -> str:
        return f"stopped {self.at}"
