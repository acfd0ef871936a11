"""What holds for the tests themselves, of which pytest knows nothing."""

import re
from pathlib import Path

TESTS = Path(__file__).resolve().parent


def test_names_have_at_most_80_letters() -> None:
    names = [name for file in TESTS.rglob("test_*.py") for name in re.findall(r"def (test_\w+)", file.read_text())]
    assert len(names) > 1000
    assert [name for name in names if len(name) > 80] == []
