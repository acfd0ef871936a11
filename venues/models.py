"""Restaurants, the people who work in them, and the keys of their programs."""

from datetime import time
from typing import Any, ClassVar
from uuid import uuid4

from django.contrib.auth.models import AbstractUser, BaseUserManager
from django.contrib.sessions.models import Session
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models

import venues.pairing  # noqa: F401 — its models
from core.zones import zone_names
from venues.api_key import ApiKey as ApiKey
from venues.asking import Asking
from venues.remembering import Remembering
from venues.standing import Standing
from venues.tables import Seating


def check_timezone(name: str) -> None:
    """Raises ValidationError unless `name` is an IANA time zone."""
    if name not in zone_names():
        raise ValidationError("%(name)s is not a time zone such as America/New_York", params={"name": name})


class UserManager(BaseUserManager["User"]):
    """Creates users identified by e-mail address."""

    def create_user(self, email: str, password: str | None = None, **fields: Any) -> "User":
        """A user who may sign in. Raises ValueError without an address."""
        if not email:
            raise ValueError("A user needs an e-mail address")
        user = self.model(email=self.normalize_email(email).lower(), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, email: str, password: str | None = None, **fields: Any) -> "User":
        """Staff with every right, for Django admin."""
        return self.create_user(email, password, is_staff=True, is_superuser=True, **fields)


class User(AbstractUser):
    """An account of a host, an owner, or staff, identified by e-mail; there is no user name."""

    username = None  # type: ignore[assignment]
    email = models.EmailField("e-mail", unique=True)
    # The address it gets when the link sent there is followed (venues/commands/email.py). The link holds the key, signed.
    new_email = models.EmailField(blank=True, editable=False)
    new_email_key = models.UUIDField(null=True, unique=True, editable=False)
    new_email_until = models.DateTimeField(null=True, editable=False)
    create_key = models.CharField(max_length=64, null=True, unique=True, editable=False)  # noqa: DJ001 — as a line's

    USERNAME_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []
    objects = UserManager()  # type: ignore[misc,assignment]

    def __str__(self) -> str:
        return self.get_full_name() or self.email


LARGEST_PARTY = 24
# Bounds of a venue's lines: guests in line at once; how long a called party may take.
MOST_GUESTS = 100_000
SHORTEST_WINDOW_S, LONGEST_WINDOW_S = 10, 86_400
LONGEST_LAST_ENTRY_MIN = 12 * 60
ON_MY_WAY_S = 300  # what "On my way" adds to a call, unless the venue chooses otherwise
DAY_ENDS = time(4)


def check_day_ends(at: time) -> None:
    """Raises ValidationError unless the business day ends at a whole hour from midnight to noon: reports sum by the hour."""
    if at.replace(minute=0, second=0, microsecond=0) != at or at > time(12):
        raise ValidationError("A business day ends at a whole hour from 00:00 to 12:00.")


# Stands for "no zone set". No restaurant is in zone UTC: Reykjavík and Accra have zones of their own names.
NO_ZONE = "UTC"


class Venue(Standing, Seating, Remembering, Asking):
    """A restaurant. Owns lines, polls and rooms; its hours are read in its time zone."""

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    create_key = models.CharField(max_length=64, null=True, unique=True, editable=False)  # noqa: DJ001 — as a line's
    name = models.CharField(max_length=120)
    timezone = models.CharField(max_length=64, validators=[check_timezone])
    largest_party = models.PositiveSmallIntegerField(
        default=LARGEST_PARTY,
        db_default=LARGEST_PARTY,
        blank=True,
        validators=[MinValueValidator(1), MaxValueValidator(1_000)],
        help_text="Guests that may come as one party. A larger party joins in several.",
    )
    day_ends = models.TimeField(
        "business day ends",
        default=DAY_ENDS,
        db_default=DAY_ENDS,
        validators=[check_day_ends],
        help_text="What happens later at night still counts to the day before.",
    )
    here_only = models.BooleanField(
        default=False,
        db_default=False,
        help_text="Its lines take only guests who know the code on the wall, which changes every five minutes.",
    )
    names_on_wall = models.BooleanField(
        "names on the wall",
        default=False,
        db_default=False,
        help_text="A wall that a host opened shows the names of called guests; the join page says so.",
    )
    created_at = models.DateTimeField(auto_now_add=True)
    members = models.ManyToManyField(User, through="Membership", related_name="venues")

    class Meta:
        ordering: ClassVar = ["name"]

    def __str__(self) -> str:
        return self.name

    @property
    def zone(self) -> str:
        """The name of its time zone; empty while none is set."""
        return "" if self.timezone.removeprefix("Etc/") == NO_ZONE else self.timezone


class Membership(models.Model):
    """A person's role in one venue. What each role may do stands in venues/roles.py."""

    class Role(models.TextChoices):
        OWNER = "owner"
        MANAGER = "manager"
        HOST = "host"

    venue = models.ForeignKey(Venue, on_delete=models.CASCADE, related_name="memberships")
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="memberships")
    role = models.CharField(max_length=8, choices=Role, default=Role.HOST)
    create_key = models.CharField(max_length=64, null=True, unique=True, editable=False)  # noqa: DJ001 — as a line's

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["venue", "user"], name="one_role_per_venue")]

    def __str__(self) -> str:
        return f"{self.user}, {self.role} of {self.venue}"


