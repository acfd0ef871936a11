"""A question (Poll), its choices, one voter's submission (Ballot), the counts (Tally, Seal), and what proves them after the close
(NodeSeal, Subtree).

Ballots, tallies and seals carry the shard in their primary key, so that they can be spread over several Postgres nodes by
(poll, shard) without changing a statement (docs/decisions/0009).
"""

from datetime import datetime
from typing import ClassVar
from uuid import uuid4

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils.text import Truncator

from polls import rules
from polls.nodes import Placement
from queues.models import Queue
from venues.models import ApiKey, Venue


class Poll(models.Model):
    """A question to guests. Its row holds everything except the counts; commands lock it (law 2)."""

    class Status(models.TextChoices):
        DRAFT = "draft"
        OPEN = "open"
        CLOSED = "closed"

    class Visibility(models.TextChoices):
        ALWAYS = "always", "everybody, at once"
        AFTER_VOTING = "after_voting", "those who have voted"
        AFTER_CLOSE = "after_close", "everybody, once it is closed"
        HOST_ONLY = "host_only", "hosts only"

    class Dedupe(models.TextChoices):
        TOKEN = "token", "one vote per browser"  # noqa: S105 — a way of telling voters apart
        CODE = "code", "one vote per one-time code you hand out"
        ADDRESS = "address", "one vote per network address"
        TICKET = "ticket", "one vote per party in line"

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    code = models.CharField(max_length=6, unique=True)
    venue = models.ForeignKey(Venue, null=True, blank=True, on_delete=models.PROTECT, related_name="polls")
    api_key = models.ForeignKey(ApiKey, null=True, blank=True, on_delete=models.PROTECT, related_name="polls")
    queue = models.ForeignKey(
        Queue, null=True, blank=True, on_delete=models.PROTECT, related_name="polls", verbose_name="line",
        help_text="Only for a poll with one ballot per party of a line.",
    )  # fmt: skip
    # NULL, not "", where no key was sent: many rows may lack one.
    create_key = models.CharField(max_length=64, null=True, unique=True, editable=False)  # noqa: DJ001
    create_asked = models.CharField(max_length=32, default="", db_default="", editable=False)

    title = models.TextField()
    description = models.TextField(blank=True)
    min_picks = models.PositiveSmallIntegerField("picks, at least", default=1)
    max_picks = models.PositiveSmallIntegerField(
        "picks, at most", default=1, help_text="1: a voter picks a single choice."
    )
    status = models.CharField(max_length=8, choices=Status, default=Status.DRAFT)
    starts_at = models.DateTimeField(
        "start", null=True, blank=True, help_text="No vote is taken before this, though the poll is open."
    )
    ends_at = models.DateTimeField("end", null=True, blank=True, help_text="The poll closes by itself then.")
    visibility = models.CharField("who sees the counts", max_length=16, choices=Visibility, default=Visibility.ALWAYS)
    may_change = models.BooleanField(
        "voters may change their vote",
        default=False,
        help_text="Whether a voter may cast again, replacing their ballot.",
    )
    dedupe = models.CharField("ballots", max_length=8, choices=Dedupe, default=Dedupe.TOKEN)
    shards = models.PositiveSmallIntegerField(
        default=1, help_text="Slices of voters that are counted apart. 1 is right for almost all polls."
    )
    nodes = models.PositiveSmallIntegerField(
        default=0, db_default=0, editable=False, help_text="Over how many nodes its shards are spread (polls/nodes.py)."
    )
    work_bits = models.PositiveSmallIntegerField(
        "bits of work", default=0, help_text="Zero bits of the proof of work that a ballot needs; 0 asks for none."
    )
    token_version = models.PositiveIntegerField(
        default=0, db_default=0, help_text="Host tokens of an earlier number have ended."
    )

    created_at = models.DateTimeField()
    opened_at = models.DateTimeField(null=True, blank=True)
    closed_at = models.DateTimeField(null=True, blank=True)
    version = models.BigIntegerField(default=0, help_text="Counts commands; the results' version adds the ballots.")
    epoch = models.PositiveIntegerField("resets", default=0, help_text="Counts resets.")
    root = models.CharField("digest", max_length=64, blank=True, help_text="Of all ballots, published after the close.")
    # 1: one tree over all ballots (polls/whole_digest.py); 2: over the trees of the nodes (polls/seals.py).
    digest_version = models.PositiveSmallIntegerField(default=1, db_default=1, editable=False)

    class Meta:
        ordering: ClassVar = ["-created_at"]
        indexes: ClassVar = [
            models.Index(fields=["venue", "-created_at"], name="poll_of_venue"),
            models.Index(fields=["ends_at"], name="poll_due", condition=Q(status="open")),
            models.Index(fields=["closed_at"], name="poll_unsealed", condition=Q(status="closed", root="")),
        ]

    def __str__(self) -> str:
        return f"{Truncator(self.title).chars(80)} ({self.code})"

    @property
    def zone(self) -> str:
        """The time zone that its times are told in: its venue's, else its line's; empty without one."""
        return (self.venue.zone if self.venue else "") or (self.queue.zone if self.queue else "")

    @property
    def placement(self) -> Placement:
        """Which node holds its ballots. One ticket's vote has three claims, which share a transaction where they share a node."""
        return Placement(self.pk, self.shards, self.nodes, together=self.dedupe == self.Dedupe.TICKET)

    def phase_at(self, now: datetime) -> str:
        """draft, early, open or closed at this instant (rules.phase)."""
        return rules.phase(status=self.status, starts_at=self.starts_at, ends_at=self.ends_at, now=now)


