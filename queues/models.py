"""A waitlist (Queue) and the groups of guests in it (Party). Only queues/commands writes them."""

from typing import ClassVar
from uuid import uuid4

from django.db import models
from django.db.models import Q

from queues import kept, rules, seated, visits, written
from queues.sent_action import SentAction as SentAction
from venues.models import Service, Venue, check_timezone


class Queue(kept.KeptLine):
    """A line. Its row is the lock for all changes in it (law 2), its `version` orders everything shown (law 3)."""

    class CloseReason(models.TextChoices):
        HOST = "host", "by a host"
        HOURS = "hours", "by its hours"
        IDLE = "idle", "idle and empty"
        AGE = "age", "twelve hours old"

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    code = models.CharField(max_length=6, unique=True)
    venue = models.ForeignKey(Venue, null=True, blank=True, on_delete=models.PROTECT, related_name="queues")
    service = models.ForeignKey(Service, null=True, blank=True, on_delete=models.PROTECT, related_name="queues")
    opens_at = models.DateTimeField(
        null=True,
        blank=True,
        editable=False,
        help_text="The opening of its service's span; a host may open it earlier.",
    )
    # NULL, not "", where no key was sent: many rows may lack one.
    create_key = models.CharField(max_length=64, null=True, unique=True, editable=False)  # noqa: DJ001
    create_asked = models.CharField(max_length=32, default="", db_default="", editable=False)

    event_name = models.CharField(max_length=rules.LONGEST_LINE_NAME)
    max_guests = models.PositiveIntegerField(help_text="Guests in line at once, called ones included.")
    location = models.CharField(max_length=rules.LONGEST_LOCATION, blank=True)
    contact_info = models.CharField(max_length=rules.LONGEST_CONTACT, blank=True)
    open_time = models.TimeField(null=True, blank=True)
    close_time = models.TimeField(null=True, blank=True)
    timezone = models.CharField(max_length=64, validators=[check_timezone])
    has_zone = models.BooleanField(
        default=True,
        db_default=True,
        help_text="Whether its opener named the zone. If not, its hours are only shown, and times are told as spans.",
    )
    call_window_s = models.PositiveIntegerField(default=120)
    auto_advance = models.BooleanField(default=True, help_text="When a call runs out, the clock calls the next party.")
    auto_no_show = models.BooleanField(
        default=False,
        db_default=True,
        help_text="When a call runs out, the clock ends the place of a party with a phone. If not, the party is late.",
    )
    on_my_way_s = models.PositiveIntegerField(
        default=0,
        db_default=0,
        help_text="How much more time a called guest gets, once, who says “On my way”; 0: none.",
    )
    called_by_clock = models.BooleanField(
        default=False,
        db_default=False,
        help_text="The clock has called a party and no host has acted since: it calls no other until one does.",
    )

    opened_at = models.DateTimeField()
    last_entry_at = models.DateTimeField(null=True, blank=True, help_text="No guest may join from then on.")
    entry_over = models.BooleanField(
        default=False, db_default=False, help_text="Set by the sweep at last entry: what pages show of it."
    )
    closing_at = models.DateTimeField(
        null=True,
        blank=True,
        help_text="The sweep closes the line then if it is empty, else once its last party is out.",
    )
    closes_at = models.DateTimeField(
        help_text="The sweep closes the line then, even with parties in it: its hours, or twelve hours after opening."
    )
    last_activity_at = models.DateTimeField()
    paused = models.BooleanField(default=False)
    pause_reason = models.CharField(
        max_length=rules.LONGEST_MESSAGE, blank=True, default="", db_default="", help_text="Why, as guests read it."
    )
    wait_low_ms = models.PositiveBigIntegerField(
        null=True, blank=True, help_text="The wait that a host set for new guests, at least; only with wait_until."
    )
    wait_high_ms = models.PositiveBigIntegerField(null=True, blank=True, help_text="The same, at most.")
    wait_until = models.DateTimeField(null=True, blank=True, help_text="The sweep ends the wait that a host set then.")
    here_only = models.BooleanField(
        default=False, db_default=False, help_text="Guests join only with the code on the wall (queues/here.py)."
    )
    message = models.CharField(
        max_length=rules.LONGEST_MESSAGE, blank=True, help_text="The host's words to everybody in line."
    )
    message_at = models.DateTimeField(null=True, blank=True)
    asked = models.JSONField(
        default=list,
        db_default=models.Value([], models.JSONField()),
        blank=True,
        help_text="The open polls for the people in line, newest first: code, title, from, until (ms or null).",
    )
    closed_at = models.DateTimeField(null=True, blank=True)
    close_reason = models.CharField(max_length=8, choices=CloseReason, blank=True)

    version = models.BigIntegerField(default=0)
    next_ticket = models.PositiveIntegerField(default=1)
    pace_ms = models.PositiveIntegerField(help_text="How long one party ahead is expected to take, in ms.")
    last_called_at = models.DateTimeField(null=True, blank=True)
    quote_model = models.PositiveSmallIntegerField(
        default=1, db_default=1, editable=False, help_text="The version of the rules that quote waits (queues/quotes)."
    )
    flow = models.JSONField(
        default=dict,
        db_default=models.Value({}, models.JSONField()),
        editable=False,
        help_text="How fast the line moves, as far as quotes go by it (quotes.Flow); {}: only pace_ms is known.",
    )
    past = models.JSONField(
        default=dict,
        db_default=models.Value({}, models.JSONField()),
        editable=False,
        help_text="What its venue's past said when it opened (quotes.Past); {}: nothing.",
    )
    time_scale = models.PositiveIntegerField(default=1, help_text="A replayed line runs this many times faster.")
    token_version = models.PositiveIntegerField(
        default=0, db_default=0, help_text="Host tokens of an earlier number have ended."
    )

    class Meta:
        verbose_name = "line"
        ordering: ClassVar = ["-opened_at"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["service", "opens_at"], name="one_line_per_span"),
        ]
        indexes: ClassVar = [
            models.Index(fields=["closes_at"], name="queue_open", condition=Q(closed_at__isnull=True)),
            models.Index(
                fields=["closing_at"],
                name="queue_closing",
                condition=Q(closed_at__isnull=True, closing_at__isnull=False),
            ),
            models.Index(
                fields=["last_entry_at"],
                name="queue_last_entry",
                condition=Q(closed_at__isnull=True, entry_over=False, last_entry_at__isnull=False),
            ),
            models.Index(fields=["last_activity_at"], name="queue_activity"),
            models.Index(fields=["venue", "-opened_at"], name="queue_of_venue"),
            *kept.INDEXES,
        ]

    def __str__(self) -> str:
        return f"{self.event_name} ({self.code})"

    @property
    def is_closed(self) -> bool:
        """Whether the line is over: no party can join, none is in line."""
        return self.closed_at is not None

    @property
    def zone(self) -> str:
        """The time zone of its venue, or the one named when it was opened; empty without one."""
        return self.timezone if self.has_zone else ""


