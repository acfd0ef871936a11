"""Request bodies by one declaration (decision 0048): a `Body` is decoded in one pass, refuses with a sentence that names the
field, and gives its schema to the OpenAPI page. For hot paths, whose bodies a crowd sends.
"""

import re
from functools import cache
from typing import Any, ClassVar, Self, TypeVar

import msgspec

from core.errors import Invalid
from core.identifiers import canonical_id
from core.visible import ANY_TEXT, SEEN_TEXT, UNSEEN, checked_text

_ID = re.compile("[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_AT = re.compile(r" - at `\$\.(\w+).*`$")
_MISSING = re.compile(r"missing required field `(\w+)`")
_TOO_FEW = re.compile(r"`array` of length >= (\d+)")
_TOO_MANY = re.compile(r"`array` of length <= (\d+)")


class Body(msgspec.Struct, kw_only=True):
    """A JSON object. Fields that it does not declare are ignored; `example` is sent as it stands by a test."""

    example: ClassVar[dict[str, Any]] = {}


B = TypeVar("B", bound=Body)


def read(kind: type[B], raw: bytes) -> B:
    """The body. Raises Invalid, which names the field."""
    try:
        return _decoder(kind).decode(raw or b"{}")
    except msgspec.ValidationError as problem:
        raise _refusal(str(problem)) from None
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError):
        raise Invalid("The body is not JSON.") from None


@cache
def _decoder(kind: type[B]) -> msgspec.json.Decoder[B]:
    return msgspec.json.Decoder(kind, dec_hook=_parsed)


def _parsed(kind: Any, sent: Any) -> Any:
    return kind.parse(sent)


def _refusal(problem: str) -> Invalid:
    """What msgspec, or a field's type, says about a body, as a sentence that begins with the field's name."""
    if missing := _MISSING.search(problem):
        return Invalid(f"{missing[1]}: is required.", field=missing[1])
    at = _AT.search(problem)
    if at is None:
        return Invalid("The body must be a JSON object.")
    said = problem[: at.start()]
    if few := _TOO_FEW.search(said):
        said = f"must have at least {few[1]}."
    elif many := _TOO_MANY.search(said):
        said = f"must have at most {many[1]}."
    elif "Expected `array`" in said:
        said = "must be a list."
    return Invalid(f"{at[1]}: {said}", field=at[1])


def values_of(body: Body) -> dict[str, Any]:
    """The fields by name, as plain strings and numbers."""
    values: dict[str, Any] = msgspec.to_builtins(body, enc_hook=_plain)
    return values


def _plain(value: Any) -> str | int:
    return str(value) if isinstance(value, str) else int(value)


# ------------------------------------------------------------------------------------------------------- types of fields
class Text(str):
    """A string, trimmed, of which something can be seen, or, where it may be `blank`, an empty one. At most `longest` letters."""

    __slots__ = ()
    longest: ClassVar[int]
    blank: ClassVar[bool] = False

    @classmethod
    def parse(cls, sent: Any) -> Self:
        """Raises ValueError with the sentence."""
        if not isinstance(sent, str):
            raise ValueError("must be a string.")
        text = checked_text(sent)
        if not text and not cls.blank:
            raise ValueError(UNSEEN)
        if len(text) > cls.longest:
            raise ValueError(f"must have at most {cls.longest} characters.")
        return cls(text)

    @classmethod
    def schema(cls) -> dict[str, Any]:
        """All that fits it is accepted."""
        bounds = {"maxLength": cls.longest} | ({} if cls.blank else {"minLength": 1})
        return {"type": "string", "pattern": ANY_TEXT if cls.blank else SEEN_TEXT, **bounds}


class Whole(int):
    """A whole number from `least` to `most` (None: any): 3 or 3.0, never true, never "3"."""

    __slots__ = ()
    least: ClassVar[int] = 0
    most: ClassVar[int | None] = None

    @classmethod
    def parse(cls, sent: Any) -> Self:
        """Raises ValueError with the sentence."""
        if not isinstance(sent, int | float) or isinstance(sent, bool) or sent != int(sent):
            raise ValueError("must be a whole number.")
        if sent < cls.least:
            raise ValueError(f"must be at least {cls.least}.")
        if cls.most is not None and sent > cls.most:
            raise ValueError(f"must be at most {cls.most}.")
        return cls(sent)

    @classmethod
    def schema(cls) -> dict[str, Any]:
        """An integer."""
        bounds = {"minimum": cls.least} | ({} if cls.most is None else {"maximum": cls.most})
        return {"type": "integer", **bounds} | ({"format": "int64"} if (cls.most or 0) > 2**31 - 1 else {})


class Identifier(str):
    """A UUID, in its canonical form however it was sent."""

    __slots__ = ()

    @classmethod
    def parse(cls, sent: Any) -> Self:
        """Raises ValueError with the sentence."""
        found = canonical_id(sent) if isinstance(sent, str) else ""
        if not _ID.fullmatch(found):
            raise ValueError("must be a UUID.")
        return cls(found)

    @classmethod
    def schema(cls) -> dict[str, Any]:
        """A string."""
        return {"type": "string", "format": "uuid"}


def _described(kind: Any) -> dict[str, Any]:
    schema: dict[str, Any] = kind.schema()
    return schema


def schema_of(kind: type[Body]) -> dict[str, Any]:
    """The JSON Schema of a body as OpenAPI 3.0 writes it: `nullable` instead of a union with null."""
    _, components = msgspec.json.schema_components([kind], schema_hook=_described)
    schema: dict[str, Any] = components[kind.__name__]
    schema["properties"] = {name: _nullable(each) for name, each in schema["properties"].items()}
    del schema["title"]
    if not schema["required"]:
        del schema["required"]
    return schema


def _nullable(schema: dict[str, Any]) -> dict[str, Any]:
    for kind in schema.pop("anyOf", []):
        schema.pop("default", None)  # null
        schema |= {"nullable": True} if kind == {"type": "null"} else kind
    return schema
