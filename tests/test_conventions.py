"""What holds for the tests themselves, of which pytest knows nothing."""

import ast
from pathlib import Path

TESTS = Path(__file__).resolve().parent
LONGEST_NAME = 80


def test_names_have_at_most_80_letters() -> None:
    nodes = (node for file in TESTS.rglob("*.py") for node in ast.walk(ast.parse(file.read_text())))
    names = [node.name for node in nodes if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)]
    assert [name for name in names if name.startswith("test_") and len(name) > LONGEST_NAME] == []
