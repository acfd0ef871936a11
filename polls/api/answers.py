"""What the APIs of polls, voting sessions and edge-poll answer (for the OpenAPI page)."""

from typing import Any

from rest_framework import serializers

from polls.models import Poll
from web.serializers import Done, Moment, Ms, kind

PHASES = ("draft", "early", "open", "closed")


class CreatedPoll(serializers.Serializer[Any]):
    """A poll just made, with the links to it."""

    id = serializers.UUIDField()
    code = serializers.CharField()
    status = kind(*PHASES)
    hostToken = serializers.CharField()
    voteUrl = serializers.CharField()
    resultsUrl = serializers.CharField()


class PollChoice(serializers.Serializer[Any]):
    """What can be picked, by its number."""

    number = serializers.IntegerField()
    text = serializers.CharField()


class PollQuestion(serializers.Serializer[Any]):
    """The question, without counts."""

    id = serializers.UUIDField()
    code = serializers.CharField()
    title = serializers.CharField()
    description = serializers.CharField()
    minPicks = serializers.IntegerField()
    maxPicks = serializers.IntegerField()
    mayChange = serializers.BooleanField()
    dedupe = kind(*Poll.Dedupe.values)
    workBits = serializers.IntegerField()
    start = Moment(allow_null=True)
    end = Moment(allow_null=True)
    status = kind(*PHASES)
    epoch = serializers.IntegerField(help_text="Counts resets, from 0.")
    choices = PollChoice(many=True)


class CountedChoice(PollChoice):
    """A choice and how often it was picked; null where that is hidden from this viewer."""

    count = serializers.IntegerField(allow_null=True)
    percentage = serializers.FloatField(allow_null=True, help_text="Of the ballots, to one decimal.")


class PollResults(PollQuestion):
    """How the poll stands. `hidden`: this viewer may not see the counts, which are null then."""

    type = kind("results")
    version = serializers.IntegerField(allow_null=True)
    hidden = serializers.BooleanField()
    ballots = serializers.IntegerField(allow_null=True)
    choices = CountedChoice(many=True)
    root = serializers.CharField(allow_null=True, help_text="The published digest of all ballots, once closed.")  # type: ignore[assignment]


class ExportedResults(PollResults):
    """The results, and the time of export."""

    percentageOf = serializers.CharField()
    exportedAt = serializers.DateTimeField()


class PollChanged(Done):
    """What a command has made of the poll."""

    status = kind(*PHASES)
    epoch = serializers.IntegerField(help_text="Counts resets, from 0.")
    closedAt = Moment(allow_null=True)


class NewCodes(serializers.Serializer[Any]):
    """Fresh one-time codes, shown once."""

    codes = serializers.ListField(child=serializers.CharField())


class BallotCount(serializers.Serializer[Any]):
    """How many ballots are in."""

    ballots = serializers.IntegerField()


class Receipt(serializers.Serializer[Any]):
    """What the voter keeps as proof."""

    ballotId = serializers.UUIDField()
    pollId = serializers.UUIDField()
    time = Moment()
    epoch = serializers.IntegerField(help_text="The round it is of.")
    seal = serializers.CharField()


class BallotCounted(serializers.Serializer[Any]):
    """The ballot is in the count."""

    status = serializers.CharField()
    receipt = Receipt()


class ProofStep(serializers.Serializer[Any]):
    """A sibling on the way to the root (RFC 6962)."""

    side = serializers.CharField()
    hash = serializers.CharField()


class InclusionProof(serializers.Serializer[Any]):
    """The way from the ballot's leaf to the published root."""

    leaf = serializers.CharField()
    choices = serializers.ListField(child=serializers.IntegerField())
    time = serializers.CharField()
    path = ProofStep(many=True)


class ReceiptFound(serializers.Serializer[Any]):
    """The receipt again and, once the poll is closed, the proof that the ballot is in the digest."""

    receipt = Receipt()
    counted = serializers.BooleanField()
    replaced = serializers.BooleanField()
    root = serializers.CharField(allow_null=True)  # type: ignore[assignment]
    proof = InclusionProof(allow_null=True)


# ------------------------------------------------------------------------------------------------------ voting sessions
class CreatedSession(serializers.Serializer[Any]):
    """A session just made."""

    sessionId = serializers.UUIDField()
    voteUrl = serializers.CharField()
    createdAt = serializers.DateTimeField()
    hostToken = serializers.CharField()


class SessionChoice(serializers.Serializer[Any]):
    """A choice; with `voteCount` where this person may see results."""

    choiceId = serializers.CharField()
    text = serializers.CharField()
    voteCount = serializers.IntegerField(required=False)


class SessionQuestion(serializers.Serializer[Any]):
    """The question, and whether this browser may vote."""

    sessionId = serializers.UUIDField()
    question = serializers.CharField()
    voteType = kind("single", "multiple")
    choices = SessionChoice(many=True)
    status = kind("active", "closed")
    canVote = serializers.BooleanField()
    message = serializers.CharField(required=False, help_text="Why not, in the language asked for.")


class SessionVoteCounted(serializers.Serializer[Any]):
    """The vote is in the count."""

    message = serializers.CharField(help_text="In the language asked for.")
    votedAt = serializers.DateTimeField()
    receipt = Receipt()


class SessionClosed(serializers.Serializer[Any]):
    """The session is closed."""

    sessionId = serializers.UUIDField()
    status = kind("closed")
    closedAt = serializers.DateTimeField(allow_null=True)


class ExportedChoice(serializers.Serializer[Any]):
    """A choice with its figures; null where they are hidden."""

    text = serializers.CharField()
    voteCount = serializers.IntegerField(allow_null=True)
    percentage = serializers.FloatField(allow_null=True)


class ExportedSession(serializers.Serializer[Any]):
    """The session's results. `totalVotes` counts choices picked, `totalBallots` voters."""

    sessionId = serializers.UUIDField()
    question = serializers.CharField()
    voteType = kind("single", "multiple")
    totalVotes = serializers.IntegerField(allow_null=True)
    totalBallots = serializers.IntegerField(allow_null=True)
    percentageOf = serializers.CharField()
    choices = ExportedChoice(many=True)
    exportedAt = serializers.DateTimeField()


# ------------------------------------------------------------------------------------------------------------- edge-poll
class CreatedEdgePoll(serializers.Serializer[Any]):
    """The id of a poll just made."""

    id = serializers.UUIDField()


class EdgePollChoice(serializers.Serializer[Any]):
    """A choice; its count is null where counts are hidden."""

    id = serializers.CharField()
    title = serializers.CharField()
    count = serializers.IntegerField(allow_null=True)


class EdgePoll(serializers.Serializer[Any]):
    """The configuration; choices by their ids."""

    title = serializers.CharField()
    description = serializers.CharField()
    created = Ms()
    start = Ms(allow_null=True)
    end = Ms(allow_null=True)
    shards = serializers.IntegerField()
    choices = serializers.DictField(child=EdgePollChoice())


class EdgePollShard(serializers.Serializer[Any]):
    """The counts of one shard."""

    choices = serializers.DictField(child=EdgePollChoice())


class EdgePollResults(EdgePoll):
    """The configuration with current counts, and the counts by shard."""

    shardStates = serializers.DictField(child=EdgePollShard())
