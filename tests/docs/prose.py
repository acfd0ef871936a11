"""What people wrote into the repository's files: docstrings, comments and pages, each line with its place."""

import ast
import os
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import NamedTuple

from core.environment import BASE_DIR

# Not ours, made by a program, or built.
SKIPPED = {"node_modules", "dist", "staticfiles", "locale", "migrations", "results", "screenshots"}
# Folders whose names begin with a dot, and that are ours all the same.
VISIBLE = {".github", ".ci"}
_FENCE = re.compile(r"^ *(```|~~~).*?^ *\1", re.MULTILINE | re.DOTALL)
_SLASHED = re.compile(r"/\*.*?\*/|(?<!:)//[^\n]*", re.DOTALL)
_TEMPLATE = re.compile(r"\{#.*?#\}|\{% comment.*?endcomment %\}", re.DOTALL)
_HASHED = re.compile(r"^\s*#.*$", re.MULTILINE)
# Python's comments; and its strings, for what begins with # in one is none.
_COMMENT = re.compile(r"""('{3}|"{3}|'|")(?:\\.|(?!\1).)*\1|#[^\n]*""", re.DOTALL)
_MAY_HOLD_DEFINITIONS = (ast.stmt, ast.excepthandler, ast.match_case)
_BY_SUFFIX = {
    **dict.fromkeys([".ts", ".css"], _SLASHED),
    ".html": _TEMPLATE,
    **dict.fromkeys([".conf", ".toml", ".yml", ".yaml", ""], _HASHED),
}


class Line(NamedTuple):
    """One line of prose. `path` is relative to the repository."""

    path: str
    number: int
    text: str


def files(*suffixes: str) -> Iterator[Path]:
    """The repository's own files with one of these suffixes, in one order."""
    for folder, below, names in os.walk(BASE_DIR):
        below[:] = sorted(name for name in below if name not in SKIPPED and (name[0] != "." or name in VISIBLE))
        yield from (Path(folder, name) for name in sorted(names) if Path(name).suffix in suffixes)


def pages() -> list[Path]:
    """The Markdown pages."""
    return list(files(".md"))


@cache
def prose() -> list[Line]:
    """Every line of prose: pages without their fenced code, docstrings and comments."""
    return [
        Line(path.relative_to(BASE_DIR).as_posix(), first + number, text)
        for path in files(".md", ".py", *_BY_SUFFIX)
        for first, block in _blocks(path)
        for number, text in enumerate(block.splitlines())
    ]


def _blocks(path: Path) -> Iterator[tuple[int, str]]:
    """The passages of prose of a file, each with the number of its first line."""
    text = path.read_text()
    if path.suffix == ".md":
        yield 1, _FENCE.sub(lambda found: "\n" * found[0].count("\n"), text)
    elif path.suffix == ".py":
        yield from _docstrings(text)
        yield from _matches(_COMMENT, text)
    else:
        yield from _matches(_BY_SUFFIX[path.suffix], text)


def _matches(pattern: re.Pattern[str], text: str) -> Iterator[tuple[int, str]]:
    for found in pattern.finditer(text):
        if not found[0].startswith(("'", '"')):
            yield text.count("\n", 0, found.start()) + 1, found[0]


def _docstrings(source: str) -> Iterator[tuple[int, str]]:
    nodes: list[ast.AST] = [ast.parse(source)]
    for node in nodes:  # which grows: most nodes are expressions, and no expression has a docstring
        nodes += [each for each in ast.iter_child_nodes(node) if isinstance(each, _MAY_HOLD_DEFINITIONS)]
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            first = node.body[0] if node.body else None
            if (
                isinstance(first, ast.Expr)
                and isinstance(first.value, ast.Constant)
                and isinstance(first.value.value, str)
            ):
                yield first.lineno, first.value.value
