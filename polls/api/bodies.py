"""Bodies of the poll API, besides ballots (polls/bodies.py): what a client may send. What it gets: polls/api/answers.py."""

from typing import Annotated, Any, ClassVar

from msgspec import UNSET, Meta, UnsetType

from polls import rules
from polls.commands import MOST_CODES
from polls.models import Poll
from web.bodies import Body, default
from web.body_types import Identifier, Milliseconds, OneOf, Text, Whole


class Title(Text, longest=rules.LONGEST_TITLE):
    """The question."""


class Description(Text, longest=rules.LONGEST_DESCRIPTION, blank=True):
    """What voters should know."""


class ChoiceText(Text, longest=rules.LONGEST_CHOICE):
    """A choice as voters read it."""


class Picks(Whole, least=1, most=rules.MOST_CHOICES):
    """How many choices a ballot may name."""


class Visibility(OneOf, words=Poll.Visibility.values):
    """Who sees the counts, and when."""


class Dedupe(OneOf, words=Poll.Dedupe.values):
    """What makes a voter one voter."""


class Shards(Whole, least=1, most=rules.MOST_SHARDS):
    """In how many parts ballots are counted."""


class WorkBits(Whole, most=rules.MOST_WORK_BITS):
    """Zero bits that each ballot's proof of work needs."""


class LineCode(Text, longest=6):
    """The code of a line."""


class CodeCount(Whole, least=1, most=MOST_CODES):
    """How many one-time codes."""


class PollBody(Body):
    """A poll as its host describes it."""

    example: ClassVar[dict[str, Any]] = {"title": "Which dessert?", "choices": ["Flan", "Fruit"]}

    title: Title
    choices: Annotated[list[ChoiceText], Meta(min_length=1, max_length=rules.MOST_CHOICES)]
    description: Description = default(Description())
    minPicks: Picks = default(Picks(1))
    maxPicks: Picks = default(Picks(1))
    start: Milliseconds | None = None
    end: Milliseconds | None = None
    visibility: Visibility = default(Visibility(Poll.Visibility.ALWAYS))
    mayChange: bool = False
    dedupe: Dedupe = default(Dedupe(Poll.Dedupe.TOKEN))
    shards: Shards = default(Shards(1))
    workBits: Annotated[WorkBits, Meta(description="Zero bits that each ballot's proof of work needs; 0: none.")] = (
        default(WorkBits(0))
    )


class NewPollBody(PollBody):
    """POST /api/polls/: a draft unless `open`."""

    example: ClassVar[dict[str, Any]] = {**PollBody.example, "open": True}

    venue: Identifier | None = None
    line: Annotated[LineCode | None, Meta(description="Code of the line it is for.")] = None
    open: bool = False


class ResetBody(Body):
    """POST .../reset: a poll whose end is past needs a new `end`, or null for none."""

    example: ClassVar[dict[str, Any]] = {"end": None}

    end: Milliseconds | None | UnsetType = UNSET


class CodesBody(Body):
    """POST .../codes."""

    example: ClassVar[dict[str, Any]] = {"count": 10}

    count: CodeCount
