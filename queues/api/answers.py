"""What the queue API answers, for the OpenAPI page. The answers are made in queues/shapes.py and queues/api/views.py."""

from typing import Any

from drf_spectacular.utils import PolymorphicProxySerializer
from rest_framework import serializers

from queues.api.wait_answers import WaitBySize, WaitsOfPlaces
from web.serializers import Done, Moment, Ms, kind


class CreatedLine(serializers.Serializer[Any]):
    """A new line; null for a field that was not sent."""

    code = serializers.CharField()
    sessionId = serializers.UUIDField()
    joinUrl = serializers.CharField()
    wsUrl = serializers.CharField()
    hostAuthToken = serializers.CharField()
    eventName = serializers.CharField()
    maxGuests = serializers.IntegerField()
    location = serializers.CharField(allow_null=True)
    contactInfo = serializers.CharField(allow_null=True)
    openTime = serializers.CharField(allow_null=True, help_text="HH:mm")
    closeTime = serializers.CharField(allow_null=True, help_text="HH:mm")


class RenewedLineToken(serializers.Serializer[Any]):
    """The line's new host token; all that were given before have ended."""

    hostAuthToken = serializers.CharField()


class JoinedParty(serializers.Serializer[Any]):
    """A party's place at the moment it joined."""

    partyId = serializers.UUIDField()
    sessionId = serializers.UUIDField()
    position = serializers.IntegerField()
    queueLength = serializers.IntegerField()
    estimatedWaitMs = Ms()
    eventName = serializers.CharField()
    ticket = serializers.IntegerField()


class Party(serializers.Serializer[Any]):
    """A party as hosts see it; made of a row (the snapshots of it by queues/shapes.py)."""

    id = serializers.UUIDField()
    name = serializers.CharField()
    size = serializers.IntegerField()
    status = kind("waiting", "called")
    nearby = serializers.BooleanField()
    joinedAt = Moment(source="joined_at")


class ActionOutcome(serializers.Serializer[Any]):
    """What became of one action."""

    id = serializers.UUIDField(help_text="As it was sent.")
    outcome = kind("done", "refused")
    already = serializers.BooleanField(help_text="It was sent before: this is its first outcome.")
    version = serializers.IntegerField(allow_null=True, help_text="What it made of the line; null: nothing changed.")
    partyId = serializers.UUIDField(allow_null=True, help_text="The party it was about, or that it has added.")
    text = serializers.CharField(
        help_text="Of a refused one what is so now; of others what to tell the host, if anything."
    )
    code = serializers.CharField(help_text="The reason of a refusal by its name; else empty.")


class ActionOutcomes(serializers.Serializer[Any]):
    """One outcome for each action, in their order."""

    outcomes = ActionOutcome(many=True)


class NowServing(serializers.Serializer[Any]):
    """The party called last that is still called."""

    nowServing = Party(allow_null=True)


class PartiesPassed(Done):
    """How many parties went first."""

    passed = serializers.IntegerField()


class ActionUndone(Done):
    """What was taken back."""

    action = serializers.CharField()


# ----------------------------------------------------------------------------------------------------------- snapshots
class HostSnapshot(serializers.Serializer[Any]):
    """The line as its host sees it."""

    type = kind("queue_update")
    queue = Party(many=True)
    nowServing = Party(allow_null=True)
    maxGuests = serializers.IntegerField()
    callDeadline = Moment(allow_null=True)
    closed = serializers.BooleanField()


class PartyWaiting(serializers.Serializer[Any]):
    """A waiting party in the public snapshot."""

    ticket = serializers.IntegerField()
    size = serializers.IntegerField()
    status = kind("waiting")
    nearby = serializers.BooleanField()
    waitLowMs = Ms()
    waitHighMs = Ms()


class PartyCalled(serializers.Serializer[Any]):
    """A called party in the public snapshot."""

    ticket = serializers.IntegerField()
    size = serializers.IntegerField()
    status = kind("called")
    nearby = serializers.BooleanField()
    deadline = Moment(allow_null=True)
    late = serializers.BooleanField(
        required=False, help_text="True when its deadline is over and a host has to decide."
    )


class HostMessage(serializers.Serializer[Any]):
    """The host's message to all guests in line."""

    text = serializers.CharField()
    at = Moment()


class Question(serializers.Serializer[Any]):
    """An open poll for the people in line. A ticket shows the first that has begun and is not over."""

    code = serializers.CharField()
    title = serializers.CharField()
    until = Moment(allow_null=True)

    def get_fields(self) -> dict[str, Any]:
        """Adds `from`, a keyword of Python."""
        return {**super().get_fields(), "from": Moment(allow_null=True)}


