"""Schemas, names and descriptions of the OpenAPI document as Python."""

import keyword
import re
import textwrap
from typing import Any

Json = dict[str, Any]

PLAIN = {"string": "str", "integer": "int", "number": "float", "boolean": "bool"}
MARK = '"""Made by `make client` from the OpenAPI document; do not edit. {about}"""\n\n'


def type_of(schema: Json, models: set[str]) -> str:
    """A schema as a Python type. `models` collects the names that it uses."""
    found = _type_of(schema, models)
    return f"{found} | None" if schema.get("nullable") and not found.endswith("None") else found


def _type_of(schema: Json, models: set[str]) -> str:
    if "$ref" in schema:
        name = schema["$ref"].rpartition("/")[2]
        models.add(name)
        return str(name)
    if choices := schema.get("anyOf") or schema.get("oneOf") or schema.get("allOf"):
        return " | ".join(dict.fromkeys(type_of(choice, models) for choice in choices))
    if "enum" in schema:
        return f"Literal[{', '.join(map(repr, schema['enum']))}]"
    if schema.get("format") == "binary":
        return "bytes"
    if schema.get("type") == "array":
        return f"list[{type_of(schema['items'], models)}]"
    if schema.get("type") == "object":
        values = schema.get("additionalProperties")
        return f"dict[str, {type_of(values, models) if isinstance(values, dict) and values else 'Any'}]"
    return PLAIN.get(schema.get("type", ""), "Any")


def comment(text: str, indent: str) -> list[str]:
    """A description as lines of comment."""
    return textwrap.wrap(" ".join(text.split()), 116, initial_indent=f"{indent}# ", subsequent_indent=f"{indent}# ")


def docstring(text: str, indent: str) -> list[str]:
    """A description as a docstring."""
    said = " ".join(text.split()).replace("\\", "\\\\").replace('"""', "'''") or "."
    lines = textwrap.wrap(f'"""{said}', 116, initial_indent=indent, subsequent_indent=indent)
    return [*lines[:-1], lines[-1] + '"""'] if len(lines) == 1 else [*lines, f'{indent}"""']


def python_name(name: str) -> str:
    """A parameter's name in Python: as is `as_`."""
    spelled = re.sub(r"(?<!^)(?=[A-Z])", "_", name).replace("-", "_").lower()
    return f"{spelled}_" if keyword.iskeyword(spelled) or spelled in {"format", "self", "body"} else spelled


def module_of(tag: str) -> str:
    """voting sessions is voting_sessions."""
    return "_".join(re.split(r"\W+", tag))


def class_of(tag: str) -> str:
    """voting sessions is VotingSessions."""
    return "".join(word.capitalize() for word in re.split(r"\W+", tag))


def typing_names(text: str, *names: str) -> str:
    """The import of what `text` uses of `typing`."""
    used = [name for name in names if re.search(rf"\b{name}\b", text)]
    return f"from typing import {', '.join(used)}" if used else ""
