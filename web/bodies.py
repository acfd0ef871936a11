"""Request bodies by one declaration (decisions 0048, 0054): a `Body` is decoded in one pass, refuses with a sentence that names
the field, and gives its schema to the OpenAPI page. Strings, numbers and ids are of the types in web/body_types.py.
"""

import re
from functools import cache
from typing import Any, ClassVar, TypeVar

import msgspec
from msgspec import NODEFAULT, UNSET

from core.errors import Invalid

_AT = re.compile(r" - at `\$\.([\w.]+).*`$")
_MISSING = re.compile(r"missing required field `(\w+)`")
_TOO_FEW = re.compile(r"`array` of length >= (\d+)")
_TOO_MANY = re.compile(r"`array` of length <= (\d+)")
# What msgspec says of a value of another type, and how we say it.
_WRONG_TYPES = {
    "Expected `array": "must be a list.",
    "Expected `bool": "must be true or false.",
    "Expected `object": "must be an object.",
    "Expected `str": "must be a string.",
}
EXAMPLE_ID = "3f0e1c9a-6d5b-4c2e-9a7f-1b2c3d4e5f60"


class Body(msgspec.Struct, kw_only=True):
    """A JSON object. Fields that it does not declare are ignored; `example` is sent as it stands by a test."""

    example: ClassVar[dict[str, Any]] = {}

    def values(self) -> dict[str, Any]:
        """The fields by name, as plain strings and numbers; without those that are UNSET."""
        fields = ((name, getattr(self, name)) for name in self.__struct_fields__)
        return {name: _plain(value) for name, value in fields if value is not UNSET}


B = TypeVar("B", bound=Body)
T = TypeVar("T")


def default(value: T) -> T:
    """The value of a field that is not sent, of a type that msgspec does not know."""
    return msgspec.field(default_factory=lambda: value)


def read(kind: type[B], sent: Any) -> B:
    """The body, of bytes of JSON or of what was decoded already. Raises Invalid, which names the field."""
    try:
        if isinstance(sent, bytes):
            return _decoder(kind).decode(sent or b"{}")
        return msgspec.convert(sent, kind, dec_hook=_parsed)
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
    at = _AT.search(problem)
    where = at[1] if at else ""
    if missing := _MISSING.search(problem):
        name = f"{where}.{missing[1]}".lstrip(".")
        return Invalid(f"{name}: is required.", field=name)
    if at is None:
        return Invalid("The body must be a JSON object.")
    said = problem[: at.start()]
    if few := _TOO_FEW.search(said):
        said = f"must have at least {few[1]}."
    elif many := _TOO_MANY.search(said):
        said = f"must have at most {many[1]}."
    else:
        said = next((words for begin, words in _WRONG_TYPES.items() if said.startswith(begin)), said)
    return Invalid(f"{where}: {said}", field=where)


def _plain(value: Any) -> Any:
    match value:
        case Body():
            return value.values()
        case list():
            return [_plain(each) for each in value]
        case bool():
            return value
        case str():
            return str(value)
        case int():
            return int(value)
    return value


def schemas_of(kind: type[Body]) -> dict[str, dict[str, Any]]:
    """The JSON Schemas of a body and of the bodies in it, by name, as OpenAPI 3.0 writes them: `nullable` instead of a union
    with null.
    """
    _, components = msgspec.json.schema_components(
        [kind], schema_hook=_described, ref_template="#/components/schemas/{name}"
    )
    for schema in components.values():
        schema["properties"] = {name: _nullable(each) for name, each in schema["properties"].items()}
        del schema["title"]
        if not schema["required"]:
            del schema["required"]
    for field in msgspec.structs.fields(kind):
        if field.default_factory is not NODEFAULT:
            components[kind.__name__]["properties"][field.encode_name]["default"] = _plain(field.default_factory())
    return components


def _described(kind: Any) -> dict[str, Any]:
    schema: dict[str, Any] = kind.schema()
    return schema


def _nullable(schema: dict[str, Any]) -> dict[str, Any]:
    if {"type": "null"} not in schema.get("anyOf", []):
        return schema
    kinds = [kind for kind in schema.pop("anyOf") if kind != {"type": "null"}]
    schema.pop("default", None)  # null
    return {**schema, **kinds[0], "nullable": True}
