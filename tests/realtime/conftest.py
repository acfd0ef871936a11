"""A line of the installation for live updates."""

import pytest

from tests.contracts.queueup import Line
from tests.installation import Stack


@pytest.fixture
def line(site: Stack, server: str) -> Line:
    """A fresh line, asked of `server`."""
    return Line.open(site, server)
