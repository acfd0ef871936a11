"""Types of the fields of request bodies (web/bodies.py): each parses what was sent and gives its schema.

msgspec's own constraints say too little: 3.0 is a whole number, a text is trimmed and must be visible, an id has many spellings.
"""

import re
from collections.abc import Sequence
from datetime import UTC, datetime, time, timedelta
from typing import Any, ClassVar, Self

from core.identifiers import canonical_id
from core.visible import ANY_TEXT, SEEN_TEXT, UNSEEN, checked_text, trimmed

_ID = re.compile("[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_CLOCK = re.compile("([01][0-9]|2[0-3]):([0-5][0-9])")
_DIGITS = re.compile("[0-9]{1,18}")


class Field:
    """A type of fields. Its limits are keywords of the class: `class Name(Text, longest=80)`.

    `parse` takes what was sent and raises ValueError with a sentence; `schema` describes only what `parse` accepts.
    """

    __slots__ = ()

    def __init_subclass__(cls, **limits: Any) -> None:
        super().__init_subclass__()
        for name, limit in limits.items():
            setattr(cls, name, limit)


class Text(Field, str):
    """A string, trimmed, of which something can be seen, or, where it may be `blank`, an empty one. At most `longest` letters
    (None: any number); a longer one is refused, or `cut`.
    """

    __slots__ = ()
    longest: ClassVar[int | None] = None
    blank: ClassVar[bool] = False
    cut: ClassVar[bool] = False

    @classmethod
    def parse(cls, sent: Any) -> Self:
        if not isinstance(sent, str):
            raise ValueError("must be a string.")
        text = checked_text(sent)
        if not text and not cls.blank:
            raise ValueError(UNSEEN)
        if cls.longest is not None and len(text) > cls.longest:
            if not cls.cut:
                raise ValueError(f"must have at most {cls.longest} characters, and this has {len(text):,}.")
            text = trimmed(text[: cls.longest])
        return cls(text)

    @classmethod
    def schema(cls) -> dict[str, Any]:
        bounds = {} if cls.longest is None or cls.cut else {"maxLength": cls.longest}
        bounds |= {} if cls.blank else {"minLength": 1}
        return {"type": "string", "pattern": ANY_TEXT if cls.blank else SEEN_TEXT, **bounds}


class Whole(Field, int):
    """A whole number from `least` to `most` (None: any): 3 or 3.0, never true; "3" only with `numeric_strings`."""

    __slots__ = ()
    least: ClassVar[int] = 0
    most: ClassVar[int | None] = None
    numeric_strings: ClassVar[bool] = False

    @classmethod
    def parse(cls, sent: Any) -> Self:
        number = _whole(sent, numeric_strings=cls.numeric_strings)
        if number < cls.least:
            raise ValueError(f"must be at least {cls.least}.")
        if cls.most is not None and number > cls.most:
            raise ValueError(f"must be at most {cls.most}.")
        return cls(number)

    @classmethod
    def schema(cls) -> dict[str, Any]:
        return _number_schema(cls.least, cls.most, numeric_strings=cls.numeric_strings)


class Milliseconds(Field, datetime):
    """A moment in ms since 1970, between 2000 and 2100: what lies beyond is a mistake, such as seconds."""

    least: ClassVar[int] = 946_684_800_000
    most: ClassVar[int] = 4_102_444_800_000
    numeric_strings: ClassVar[bool] = False

    @classmethod
    def parse(cls, sent: Any) -> Self:
        number = _whole(sent, numeric_strings=cls.numeric_strings)
        if not cls.least <= number <= cls.most:
            raise ValueError("must be a time in ms between the years 2000 and 2100.")
        return cls(1970, 1, 1, tzinfo=UTC) + timedelta(milliseconds=number)

    @classmethod
    def schema(cls) -> dict[str, Any]:
        return _number_schema(cls.least, cls.most, numeric_strings=cls.numeric_strings)


def _whole(sent: Any, *, numeric_strings: bool) -> int:
    if numeric_strings and isinstance(sent, str) and _DIGITS.fullmatch(sent.strip()):
        return int(sent)
    if not isinstance(sent, int | float) or isinstance(sent, bool) or sent != int(sent):
        raise ValueError("must be a whole number.")
    return int(sent)


def _number_schema(least: int, most: int | None, *, numeric_strings: bool) -> dict[str, Any]:
    bounds = {"minimum": least} | ({} if most is None else {"maximum": most})
    number = {"type": "integer", **bounds} | ({"format": "int64"} if (most or 0) > 2**31 - 1 else {})
    if not numeric_strings:
        return number
    # As strings only numbers with fewer digits than the largest: no pattern says more.
    fewest, digits = len(str(max(least, 1))), len(str(most or 10**15)) - 1
    text = {"type": "string", "pattern": f"^[1-9][0-9]{{{fewest - 1},{max(digits, fewest) - 1}}}$"}
    return {"anyOf": [number, text]}


class TimeOfDay(Field, time):
    """`HH:mm`, 24 hours."""

    @classmethod
    def parse(cls, sent: Any) -> Self:
        found = _CLOCK.fullmatch(sent.strip()) if isinstance(sent, str) else None
        if found is None:
            raise ValueError("must be a time such as 18:30.")
        return cls(int(found[1]), int(found[2]))

    @classmethod
    def schema(cls) -> dict[str, Any]:
        return {"type": "string", "pattern": f"^{_CLOCK.pattern}$"}


class Identifier(Field, str):
    """A UUID, in its canonical form however it was sent."""

    __slots__ = ()

    @classmethod
    def parse(cls, sent: Any) -> Self:
        if isinstance(sent, str) and (_ID.fullmatch(sent) or _ID.fullmatch(sent := canonical_id(sent))):
            return cls(sent)
        raise ValueError("must be a UUID.")

    @classmethod
    def schema(cls) -> dict[str, Any]:
        return {"type": "string", "format": "uuid"}


class Texts(Field, dict[str, str]):
    """Strings by name, such as the fields of a form. At most `most` of them; a name has at most `longest_name` letters (ASCII), a
    string at most `longest`. A whole number is taken as its digits."""

    __slots__ = ()
    most: ClassVar[int] = 10
    longest_name: ClassVar[int] = 20
    longest: ClassVar[int] = 240

    @classmethod
    def parse(cls, sent: Any) -> Self:
        if not isinstance(sent, dict):
            raise ValueError("must be an object.")
        if len(sent) > cls.most:
            raise ValueError(f"must have at most {cls.most} fields.")
        return cls((cls._name(name), cls._text(name, value)) for name, value in sent.items())

    @classmethod
    def _name(cls, name: str) -> str:
        if not name.isascii() or len(name) > cls.longest_name:
            raise ValueError(f"must have names of at most {cls.longest_name} letters.")
        return name

    @classmethod
    def _text(cls, name: str, value: Any) -> str:
        if isinstance(value, int) and not isinstance(value, bool):
            value = str(value)
        if not isinstance(value, str):
            raise ValueError(f"{name} must be a string.")
        if len(value) > cls.longest:
            raise ValueError(f"{name} must have at most {cls.longest} characters.")
        return value

    @classmethod
    def schema(cls) -> dict[str, Any]:
        return {
            "type": "object",
            "maxProperties": cls.most,
            "additionalProperties": {"type": "string", "maxLength": cls.longest},
        }


class OneOf(Field, str):
    """One of some `words`."""

    __slots__ = ()
    words: ClassVar[Sequence[str]]

    @classmethod
    def parse(cls, sent: Any) -> Self:
        if not isinstance(sent, str) or sent not in cls.words:
            raise ValueError(f"must be one of {', '.join(cls.words)}.")
        return cls(sent)

    @classmethod
    def schema(cls) -> dict[str, Any]:
        return {"type": "string", "enum": list(cls.words)}
