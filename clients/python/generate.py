"""Writes src/tallyline_client/generated/ from the OpenAPI document on standard input: `make client` (decision 0087).

Schemas become TypedDicts: answers stay the JSON that the server sent, and fields that come later break nothing. Operations become
methods, in one class per tag. Streams and sockets are left out.
"""

import json
import keyword
import re
import subprocess
import sys
import textwrap
from collections.abc import Iterator
from pathlib import Path
from typing import Any

Json = dict[str, Any]

OUT = Path(__file__).resolve().parent / "src" / "tallyline_client" / "generated"
ROOT = Path(__file__).resolve().parents[2]
# The client sends these by itself: who asks, what it knows already, and a key for each create.
BY_ITSELF = {"api-key", "x-host-auth", "If-None-Match", "Idempotency-Key"}
# Query parameters that ask for the next page.
CURSORS = ("cursor", "before", "after")
PLAIN = {"string": "str", "integer": "int", "number": "float", "boolean": "bool"}
MARK = '"""Made by `make client` from the OpenAPI document; do not edit. {about}"""\n\n'


# ------------------------------------------------------------------------------------------------------------------ types
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


def model(name: str, schema: Json) -> list[str]:
    """A schema as a TypedDict, or as another name of a type."""
    if "properties" not in schema:
        return [f'{name}: TypeAlias = "{type_of(schema, set())}"']
    required = set(schema.get("required", ()))
    if any(keyword.iskeyword(field) for field in schema["properties"]):
        return functional(name, schema, required)
    lines = [f"class {name}(TypedDict):", *docstring(schema.get("description", name), "    "), ""]
    for field, inner in schema["properties"].items():
        if "x-spec-enum-id" not in inner:
            lines += comment(inner.get("description", ""), "    ")
        found = type_of(inner, set())
        lines.append(f"    {field}: {found if field in required else f'NotRequired[{found}]'}")
    return lines


def functional(name: str, schema: Json, required: set[str]) -> list[str]:
    """The same for a schema with a field such as `from`, which no class can have."""
    fields = []
    for field, inner in schema["properties"].items():
        found = type_of(inner, set())
        fields.append(f"    {field!r}: {found if field in required else f'NotRequired[{found}]'!r},")
    said = comment(schema.get("description", name), "")
    return [*said, f"{name} = TypedDict({name!r}, {{", *fields, "})"]


def models_file(schemas: dict[str, Json]) -> str:
    """All schemas, in the document's order: each may name any other."""
    lines = [
        "from __future__ import annotations",
        "",
        "from typing import Any, Literal, NotRequired, TypeAlias, TypedDict",
    ]
    for name, schema in schemas.items():
        lines += ["", "", *model(name, schema)]
    return MARK.format(about="What is sent and answered.") + "\n".join(lines)


# ------------------------------------------------------------------------------------------------------------- operations
def answer_type(operation: Json, models: set[str]) -> str | None:
    """What a good answer holds. None: the operation is a stream or a socket."""
    found: dict[str, None] = {}
    for status, answer in operation["responses"].items():
        if status == "101" or "text/event-stream" in answer.get("content", {}):
            return None
        if status < "300":
            found |= dict.fromkeys(type_of(content["schema"], models) for content in answer.get("content", {}).values())
    return " | ".join(found) or "None"


def python_name(name: str) -> str:
    """A parameter's name in Python: as is `as_`."""
    spelled = re.sub(r"(?<!^)(?=[A-Z])", "_", name).replace("-", "_").lower()
    return f"{spelled}_" if keyword.iskeyword(spelled) or spelled in {"format", "self", "body"} else spelled


def method(path: str, verb: str, operation: Json, schemas: dict[str, Json], models: set[str]) -> list[str]:
    """An operation as a method; where it has pages, also one that walks through them."""
    answers = answer_type(operation, models)
    if answers is None:
        return []
    parameters = operation.get("parameters", [])
    in_path = [each for each in parameters if each["in"] == "path"]
    query = [each for each in parameters if each["in"] == "query"]
    headers = {each["name"] for each in parameters if each["in"] == "header"}
    if unknown := headers - BY_ITSELF:
        raise SystemExit(f"{operation['operationId']}: the client does not send {unknown}")
    order = re.findall(r"{(\w+)}", path)
    by_place = [f"{python_name(each['name'])}: str" for each in sorted(in_path, key=lambda p: order.index(p["name"]))]
    by_name = []
    for each in sorted(query, key=lambda parameter: not parameter.get("required")):
        kind = type_of(each["schema"], models)
        by_name.append(f"{python_name(each['name'])}: {kind}" + ("" if each.get("required") else " | None = None"))
    given = [f'"{each["name"]}": {python_name(each["name"])}' for each in query]
    spelled = re.sub(r"{(\w+)}", lambda name: f"{{part({python_name(name[1])})}}", path)
    asked = [f'"{verb.upper()}"', f'{"f" if in_path else ""}"{spelled}"']
    if given:
        asked.append(f"query={{{', '.join(given)}}}")
    fields: Json = {}
    if body := operation.get("requestBody"):
        content = body["content"]["application/json"]["schema"]
        fields = schemas.get(content.get("$ref", "").rpartition("/")[2], {})
        by_place.append(f"body: {type_of(content, models)}" + ("" if body.get("required") else " | None = None"))
        asked.append("body=body" if body.get("required") else "body=body or {}")
    if "Idempotency-Key" in headers:
        by_name.append("idempotency_key: str | None = None")
        asked.append("key=idempotency_key or new_key()")
    if "ballotId" in fields.get("required", ()):
        asked.append("again=True")
    if "If-None-Match" in headers:
        asked.append("known=True")
    star = ["*"] if by_name else []
    name = operation["operationId"]
    said = f"{operation.get('summary', name)}. {operation.get('description', '')}"
    lines = [
        f"    def {name}({', '.join(['self', *by_place, *star, *by_name])}) -> {answers}:",
        *docstring(said, "        "),
    ]
    lines += [f"        answer: {answers} = self._connection.ask({', '.join(asked)})", "        return answer", ""]
    return lines + walk(name, schemas.get(answers, {}), by_place, by_name, query, models)


