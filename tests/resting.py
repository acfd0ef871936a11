"""Installations that many files share end their processes while tests of other files run, which do not use them.

An idle installation takes 3 % of a core (docs/decisions/0100); to start its processes again takes a second of CPU.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import pytest

# It has not been used for so long: then it will probably not be used at once.
REST_AFTER_S = 20.0


@dataclass
class Shared:
    """What the fixture of this name gives. `rest` ends its processes, `wake` starts those again."""

    fixture: str
    rest: Callable[[], None]
    wake: Callable[[], object]
    resting: bool = False
    _file: Path | None = None
    _used: float = field(default_factory=time.monotonic)

    def begins(self, file: Path, fixtures: set[str], now: float) -> None:
        """A test with these fixtures begins. In one file it goes on running: fixtures of a file may be connected."""
        if self.fixture in fixtures:
            if self.resting:
                self.resting = False
                self.wake()
            self._file, self._used = file, now
        elif not self.resting and file != self._file and now - self._used > REST_AFTER_S:
            self.resting = True
            self.rest()

    def ends(self, fixtures: set[str], now: float) -> None:
        """A test with these fixtures has ended."""
        if self.fixture in fixtures:
            self._used = now


_shared: list[Shared] = []


def share(fixture: str, rest: Callable[[], None], wake: Callable[[], object] = lambda: None) -> None:
    """Lets it rest: `fixture` is the name by which tests ask for it."""
    _shared.append(Shared(fixture, rest, wake))


def _fixtures(item: pytest.Item) -> set[str]:
    return set(getattr(item, "fixturenames", ()))


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    """Before the test's own fixtures."""
    for shared in _shared:
        shared.begins(item.path, _fixtures(item), time.monotonic())


def pytest_runtest_teardown(item: pytest.Item) -> None:
    """Notes when the test ended with what it used."""
    for shared in _shared:
        shared.ends(_fixtures(item), time.monotonic())
