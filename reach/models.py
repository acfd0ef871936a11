"""How a venue reaches guests (Channels), where one guest is reached (Contact), and what went out (Message). Only reach/commands
writes them."""

from typing import ClassVar
from uuid import uuid4

from django.db import models
from django.db.models import Q

import reach.text_models  # noqa: F401 — its models
from queues.models import Party, Queue
from reach.notices import Kind
from venues.models import Venue

FALLBACK_S = 45
LONGEST_E164 = 16


class Channels(models.Model):
    """Which ways a venue offers, first the one that it prefers. A venue without a row offers browsers' push alone."""

    venue = models.OneToOneField(Venue, on_delete=models.CASCADE, primary_key=True, related_name="channels")
    ways = models.JSONField(default=list, help_text="Names of ways (reach/ways), in the venue's order.")
    fallback_s = models.PositiveIntegerField(
        default=FALLBACK_S,
        db_default=FALLBACK_S,
        help_text="A call goes by the next way after so many seconds, if it was neither delivered nor answered.",
    )

    class Meta:
        verbose_name_plural = "channels"

    def __str__(self) -> str:
        return ", ".join(self.ways)


class Contact(models.Model):
    """Where a party's guest is reached. Personal: in no event, snapshot, log or URL."""

    party = models.OneToOneField(Party, on_delete=models.CASCADE, primary_key=True, related_name="contact")
    number = models.CharField(max_length=LONGEST_E164, blank=True, help_text="E.164, such as +34600111222.")
    email = models.EmailField(blank=True)
    ways = models.JSONField(default=list, help_text="Names of ways (reach/ways), in the guest's order.")
    language = models.CharField(max_length=8, default="en", help_text="What it is written to in: en, en-gb, es, ja.")
    origin = models.CharField(
        max_length=280, blank=True, help_text="The scheme and host under which it found this site."
    )
    verified_at = models.DateTimeField(null=True, blank=True, help_text="When its guest proved the number by a code.")
    needs_proof = models.BooleanField(
        default=False,
        db_default=False,
        help_text="Until its guest proves the number, nothing but a code is sent there.",
    )
    changed_at = models.DateTimeField()

    class Meta:
        indexes: ClassVar = [models.Index(fields=["number"], name="contact_number", condition=~Q(number=""))]

    def __str__(self) -> str:
        return f"contact of {self.party_id}"


class Proof(models.Model):
    """The code by which a party's guest proves a number, and how often one was sent there and typed wrong. The code is kept
    nowhere: it is derived from `nonce` (reach/proofs.py). The number is a keyed hash. Gone a day after the last code."""

    party = models.ForeignKey(Party, on_delete=models.CASCADE, related_name="+")
    number_hash = models.BinaryField(max_length=32)
    nonce = models.UUIDField(default=uuid4, editable=False, help_text="Another for each code.")
    expires_at = models.DateTimeField(help_text="Until when the code is good.")
    tries = models.PositiveSmallIntegerField(default=0, help_text="Wrong codes that were typed for this one.")
    sent = models.PositiveSmallIntegerField(default=0, help_text="Texts with a code that were asked for.")
    sent_at = models.DateTimeField(null=True, help_text="When the last of them was asked for.")
    made_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["party", "number_hash"], name="one_proof_a_number"),
        ]
        indexes: ClassVar = [models.Index(fields=["number_hash"], name="proof_of_number")]

    def __str__(self) -> str:
        return f"proof of {self.party_id}"


class Message(models.Model):
    """One notice to one party by one way, each once. `round` and `again` as in news.News; `at` and `undone` likewise.

    A row that is `due` is to be sent at `due_at`. A worker leases it before; a message whose worker was killed is sent again once
    the lease has ended.
    """

    class State(models.TextChoices):
        DUE = "due", "waits"
        SENT = "sent"
        DELIVERED = "delivered"
        FAILED = "failed"
        SKIPPED = "skipped", "not needed"

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    queue = models.ForeignKey(Queue, on_delete=models.CASCADE, related_name="+")
    party_id = models.UUIDField()
    kind = models.CharField(max_length=12, choices=Kind)
    round = models.PositiveIntegerField(default=0)
    again = models.BigIntegerField(default=0)
    at = models.JSONField(default=int)
    undone = models.BooleanField(default=False)
    way = models.CharField(max_length=12)
    state = models.CharField(max_length=9, choices=State, default=State.DUE)
    made_at = models.DateTimeField(help_text="Since when it was to go by this way.")
    due_at = models.DateTimeField()
    leased_until = models.DateTimeField(null=True, blank=True, help_text="A worker sends it; others leave it alone.")
    sent_at = models.DateTimeField(null=True, blank=True)
    delivered_at = models.DateTimeField(null=True, blank=True, help_text="When the other side said that it arrived.")
    attempts = models.PositiveSmallIntegerField(default=0)
    provider_id = models.CharField(max_length=64, blank=True, help_text="The other side's name for it.")
    segments = models.PositiveSmallIntegerField(null=True, blank=True)
    cost_micros = models.BigIntegerField(null=True, blank=True, help_text="Millionths of the provider's currency.")
    paid_on = models.DateField(null=True, blank=True, help_text="The business day from which a text was last paid.")
    detail = models.CharField(max_length=80, blank=True, help_text="The other side's status. Nothing personal.")

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["party_id", "kind", "round", "again", "way"], name="each_way_once"),
        ]
        indexes: ClassVar = [
            models.Index(fields=["due_at"], name="message_due", condition=Q(state="due")),
            models.Index(fields=["party_id", "-made_at"], name="message_of_party"),
            models.Index(fields=["provider_id"], name="message_receipt", condition=~Q(provider_id="")),
            models.Index(fields=["made_at"], name="message_newest"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} by {self.way}: {self.state}"
