"""The bodies that clients send to the poll API."""

from typing import Any, ClassVar

from rest_framework import serializers

from polls import rules
from polls.commands import MOST_CODES
from polls.models import Poll
from web.serializers import Flag, Identifier, Milliseconds, Text, Whole


class PollBody(serializers.Serializer[Any]):
    """A poll as its host describes it."""

    example: ClassVar[dict[str, Any]] = {"title": "Which dessert?", "choices": ["Flan", "Fruit"]}

    title = Text(min_length=1, max_length=rules.LONGEST_TITLE)
    description = Text(required=False, allow_blank=True, default="", max_length=rules.LONGEST_DESCRIPTION)
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


class CodesBody(serializers.Serializer[Any]):
    """POST .../codes."""

    example: ClassVar[dict[str, Any]] = {"count": 10}

    count = Whole(min_value=1, max_value=MOST_CODES)
