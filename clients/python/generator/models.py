"""Schemas as TypedDicts: answers stay the JSON that the server sent, and fields that come later break nothing."""

import keyword
from collections import defaultdict
from collections.abc import Iterator

from clients.python.generator.parts import modules_of_models
from clients.python.generator.spelling import MARK, Json, comment, docstring, type_of, typing_names


def model(name: str, schema: Json, named: set[str]) -> list[str]:
    """A schema as a TypedDict, or as another name of a type. `named` collects the models that it names."""
    if "properties" not in schema:
        return [f'{name}: TypeAlias = "{type_of(schema, named)}"']
    required = set(schema.get("required", ()))
    if any(keyword.iskeyword(field) for field in schema["properties"]):
        return functional(name, schema, required, named)
    lines = [f"class {name}(TypedDict):", *docstring(schema.get("description", name), "    "), ""]
    for field, inner in schema["properties"].items():
        if "x-spec-enum-id" not in inner:
            lines += comment(inner.get("description", ""), "    ")
        found = type_of(inner, named)
        lines.append(f"    {field}: {found if field in required else f'NotRequired[{found}]'}")
    return lines


def functional(name: str, schema: Json, required: set[str], named: set[str]) -> list[str]:
    """The same for a schema with a field such as `from`, which no class can have."""
    fields = []
    for field, inner in schema["properties"].items():
        found = type_of(inner, named)
        fields.append(f"    {field!r}: {found if field in required else f'NotRequired[{found}]'!r},")
    said = comment(schema.get("description", name), "")
    return [*said, f"{name} = TypedDict({name!r}, {{", *fields, "})"]


def model_files(document: Json) -> Iterator[tuple[str, str]]:
    """The package `models`: a module by resource, and all names in one place."""
    schemas = {name: schema for name, schema in document["components"]["schemas"].items() if name != "Problem"}
    named: dict[str, set[str]] = {name: set() for name in schemas}
    texts = {name: model(name, schema, named[name]) for name, schema in schemas.items()}
    modules = modules_of_models(document, lambda name: len(texts.get(name, ())) + 2)
    members = defaultdict(list)
    for name in schemas:
        members[modules[name]].append(name)
    for module, names in sorted(members.items()):
        about = f"Models: {module.replace('_', ' ')}."
        lines = [part for name in names for part in ("", "", *texts[name])]
        imports = typing_names("\n".join(lines), "Any", "Literal", "NotRequired", "TypeAlias", "TypedDict")
        others = set.union(*(named[name] for name in names)) - set(names)
        imported = [f"from .{modules[name]} import {name}" for name in sorted(others)]
        head = ["from __future__ import annotations", "", imports, "", *imported]
        yield f"models/{module}.py", MARK.format(about=about) + "\n".join([*head, *lines])
    index = [f"from .{modules[name]} import {name} as {name}" for name in schemas]
    yield "models/__init__.py", MARK.format(about="All that is sent and answered.") + "\n".join(index)
