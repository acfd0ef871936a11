"""No list has an order that leaves ties to chance: what is cut off, taken first or done first is the same each time."""

import ast
from collections.abc import Iterator

from tests.installation import ROOT
from tests.sources import python_files

# What tells any two rows of its list apart: keys, and numbers unique in a line, a poll, its node or an event's version.
TELLS_APART = {"pk", "ticket", "seq", "number", "code", "email", "version", "first_ts", "shard"}


def _orders() -> Iterator[tuple[str, str]]:
    for path in python_files():
        for node in ast.walk(ast.parse(path.read_text())):
            if not (
                isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "order_by"
            ):
                continue
            if node.args and isinstance(node.args[-1], ast.Constant):
                yield f"{path.relative_to(ROOT)}:{node.lineno}", str(node.args[-1].value)


def test_every_order_ends_with_what_tells_rows_apart() -> None:
    orders = list(_orders())
    assert len(orders) > 20
    assert [where for where, last in orders if last.lstrip("-").rpartition("__")[2] not in TELLS_APART] == []
