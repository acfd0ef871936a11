"""Fixtures of this folder's tests."""

from collections.abc import Iterator

import pytest

from tests.contracts.vote_ws import Room
from tests.installation import Stack


@pytest.fixture
def room(site: Stack, quiet_logs: None) -> Iterator[Room]:
    """A new room, closed afterwards. No server may log an error during the test."""
    made = Room(site)
    yield made
    made.close()