class Choice(models.Model):
    """One possible answer, known by its number within the poll: 0, 1, 2, ... in order."""

    poll = models.ForeignKey(Poll, on_delete=models.CASCADE, related_name="choices")
    number = models.PositiveSmallIntegerField()
    text = models.TextField()

    class Meta:
        ordering: ClassVar = ["number"]
        constraints: ClassVar = [models.UniqueConstraint(fields=["poll", "number"], name="one_choice_per_number")]

    def __str__(self) -> str:
        return Truncator(self.text).chars(80)


class OneTimeCode(models.Model):
    """A code that lets one voter vote once; kept as a keyed hash only."""

    poll = models.ForeignKey(Poll, on_delete=models.CASCADE, related_name="codes")
    digest = models.CharField(max_length=64)

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["poll", "digest"], name="one_row_per_code")]

    def __str__(self) -> str:
        return f"a code of {self.poll_id}"


class Ballot(models.Model):
    """One voter's submission: a set of choices. Written by polls/ballots.py:record() only.

    `mac` is half of a keyed hash of voter, choices and time (not of `replaced`), by which an edited row is detected. The other
    half is not stored: it is added to the sum of a seal.
    """

    pk = models.CompositePrimaryKey("poll_id", "shard", "voter_key")
    poll = models.ForeignKey(Poll, on_delete=models.DO_NOTHING, related_name="ballots", db_constraint=False)
    shard = models.SmallIntegerField()
    voter_key = models.BinaryField(max_length=16)
    ballot_id = models.UUIDField()
    choices = ArrayField(models.SmallIntegerField())
    cast_at = models.DateTimeField()
    replaced = ArrayField(models.UUIDField(), default=list, help_text="Ballots of this voter that this one replaced.")
    mac = models.BinaryField(max_length=16)
    signer = models.BinaryField(max_length=16, null=True, help_text="Of a ballot signed on its phone: the key's hash.")

    class Meta:
        managed = False  # hash-partitioned: made by the migration's SQL
        db_table = "polls_ballot"

    def __str__(self) -> str:
        return f"ballot {self.ballot_id}"


class Claim(models.Model):
    """The voter of a ballot id, and the round it was counted in. Written by polls/claims.py only."""

    pk = models.CompositePrimaryKey("poll_id", "shard", "claim")
    poll = models.ForeignKey(Poll, on_delete=models.DO_NOTHING, related_name="claims", db_constraint=False)
    shard = models.SmallIntegerField()
    claim = models.UUIDField(help_text="A ballot id; in a poll for a line also a keyed hash of a browser's token.")
    voter_key = models.BinaryField(max_length=16)
    epoch = models.IntegerField()

    class Meta:
        managed = False  # hash-partitioned: made by the migration's SQL
        db_table = "polls_claim"

    def __str__(self) -> str:
        return f"claim {self.claim}"


