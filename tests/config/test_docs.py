"""docs/variables.md names every variable the program reads."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from core.environment import BASE_DIR
from tests.sources import python_files

READERS = {"text", "flag", "number", "words", "kept_secret", "served", "database_urls", "folder"}


def variables_read(path: Path) -> Iterator[str]:
    """First arguments of env.text("NAME"), environment.flag("NAME") and the like."""
    for node in ast.walk(ast.parse(path.read_text())):
        if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in READERS):
            continue
        module = node.func.value
        if isinstance(module, ast.Name) and module.id in {"env", "environment"}:
            name = node.args[0]
            assert isinstance(name, ast.Constant), f"{path}:{node.lineno}: the name of a variable is spelt out"
            yield str(name.value)


def test_every_variable_is_documented() -> None:
    read = {name for path in python_files() for name in variables_read(path)}
    assert {"DATABASE_URL", "PORT", "SECRET_KEY"} <= read, "the search itself is broken"
    documented = set(re.findall(r"^\| `([A-Z_]+)` \|", (BASE_DIR / "docs/variables.md").read_text(), re.MULTILINE))
    assert read - documented == set()
    assert documented - read == {"DATA_DIR"} - read
