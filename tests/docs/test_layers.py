"""The layers in docs/architecture.md are those that `make lint` checks (pyproject.toml)."""

import re
import tomllib

from core.environment import BASE_DIR


def test_the_page_and_the_linter_name_the_same_layers() -> None:
    contracts = tomllib.loads((BASE_DIR / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"]
    (checked,) = (contract["layers"] for contract in contracts if contract["type"] == "layers")
    section = (BASE_DIR / "docs/architecture.md").read_text().split("\n## Layers\n")[1].split("\n## ")[0]
    rows = [row.split("|")[1] for row in section.splitlines() if row.startswith("| `")]
    assert [sorted(re.findall(r"`(\w+)`", row)) for row in rows] == [
        sorted(re.findall(r"\w+", layer)) for layer in checked
    ]
