"""Operations as methods, in one class per tag. Streams and sockets are left out."""

import re
from collections import defaultdict
from collections.abc import Iterator

from clients.python.generator.parts import LONGEST, who_asks
from clients.python.generator.spelling import (
    MARK,
    Json,
    class_of,
    docstring,
    module_of,
    python_name,
    type_of,
    typing_names,
)

# The client sends these by itself: who asks, what it knows already, and a key for each create.
BY_ITSELF = {"api-key", "x-host-auth", "If-None-Match", "Idempotency-Key"}
# Query parameters that ask for the next page.
CURSORS = ("cursor", "before", "after")
WHICH = {"guests": "without a proof", "hosts": "with a proof"}


def answer_type(operation: Json, models: set[str]) -> str | None:
    """What a good answer holds. None: the operation is a stream or a socket."""
    found: dict[str, None] = {}
    for status, answer in operation["responses"].items():
        if status == "101" or "text/event-stream" in answer.get("content", {}):
            return None
        if status < "300":
            found |= dict.fromkeys(type_of(content["schema"], models) for content in answer.get("content", {}).values())
    return " | ".join(found) or "None"


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


def class_file(name: str, about: str, methods: list[str], models: set[str]) -> str:
    """A class with these methods."""
    text = "\n".join(methods)
    lines = ["from collections.abc import Iterator"] if "Iterator[" in text else []
    lines.append(typing_names(text, "Any", "Literal"))
    names = [name for name in ("Connection", "new_key", "part") if name == "Connection" or f"{name}(" in text]
    lines += ["", f"from ..connection import {', '.join(names)}"]
    if used := sorted(name for name in models if re.search(rf"\b{name}\b", text)):
        lines.append(f"from .models import {', '.join(used)}")
    lines += ["", "", f"class {name}:", f'    """{about}"""', ""]
    lines += [
        "    def __init__(self, connection: Connection) -> None:",
        "        self._connection = connection",
        "",
        text,
    ]
    return MARK.format(about=about) + "\n".join(lines)


def tag_files(tag: str, parts: dict[str, list[str]], models: set[str]) -> Iterator[tuple[str, str]]:
    """The operations of one tag in one file; if that is too long, in one for each part, and a class of them all."""
    name, module, about = f"{class_of(tag)}Operations", module_of(tag), f"Operations of {tag}"
    methods = [line for part in parts.values() for line in part]
    if len(methods) <= LONGEST:
        yield f"{module}.py", class_file(name, f"{about}.", methods, models)
        return
    classes = {part: f"{class_of(tag)}Of{part.capitalize()}" for part in sorted(parts)}
    for part, of_part in classes.items():
        yield f"{module}_{part}.py", class_file(of_part, f"{about} {WHICH[part]}.", parts[part], models)
    lines = [f"from .{module}_{part} import {of_part}" for part, of_part in classes.items()]
    lines += ["", "", f"class {name}({', '.join(classes.values())}):", f'    """{about}."""']
    yield f"{module}.py", MARK.format(about=f"{about}.") + "\n".join(lines)


def index_file(tags: list[str]) -> str:
    """The class that has all groups."""
    classes = {module_of(tag): f"{class_of(tag)}Operations" for tag in tags}
    lines = ["from ..connection import Connection", *(f"from .{module} import {classes[module]}" for module in classes)]
    lines += ["", "", "class Operations:", '    """Every operation, by what it is about."""', ""]
    lines.append("    def __init__(self, connection: Connection) -> None:")
    lines += [f"        self.{module} = {classes[module]}(connection)" for module in classes]
    return MARK.format(about="All operations.") + "\n".join(lines)


def operation_files(document: Json) -> Iterator[tuple[str, str]]:
    """A module by tag, and the class that has them all."""
    schemas = document["components"]["schemas"]
    groups: dict[str, dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
    models: set[str] = set()
    for path, verbs in document["paths"].items():
        for verb, operation in verbs.items():
            if lines := method(path, verb, operation, schemas, models):
                groups[operation["tags"][0]][who_asks(operation)] += lines
    for tag in sorted(groups):
        yield from tag_files(tag, groups[tag], models)
    yield "__init__.py", index_file(sorted(groups))
