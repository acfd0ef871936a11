"""Fixtures of this folder's tests."""

import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest


@pytest.fixture
def data_dir() -> Iterator[Path]:
    """A new directory with a short path, so that the socket fits in it."""
    with tempfile.TemporaryDirectory(prefix="tl-") as directory:
        yield Path(directory).resolve()


@pytest.fixture
def no_urls(monkeypatch: pytest.MonkeyPatch) -> None:
    """The environment names no servers."""
    for name in ("DATABASE_URL", "REDIS_URL"):
        monkeypatch.delenv(name, raising=False)
