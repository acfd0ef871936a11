"""A live yes/no poll (Room), its participants, and its history (RoomTicks). Polls and rooms were one app until decision 0043: the
tables keep their names.
"""

from typing import ClassVar
from uuid import uuid4

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from venues.models import Venue


class Room(models.Model):
    """A live yes/no poll (contract vote-websocket.md). Its votes live in Redis while it is open; its history is kept here."""

    class Status(models.TextChoices):
        OPEN = "open"
        CLOSED = "closed"

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    code = models.CharField(max_length=6, unique=True)
    venue = models.ForeignKey(Venue, null=True, blank=True, on_delete=models.PROTECT, related_name="rooms")
    create_key = models.CharField(max_length=64, null=True, unique=True, editable=False)  # noqa: DJ001 — as a poll's
    create_asked = models.CharField(max_length=32, default="", db_default="", editable=False)

    title = models.CharField(max_length=255)
    status = models.CharField(max_length=8, choices=Status, default=Status.OPEN)
    opened_at = models.DateTimeField()
    closes_at = models.DateTimeField(help_text="When it closes by itself.")
    closed_at = models.DateTimeField(null=True, blank=True)
    version = models.BigIntegerField(default=0, help_text="Counts commands; ticks are ordered by their second.")
    token_version = models.PositiveIntegerField(
        default=0, db_default=0, help_text="Host tokens of an earlier number have ended."
    )
    kept_until = models.BigIntegerField(default=0, help_text="The last second (unix time) whose tick is kept.")
    complete = models.BooleanField(default=False, help_text="Closed, and every tick that could be kept is kept.")
    forgotten_at = models.DateTimeField(
        null=True, blank=True, editable=False, help_text="When the names of its participants were taken out of it."
    )

    class Meta:
        db_table = "polls_room"
        ordering: ClassVar = ["-opened_at"]
        indexes: ClassVar = [
            models.Index(fields=["venue", "-opened_at"], name="room_of_venue"),
            models.Index(fields=["closes_at"], name="room_unfinished", condition=Q(complete=False)),
            models.Index(
                fields=["venue", "closed_at"],
                name="room_to_forget",
                condition=Q(closed_at__isnull=False, forgotten_at__isnull=True),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.title} ({self.code})"

    @property
    def zone(self) -> str:
        """The time zone that its times are told in: its venue's; empty without one."""
        return self.venue.zone if self.venue else ""


class Participant(models.Model):
    """A person who may vote in a room. Their token is a keyed hash of both ids and is not stored (rooms/tokens.py)."""

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    room = models.ForeignKey(Room, on_delete=models.CASCADE, related_name="participants")
    name = models.CharField(max_length=80, blank=True)
    create_key = models.CharField(max_length=64, null=True, unique=True, editable=False)  # noqa: DJ001 — as a poll's
    create_asked = models.CharField(max_length=32, default="", db_default="", editable=False)
    joined_at = models.DateTimeField()

    class Meta:
        db_table = "polls_participant"
        ordering: ClassVar = ["-joined_at"]

    def __str__(self) -> str:
        return self.name or str(self.pk)[:8]


class RoomTicks(models.Model):
    """About a minute of a room's history: parallel lists of seconds (unix time) and of the votes at each."""

    room = models.ForeignKey(Room, on_delete=models.CASCADE, related_name="kept")
    first_ts = models.BigIntegerField()
    ts = ArrayField(models.BigIntegerField())
    yes = ArrayField(models.IntegerField())
    no = ArrayField(models.IntegerField())

    class Meta:
        db_table = "polls_roomticks"
        verbose_name_plural = "room ticks"
        ordering: ClassVar = ["first_ts"]
        constraints: ClassVar = [models.UniqueConstraint(fields=["room", "first_ts"], name="one_chunk_per_second")]

    def __str__(self) -> str:
        return f"{len(self.ts)} ticks from {self.first_ts}"
