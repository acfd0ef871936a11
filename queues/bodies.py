"""What a client sends to join a line, or to add a party to it."""

from typing import Annotated, Any, ClassVar

from msgspec import Meta, field

from web.bodies import Body, Text, Whole

NAME_LENGTH = 80
NOTE_LENGTH = 200
# Of a challenge's answer, as Cloudflare bounds it.
LONGEST_TOKEN = 2048


class Name(Text):
    """A party's name; may be left out."""

    longest = NAME_LENGTH
    blank = True


class Note(Text):
    """What the host should know of a party."""

    longest = NOTE_LENGTH
    blank = True


class Size(Whole):
    """How many guests a party is; the most there may be depends on the line."""

    least = 1


class TurnstileToken(Text):
    """The answer to a challenge (web/turnstile.py)."""

    longest = LONGEST_TOKEN
    blank = True


class JoinBody(Body):
    """POST .../join."""

    example: ClassVar[dict[str, Any]] = {"name": "Ana", "size": 2}

    name: Annotated[Name, Meta(extra_json_schema={"default": ""})] = field(default_factory=Name)
    size: Annotated[Size, Meta(extra_json_schema={"default": 1})] = field(default_factory=lambda: Size(1))
    note: Annotated[Note, Meta(extra_json_schema={"default": ""})] = field(default_factory=Note)
    turnstileToken: TurnstileToken | None = None


class WalkInBody(JoinBody):
    """POST .../walk-in."""

    example: ClassVar[dict[str, Any]] = {"name": "Ben", "size": 4}