class Party(seated.Seated, kept.KeptParty, written.Written, visits.Visited):
    """A group of guests with one place. Its id is the guest's proof; its ticket number is public."""

    class Status(models.TextChoices):
        WAITING = "waiting"
        CALLED = "called"
        SERVED = "served"
        LEFT = "left"
        KICKED = "kicked", "removed"
        NO_SHOW = "no_show", "no-show"
        CLOSED = "closed", "line closed"

    class MoreTime(models.TextChoices):
        ASKED = "asked"
        GIVEN = "given"

    IN_LINE: ClassVar = (Status.WAITING, Status.CALLED)

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    queue = models.ForeignKey(Queue, on_delete=models.PROTECT, related_name="parties")
    ticket = models.PositiveIntegerField()
    rank = models.BigIntegerField(help_text="The order of the waiting line.")
    name = models.CharField(max_length=rules.LONGEST_NAME, blank=True)
    size = models.PositiveIntegerField(default=1)
    note = models.CharField(max_length=rules.LONGEST_NOTE, blank=True)
    note_by_host = models.BooleanField(
        default=False, db_default=False, help_text="A host wrote the note: its guest neither sees nor changes it."
    )
    status = models.CharField(max_length=8, choices=Status, default=Status.WAITING)
    nearby = models.BooleanField(default=False)
    walk_in = models.BooleanField(default=False, help_text="Added by a host.")
    without_phone = models.BooleanField(
        default=False,
        db_default=False,
        help_text="A host or a tablet entered it, and its ticket was not handed over: no clock ends its place.",
    )
    join_key = models.CharField(max_length=64, null=True, editable=False, help_text="Hash of the Idempotency-Key.")  # noqa: DJ001
    join_asked = models.CharField(max_length=32, default="", db_default="", editable=False, help_text="Of its body.")

    joined_at = models.DateTimeField()
    quote_low_ms = models.PositiveBigIntegerField()
    quote_high_ms = models.PositiveBigIntegerField()
    quoted_by_host = models.BooleanField(
        default=False, db_default=False, help_text="A host promised this wait; the guest is shown what is left of it."
    )
    told = models.JSONField(
        null=True, editable=False, help_text="What made its quote at the join (quotes.Told); none where a host set it."
    )
    edits = models.PositiveIntegerField(
        default=0,
        db_default=0,
        help_text="How often its name, size or message changed; its page asks again when this grows.",
    )
    called_at = models.DateTimeField(null=True, blank=True)
    call_deadline = models.DateTimeField(null=True, blank=True)
    late_at = models.DateTimeField(
        null=True, blank=True, help_text="When its call ran out. It stays called until a host decides."
    )
    on_my_way_at = models.DateTimeField(
        null=True, blank=True, help_text="When its guest said “On my way”, in the newest call."
    )
    call_count = models.PositiveIntegerField(default=0)
    more_time = models.CharField(
        max_length=5,
        blank=True,
        default="",
        db_default="",
        choices=MoreTime,
        help_text="Whether the guest asked for it, in the newest call.",
    )
    message = models.CharField(
        max_length=rules.LONGEST_MESSAGE,
        blank=True,
        default="",
        db_default="",
        help_text="A host's words to this guest.",
    )
    message_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)
    lapsed = models.BooleanField(
        default=False,
        db_default=False,
        help_text="A no-show by the clock that no host has put back or dismissed yet.",
    )
    has_contact = models.BooleanField(default=False, db_default=False, help_text="A number or address is kept.")
    told_position_2 = models.BooleanField(default=False)
    told_position_5 = models.BooleanField(default=False)
    tell_ahead = models.PositiveSmallIntegerField(
        null=True, blank=True, help_text="The guest is told once no more than so many parties wait before it."
    )
    told_ahead = models.BooleanField(
        default=False, db_default=False, help_text="It was told so, once for each choice of the guest."
    )

    class Meta:
        verbose_name_plural = "parties"
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["queue", "ticket"], name="one_party_per_ticket"),
            models.UniqueConstraint(
                fields=["queue", "join_key"], name="one_party_per_join_key", condition=Q(join_key__isnull=False)
            ),
        ]
        indexes: ClassVar = [
            models.Index(
                fields=["queue", "rank", "ticket"],
                name="party_waiting",
                include=["size"],
                condition=Q(status="waiting"),
            ),
            models.Index(fields=["queue", "called_at"], name="party_called", condition=Q(status="called")),
            models.Index(fields=["call_deadline"], name="party_due", condition=Q(status="called")),
            # For index-only scans: whether a name is in line, how many parties and guests are.
            models.Index(
                fields=["queue", "name"],
                name="party_in_line",
                include=["status", "size"],
                condition=Q(status__in=["waiting", "called"]),
            ),
            models.Index(fields=["queue", "ended_at"], name="party_ended"),
            models.Index(
                fields=["queue"],
                name="party_noted",
                condition=Q(status="waiting") & (Q(edits__gt=0) | Q(quoted_by_host=True)),
            ),
            *visits.INDEXES,
        ]

    def __str__(self) -> str:
        return f"#{self.ticket}"

    @property
    def has_phone(self) -> bool:
        """Whether a phone shows its ticket. The clock never ends the place of a party without one."""
        return not self.without_phone
