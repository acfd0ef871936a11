"""Bodies of the poll API: what a client may send, and what it gets (for the OpenAPI page)."""

from typing import Any, ClassVar

from rest_framework import serializers

from polls import rules
from polls.commands import MOST_CODES, NewPoll
from polls.models import Poll
from polls.parsing import MOST_EPOCH, MOST_WORK
from web.serializers import Flag, Identifier, Milliseconds, Text, Whole


class PollBody(serializers.Serializer[Any]):
    """A poll as its host describes it."""

    example: ClassVar[dict[str, Any]] = {"title": "Which dessert?", "choices": ["Flan", "Fruit"]}

    title = Text(min_length=1, max_length=255)
    description = Text(required=False, allow_blank=True, default="", max_length=4_000)
    choices = serializers.ListField(
        child=Text(min_length=1, max_length=rules.LONGEST_CHOICE), min_length=1, max_length=rules.MOST_CHOICES
    )
    minPicks = Whole(required=False, default=1, min_value=1, max_value=rules.MOST_CHOICES)
    maxPicks = Whole(required=False, default=1, min_value=1, max_value=rules.MOST_CHOICES)
    start = Milliseconds(required=False, allow_null=True, default=None)
    end = Milliseconds(required=False, allow_null=True, default=None)
    visibility = serializers.ChoiceField(required=False, choices=Poll.Visibility.values, default=Poll.Visibility.ALWAYS)
    mayChange = Flag(required=False, default=False)
    dedupe = serializers.ChoiceField(required=False, choices=Poll.Dedupe.values, default=Poll.Dedupe.TOKEN)
    shards = Whole(required=False, default=1, min_value=1, max_value=rules.MOST_SHARDS)
    workBits = Whole(
        required=False,
        default=0,
        min_value=0,
        max_value=rules.MOST_WORK_BITS,
        help_text="Zero bits that each ballot's proof of work needs; 0: none.",
    )

    @staticmethod
    def new_poll(body: dict[str, Any]) -> NewPoll:
        """The checked body as a command takes it."""
        return NewPoll(
            title=body["title"],
            description=body["description"],
            choices=body["choices"],
            min_picks=body["minPicks"],
            max_picks=body["maxPicks"],
            starts_at=body["start"],
            ends_at=body["end"],
            visibility=body["visibility"],
            may_change=body["mayChange"],
            dedupe=body["dedupe"],
            shards=body["shards"],
            work_bits=body["workBits"],
        )


class NewPollBody(PollBody):
    """POST /api/polls/: a draft unless `open`."""

    example: ClassVar[dict[str, Any]] = {**PollBody.example, "open": True}

    venue = Identifier(required=False, allow_null=True, default=None)
    line = Text(required=False, allow_null=True, default=None, max_length=6, help_text="Code of the line it is for.")
    open = Flag(required=False, default=False)


class ResetBody(serializers.Serializer[Any]):
    """POST .../reset: a poll whose end is past needs a new `end`, or null for none."""

    example: ClassVar[dict[str, Any]] = {"end": None}

    end = Milliseconds(required=False, allow_null=True)


class BallotBody(serializers.Serializer[Any]):
    """POST .../ballots: `choices` are the picked numbers; `ballotId` is made by the client and sent again on a retry."""

    example: ClassVar[dict[str, Any]] = {"ballotId": "3f0e1c9a-6d5b-4c2e-9a7f-1b2c3d4e5f60", "choices": [0]}

    ballotId = Identifier()
    choices = serializers.ListField(
        child=Whole(min_value=0, max_value=32_767), min_length=1, max_length=rules.MOST_CHOICES
    )
    partyId = Text(required=False, allow_null=True, default=None, max_length=64)
    code = Text(required=False, allow_null=True, default=None, max_length=40)
    token = Text(required=False, allow_null=True, default=None, max_length=128)
    key = Text(
        required=False,
        allow_null=True,
        default=None,
        max_length=88,
        help_text="Public key of P-256: 65 bytes, uncompressed, base64url.",
    )
    signature = Text(
        required=False,
        allow_null=True,
        default=None,
        max_length=88,
        help_text="ECDSA, SHA-256, 64 bytes, base64url; of `tallyline-ballot|poll id|ballotId|0,2`, with `epoch`"
        " also `|epoch`.",
    )
    work = Whole(
        required=False,
        allow_null=True,
        default=None,
        min_value=0,
        max_value=MOST_WORK,
        help_text="A number with which SHA-256 of poll id, ballotId (16 bytes each) and it (8 bytes, big-endian) begins with"
        " the poll's `workBits` zero bits.",
    )
    epoch = Whole(
        required=False,
        allow_null=True,
        default=None,
        min_value=0,
        max_value=MOST_EPOCH,
        help_text="The round it is for, as the results say it. A ballot of another round is refused.",
    )


class CodesBody(serializers.Serializer[Any]):
    """POST .../codes."""

    example: ClassVar[dict[str, Any]] = {"count": 10}

    count = Whole(min_value=1, max_value=MOST_CODES)