class Tally(models.Model):
    """How often a choice was picked, in one shard and slot. Each process writes its own slot, so that no row is contended."""

    pk = models.CompositePrimaryKey("poll_id", "shard", "slot", "choice")
    poll = models.ForeignKey(Poll, on_delete=models.DO_NOTHING, related_name="tallies", db_constraint=False)
    shard = models.SmallIntegerField()
    slot = models.SmallIntegerField()
    choice = models.SmallIntegerField()
    count = models.BigIntegerField()

    class Meta:
        verbose_name_plural = "tallies"

    def __str__(self) -> str:
        return f"{self.choice}: {self.count}"


class Seal(models.Model):
    """For the tallies of one (shard, slot): number of ballots, number of changes, and the sum of the ballots' seals.

    The sum (mod 2^128) does not depend on the order. After a ballot is added, edited or deleted by hand it cannot be corrected
    without our key. Once the poll is closed, the published root proves the same to all.
    """

    pk = models.CompositePrimaryKey("poll_id", "shard", "slot")
    poll = models.ForeignKey(Poll, on_delete=models.DO_NOTHING, related_name="seals", db_constraint=False)
    shard = models.SmallIntegerField()
    slot = models.SmallIntegerField()
    ballots = models.BigIntegerField()
    changes = models.BigIntegerField()
    sum = models.DecimalField(max_digits=40, decimal_places=0)
    changed_at = models.DateTimeField()

    class Meta:
        indexes: ClassVar = [models.Index(fields=["changed_at"], name="seal_changed")]

    def __str__(self) -> str:
        return f"{self.ballots} ballots"


class PollOnNode(models.Model):
    """What a node other than `default` knows of a poll: a copy of what decides about a ballot. Written by polls/on_nodes.py only.

    `shard` is the lowest of the poll's shards on this node. `version` is the poll's when it was copied; newer replaces older.
    """

    class Status(models.TextChoices):
        OPEN = "open"
        CLOSED = "closed"
        DELETED = "deleted"

    pk = models.CompositePrimaryKey("poll_id", "shard")
    poll = models.ForeignKey(Poll, on_delete=models.DO_NOTHING, related_name="on_nodes", db_constraint=False)
    shard = models.SmallIntegerField()
    version = models.BigIntegerField()
    epoch = models.IntegerField()
    status = models.CharField(max_length=8, choices=Status)
    starts_at = models.DateTimeField(null=True)
    ends_at = models.DateTimeField(null=True)
    shards = models.IntegerField()
    min_picks = models.SmallIntegerField()
    max_picks = models.SmallIntegerField()
    may_change = models.BooleanField()
    choices = models.SmallIntegerField(help_text="How many there are.")

    class Meta:
        verbose_name_plural = "polls on nodes"

    def __str__(self) -> str:
        return f"{self.poll_id} {self.status}"


class NodeSeal(models.Model):
    """How many ballots of a closed round a node holds, and the root of their tree once it is made: then the seal never changes.
    On the node itself; written by polls/seals.py only. `shard` is the lowest of the poll's shards on this node.
    """

    pk = models.CompositePrimaryKey("poll_id", "shard", "epoch")
    poll = models.ForeignKey(Poll, on_delete=models.DO_NOTHING, related_name="+", db_constraint=False, db_index=False)
    shard = models.SmallIntegerField()
    epoch = models.IntegerField()
    sealed_at = models.DateTimeField()
    ballots = models.BigIntegerField()
    root = models.CharField(max_length=64, blank=True)

    def __str__(self) -> str:
        return f"{self.ballots} ballots"


class Subtree(models.Model):
    """A part of a sealed node's tree: its next ballots in the order of shard and voter key (polls.seals.SUBTREE of them, fewer in
    the last). `last_shard` and `last_voter` are of its last ballot; `shard` as in NodeSeal.
    """

    pk = models.CompositePrimaryKey("poll_id", "shard", "epoch", "number")
    poll = models.ForeignKey(Poll, on_delete=models.DO_NOTHING, related_name="+", db_constraint=False, db_index=False)
    shard = models.SmallIntegerField()
    epoch = models.IntegerField()
    number = models.IntegerField()
    ballots = models.IntegerField()
    last_shard = models.SmallIntegerField()
    last_voter = models.BinaryField(max_length=16)
    hash = models.BinaryField(max_length=32)

    def __str__(self) -> str:
        return f"subtree {self.number}"
