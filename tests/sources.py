"""The program's own Python files, for tests that look at the source itself."""

from importlib import import_module
from pathlib import Path

from core.environment import BASE_DIR
from core.refusals import Reason

# Each package at the top of the repository is a part of the program, but for the tests and the benchmarks.
OTHERS = {"tests", "benchmarks"}
FOLDERS = tuple(sorted(each.parent.name for each in BASE_DIR.glob("*/__init__.py") if each.parent.name not in OTHERS))


def python_files() -> list[Path]:
    """All of them, in one order."""
    return sorted(path for folder in FOLDERS for path in (BASE_DIR / folder).rglob("*.py"))


def reasons(*slices: str) -> dict[str, Reason]:
    """All named reasons of these slices, by module and name."""
    return {
        f"{name}.refusals.{constant}": reason
        for name in slices
        for constant, reason in vars(import_module(f"{name}.refusals")).items()
        if isinstance(reason, Reason)
    }