class Invitation(models.Model):
    """An offer of a role in a venue. Who has its link may take it, once; of one with an `email` only the person of that address.

    Only the hash of the link's token is stored (venues/invitations.py).
    """

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    venue = models.ForeignKey(Venue, on_delete=models.CASCADE, related_name="invitations")
    role = models.CharField(max_length=8, choices=Membership.Role, default=Membership.Role.HOST)
    email = models.EmailField("e-mail", blank=True)
    digest = models.CharField(max_length=64, unique=True, editable=False)
    create_key = models.CharField(max_length=64, null=True, unique=True, editable=False)  # noqa: DJ001 — as a line's
    invited_by = models.ForeignKey(User, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    invited_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    accepted_by = models.ForeignKey(User, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    accepted_at = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering: ClassVar = ["-invited_at"]

    def __str__(self) -> str:
        return f"{self.role} of {self.venue}"


class HostGrant(models.Model):
    """A signed-in session that was given host tokens (venues/proofs.py). Deleted with the session.

    Not registered in the admin: it would show session keys.
    """

    pk = models.CompositePrimaryKey("number", "session_id")
    number = models.BigIntegerField(unique=True, help_text="Random, for it stands in the tokens.")
    session = models.OneToOneField(Session, on_delete=models.CASCADE, related_name="host_grant")

    def __str__(self) -> str:
        return f"grant {self.number}"


class Service(models.Model):
    """What a venue opens again and again (Lunch, Dinner, Bar), and what its lines are made of.

    Only venues/commands/services.py writes it and its hours, under its lock.
    """

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    venue = models.ForeignKey(Venue, on_delete=models.CASCADE, related_name="services")
    create_key = models.CharField(max_length=64, null=True, unique=True, editable=False)  # noqa: DJ001 — as a line's
    name = models.CharField(max_length=120)
    position = models.PositiveSmallIntegerField(default=0, help_text="Its place in the venue's list.")
    max_guests = models.PositiveIntegerField(
        "most guests in line", default=60, validators=[MinValueValidator(1), MaxValueValidator(MOST_GUESTS)]
    )
    call_window_s = models.PositiveIntegerField(
        "seconds to come when called",
        default=120,
        validators=[MinValueValidator(SHORTEST_WINDOW_S), MaxValueValidator(LONGEST_WINDOW_S)],
    )
    auto_advance = models.BooleanField(
        "when a call runs out, call the next party", default=False, help_text="Once; then a host has to act."
    )
    auto_no_show = models.BooleanField(
        "when a call runs out, end the party's place", default=False, db_default=True,
        help_text="If not, it is shown as late, and a host decides. Parties without a phone are always only late.",
    )  # fmt: skip
    on_my_way_s = models.PositiveIntegerField(
        "seconds more for “On my way”", default=ON_MY_WAY_S, db_default=0, help_text="Once for each call. 0: none.",
        validators=[MaxValueValidator(LONGEST_WINDOW_S)],
    )  # fmt: skip
    last_entry_min = models.PositiveSmallIntegerField(
        "last entry, minutes before closing", default=0, validators=[MaxValueValidator(LONGEST_LAST_ENTRY_MIN)],
        help_text="From then on no guest can join. Who is in line is still seated.",
    )  # fmt: skip
    note_fields = models.JSONField(default=list, blank=True, help_text="What guests may note, such as high chair.")
    sections = models.JSONField(default=list, blank=True, help_text="Parts of the house, such as terrace.")
    archived_at = models.DateTimeField(null=True, blank=True, editable=False)
    opens_next_at = models.DateTimeField(
        null=True, blank=True, editable=False, help_text="When the sweep looks at it next: it opens a line then."
    )

    class Meta:
        ordering: ClassVar = ["venue", "position", "name"]
        indexes: ClassVar = [
            models.Index(fields=["opens_next_at"], name="service_due", condition=models.Q(opens_next_at__isnull=False))
        ]

    def __str__(self) -> str:
        return self.name


class OpeningHours(models.Model):
    """One span of a service's week (venues/hours.py: Span)."""

    service = models.ForeignKey(Service, on_delete=models.CASCADE, related_name="opening_hours")
    weekday = models.PositiveSmallIntegerField(help_text="0: Monday")
    opens = models.TimeField()
    closes = models.TimeField(help_text="At or before the opening: on the next day.")

    class Meta:
        verbose_name_plural = "opening hours"
        ordering: ClassVar = ["weekday", "opens"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["service", "weekday", "opens"], name="one_span_per_opening"),
            models.CheckConstraint(condition=models.Q(weekday__lte=6), name="weekday_of_seven"),
        ]

    def __str__(self) -> str:
        return f"{self.weekday}: {self.opens:%H:%M} to {self.closes:%H:%M}"


class HoursException(models.Model):
    """What opens on one date instead of the weekday's hours: of one service, or (without one) of the whole venue."""

    venue = models.ForeignKey(Venue, on_delete=models.CASCADE, related_name="hours_exceptions")
    service = models.ForeignKey(
        Service, null=True, blank=True, on_delete=models.CASCADE, related_name="hours_exceptions"
    )
    date = models.DateField()
    spans = models.JSONField(default=list, blank=True, help_text="[opens, closes] of each span; none: closed.")
    name = models.CharField(max_length=120, blank=True, help_text="Such as Christmas Day.")
    create_key = models.CharField(max_length=64, null=True, unique=True, editable=False)  # noqa: DJ001 — as a line's

    class Meta:
        ordering: ClassVar = ["date", "service"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["venue", "service", "date"], name="one_exception_per_date", nulls_distinct=False
            )
        ]

    def __str__(self) -> str:
        return f"{self.date}: {self.name or 'exception'}"
