"""Which module an operation or a model belongs to: that of its tag, or of a part of it where that is too long for a file."""

from collections import defaultdict
from collections.abc import Callable, Iterator
from typing import Any

from clients.python.generator.spelling import Json, module_of

# Lines of a module before it is formatted, which makes it up to a quarter longer. No file has more than 300.
LONGEST = 230
# What operations of several tags use.
SHARED = "shared"

# Where a model is used: the tag; who asks; whether it is sent or answered.
Use = tuple[str, str, str]


def who_asks(operation: Json) -> str:
    """Hosts, if it needs a proof; else guests: anyone may."""
    return "hosts" if operation.get("security") else "guests"


def refs(value: Any) -> Iterator[str]:
    """The models that a part of the document names itself."""
    if isinstance(value, dict):
        if isinstance(ref := value.get("$ref"), str):
            yield ref.rpartition("/")[2]
        value = list(value.values())
    if isinstance(value, list):
        for each in value:
            yield from refs(each)


def uses(document: Json) -> dict[str, set[Use]]:
    """Where each model is used, also by way of other models."""
    found: dict[str, set[Use]] = defaultdict(set)

    def mark(name: str, use: Use) -> None:
        if use not in found[name]:
            found[name].add(use)
            for inner in refs(document["components"]["schemas"][name]):
                mark(inner, use)

    for verbs in document["paths"].values():
        for operation in verbs.values():
            of = operation["tags"][0], who_asks(operation)
            for name in refs([operation.get("requestBody"), operation.get("parameters")]):
                mark(name, (*of, "sent"))
            for name in refs(operation["responses"]):
                mark(name, (*of, "answered"))
    return found


def modules_of_models(document: Json, length: Callable[[str], int]) -> dict[str, str]:
    """The module of each model; `length`: its lines. A model names only models of its own module, or of one for more uses (such
    as lines, for lines_hosts), so that no two modules import each other.
    """
    used = uses(document)
    modules = {}
    for name in document["components"]["schemas"]:
        tags = {tag for tag, _, _ in used[name]}
        modules[name] = module_of(min(tags)) if len(tags) == 1 else SHARED
    for level in (1, 2):
        lines: dict[str, int] = defaultdict(int)
        for name, module in modules.items():
            lines[module] += length(name)
        for name, module in modules.items():
            parts = {use[level] for use in used[name]}
            if lines[module] > LONGEST and len(parts) == 1:
                modules[name] = f"{module}_{min(parts)}"
    return modules
