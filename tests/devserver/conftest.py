"""Fixtures of this folder's tests."""

import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from devserver.embedded import Postgres


@pytest.fixture
def data_dir() -> Iterator[Path]:
    """A new directory with a short path, so that the socket fits in it."""
    with tempfile.TemporaryDirectory(prefix="tl-") as directory:
        yield Path(directory).resolve()


@pytest.fixture(scope="session")
def _made_cluster() -> Iterator[Path]:
    """Where Postgres has run and was stopped. To make a cluster takes more CPU than most tests of it."""
    with tempfile.TemporaryDirectory(prefix="tl-") as directory:
        postgres = Postgres(Path(directory).resolve())
        postgres.start()
        postgres.stop()
        yield Path(directory).resolve()


@pytest.fixture
def used_dir(data_dir: Path, _made_cluster: Path) -> Path:
    """The same with a cluster of Postgres from an earlier start, and its password."""
    subprocess.run(["cp", "-a", *_made_cluster.glob("postgres*"), data_dir], check=True)
    return data_dir


@pytest.fixture
def no_urls(monkeypatch: pytest.MonkeyPatch) -> None:
    """The environment names no servers."""
    for name in ("DATABASE_URL", "REDIS_URL"):
        monkeypatch.delenv(name, raising=False)