class Hours(serializers.Serializer[Any]):
    """When a service's line ends."""

    lastEntry = Moment(help_text="No guest can join from then on.")
    closing = Moment(help_text="It ends once no party is in line.")
    end = Moment(help_text="It ends.")


class PublicLine(serializers.Serializer[Any]):
    """The public fields of a line, without its waiting parties."""

    nowServing = PartyCalled(allow_null=True)
    called = PartyCalled(many=True)
    maxGuests = serializers.IntegerField()
    callDeadline = Moment(allow_null=True)
    joinLowMs = Ms(help_text="The wait of a party that joins now, at least.")
    joinHighMs = Ms(help_text="The same, at most. Both of a party of two.")
    joinBySize = WaitBySize(required=False, help_text="Where large parties wait differently.")
    joinUnknown = serializers.BooleanField(
        required=False, help_text="True while there is too little to tell it by: pages say so instead."
    )
    waitsUnknown = serializers.BooleanField(
        required=False, help_text="The same of all waiting parties but the first, where no host promised a wait."
    )
    closed = serializers.BooleanField()
    paused = serializers.BooleanField()
    message = HostMessage(allow_null=True)
    version = serializers.IntegerField()
    eventName = serializers.CharField()
    edited = serializers.DictField(
        child=serializers.IntegerField(), required=False, help_text="By ticket: how often its name or size changed."
    )
    promised = serializers.DictField(
        child=serializers.ListField(child=Ms(), min_length=2, max_length=2),
        required=False,
        help_text="By ticket: until when the wait lasts that a host promised, at least and at most (ms since 1970).",
    )
    asked = Question(many=True, required=False)
    hours = Hours(required=False, help_text="Of a line that a venue's service opened.")
    entryOver = serializers.BooleanField(required=False, help_text="True when last entry is over.")
    hereOnly = serializers.BooleanField(required=False, help_text="True when a join needs the code on the wall.")
    pauseReason = serializers.CharField(required=False, help_text="Why the line is paused, where the host says so.")


class PublicSnapshot(PublicLine):
    """The public snapshot of the line."""

    type = kind("queue_update")
    queue = PartyWaiting(many=True)


class PartyChanged(serializers.Serializer[Any]):
    """`from` and `to`: its index among those waiting, before and now; null: not waiting. With `to` also its size, status and
    nearby.
    """

    ticket = serializers.IntegerField()
    to = serializers.IntegerField(allow_null=True)
    size = serializers.IntegerField(required=False)
    status = serializers.CharField(required=False)
    nearby = serializers.BooleanField(required=False)

    def get_fields(self) -> dict[str, Any]:
        """Adds `from`, a keyword of Python."""
        return {**super().get_fields(), "from": serializers.IntegerField(allow_null=True)}


class LineChanges(PublicLine):
    """What changed since a version that is known: the answer to `since`, for long lines."""

    type = kind("queue_changes")
    since = serializers.IntegerField()
    changed = PartyChanged(many=True)
    waiting = serializers.IntegerField(help_text="How many parties wait.")
    waits = WaitsOfPlaces(many=True, help_text="The wait at each place, as the snapshot has it.")
    paceMs = Ms(help_text="How long a party ahead took lately. Kept for old clients: ask `waits`.")
    quotePercent = serializers.ListField(child=serializers.IntegerField(), min_length=2, max_length=2)


class PositionOfParty(serializers.Serializer[Any]):
    """A waiting party's place."""

    type = kind("position")
    position = serializers.IntegerField()
    aheadCount = serializers.IntegerField()
    queueLength = serializers.IntegerField()
    estimatedWaitMs = Ms()
    eventName = serializers.CharField()


class CallOfParty(serializers.Serializer[Any]):
    """The party is called."""

    type = kind("called")
    deadline = Moment(allow_null=True)


class EndOfParty(serializers.Serializer[Any]):
    """The party's place has ended."""

    type = kind("removed")
    reason = kind("served", "left", "kicked", "no_show")


class EndOfLine(serializers.Serializer[Any]):
    """The line is closed."""

    type = kind("closed")


SNAPSHOT = PolymorphicProxySerializer(
    component_name="Snapshot",
    serializers=[
        PositionOfParty,
        CallOfParty,
        EndOfParty,
        EndOfLine,
        LineChanges,
        PublicSnapshot,
        HostSnapshot,
    ],
    resource_type_field_name=None,
)
