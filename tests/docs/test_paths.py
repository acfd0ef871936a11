"""The files that pages, docstrings and comments name exist. Decisions and the changelog are exempt: they describe their time."""

import re
from pathlib import Path

from core.environment import BASE_DIR
from tests.docs.prose import pages, prose

_LINK = re.compile(r"\]\((?!https?:|mailto:|#)([^)#\s]+)(#[^)\s]*)?\)")
_PATH = re.compile(
    r"(?<![\w./{}<>*~:-])((?:[\w.-]+/)+[\w.-]*\w\.(?:py|ts|css|html|md|conf|json|lua|sql|po|txt|toml))(?![\w/*])"
)
_OF_THEIR_TIME = ("docs/decisions/", "CHANGELOG.md")
# Made by a program; not in the repository.
_MADE = {"frontend/dist/assets.json", "benchmarks/results/latest.json", "DATA_DIR/demo.json"}


def test_relative_links_lead_to_files_that_are_there() -> None:
    """Also from decisions: a link is a place to look."""
    broken = [
        f"{page.relative_to(BASE_DIR)}: {target}"
        for page in pages()
        for target, _ in _LINK.findall(page.read_text())
        if not (page.parent / target).exists()
    ]
    assert broken == []


def _exists(path: str, named_in: str) -> bool:
    """From the root of the repository, `frontend/`, `templates/`, or the file's own folder."""
    roots = [BASE_DIR, BASE_DIR / "frontend", BASE_DIR / "templates", (BASE_DIR / named_in).parent]
    return any((root / path).exists() for root in roots)


def test_files_that_prose_names_are_there() -> None:
    named = [
        (line, path)
        for line in prose()
        if not line.path.startswith(_OF_THEIR_TIME)
        for path in _PATH.findall(line.text)
        if path not in _MADE and not Path(path).is_absolute()
    ]
    assert len(named) > 100, "the search itself is broken"
    assert [f"{line.path}:{line.number}: {path}" for line, path in named if not _exists(path, line.path)] == []
