"""Backups, recovery and upgrades at full size. Only `make faults` runs these."""

import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.installation import FULL

collect_ignore_glob = [] if FULL else ["test_*.py"]


@pytest.fixture
def folder() -> Iterator[Path]:
    """A folder with a short path."""
    with tempfile.TemporaryDirectory(prefix="tl-") as directory:
        yield Path(directory).resolve()