def walk(
    name: str, page: Json, by_place: list[str], by_name: list[str], query: list[Json], models: set[str]
) -> list[str]:
    """A method that gives every item of every page, for an operation whose answer has `next`."""
    cursor = next((each["name"] for each in query if each["name"] in CURSORS), None)
    lists = [field for field, inner in page.get("properties", {}).items() if inner.get("type") == "array"]
    if cursor is None or "next" not in page["properties"] or len(lists) != 1:
        return []
    item = type_of(page["properties"][lists[0]]["items"], models)
    others = [each for each in by_name if not each.startswith(f"{cursor}:")]
    passed = [each.partition(":")[0] for each in by_place]
    passed += [f"{each.partition(':')[0]}={each.partition(':')[0]}" for each in others]
    star = ["*"] if others else []
    return [
        f"    def {name.replace('list_', 'all_', 1)}({', '.join(['self', *by_place, *star, *others])}) -> Iterator[{item}]:",
        f'        """Every item of `{name}`, page after page, each page when it is needed."""',
        f"        page = self.{name}({', '.join(passed)})",
        f'        yield from page["{lists[0]}"]',
        '        while (cursor := page["next"]) is not None:',
        f"            page = self.{name}({', '.join([*passed, f'{cursor}=cursor'])})",
        f'            yield from page["{lists[0]}"]',
        "",
    ]


def group_file(tag: str, methods: list[str], models: set[str]) -> str:
    """The operations of one tag."""
    text = "\n".join(methods)
    lines = ["from collections.abc import Iterator"] if "Iterator[" in text else []
    if typing := [name for name in ("Any", "Literal") if re.search(rf"\b{name}\b", text)]:
        lines.append(f"from typing import {', '.join(typing)}")
    names = [name for name in ("Connection", "new_key", "part") if name == "Connection" or f"{name}(" in text]
    lines += ["", f"from ..connection import {', '.join(names)}"]
    if used := sorted(name for name in models if re.search(rf"\b{name}\b", text)):
        lines.append(f"from .models import {', '.join(used)}")
    lines += ["", "", f"class {class_of(tag)}:", f'    """Operations of {tag}."""', ""]
    lines += [
        "    def __init__(self, connection: Connection) -> None:",
        "        self._connection = connection",
        "",
        text,
    ]
    return MARK.format(about=f"Operations of {tag}.") + "\n".join(lines)


def class_of(tag: str) -> str:
    """voting sessions is VotingSessionsOperations."""
    return "".join(word.capitalize() for word in re.split(r"\W+", tag)) + "Operations"


def module_of(tag: str) -> str:
    """voting sessions is voting_sessions."""
    return "_".join(re.split(r"\W+", tag))


def index_file(tags: list[str]) -> str:
    """The class that has all groups."""
    lines = ["from ..connection import Connection", *(f"from .{module_of(tag)} import {class_of(tag)}" for tag in tags)]
    lines += ["", "", "class Operations:", '    """Every operation, by what it is about."""', ""]
    lines.append("    def __init__(self, connection: Connection) -> None:")
    lines += [f"        self.{module_of(tag)} = {class_of(tag)}(connection)" for tag in tags]
    return MARK.format(about="All operations.") + "\n".join(lines)


# ------------------------------------------------------------------------------------------------------------------ files
def sources(document: Json) -> Iterator[tuple[str, str]]:
    """Names and texts of all files, before they are formatted."""
    schemas = document["components"]["schemas"]
    groups: dict[str, list[str]] = {}
    models: set[str] = set()
    for path, verbs in document["paths"].items():
        for verb, operation in verbs.items():
            groups.setdefault(operation["tags"][0], []).extend(method(path, verb, operation, schemas, models))
    yield "models.py", models_file({name: schema for name, schema in schemas.items() if name != "Problem"})
    tags = sorted(tag for tag, methods in groups.items() if methods)
    for tag in tags:
        yield f"{module_of(tag)}.py", group_file(tag, groups[tag], models)
    yield "__init__.py", index_file(tags)


def files_of(document: Json) -> dict[str, str]:
    """The generated folder: texts by names."""
    ruff = str(Path(sys.executable).with_name("ruff"))
    settings = ["--no-cache", "--config", str(ROOT / "pyproject.toml"), "-"]
    files = {}
    for name, text in sources(document):
        for command in ([ruff, "check", "--quiet", "--select=I", "--fix", *settings], [ruff, "format", *settings]):
            text = subprocess.run(command, input=text, capture_output=True, text=True, check=True, cwd=OUT).stdout
        files[name] = text
    return files


if __name__ == "__main__":
    made = files_of(json.load(sys.stdin))
    for old in OUT.glob("*.py"):
        old.unlink()
    for name, text in made.items():
        (OUT / name).write_text(text)
