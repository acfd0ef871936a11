"""A line in the test's own database."""

import pytest

from queues import commands
from queues.models import Queue


@pytest.fixture
def line(db: None) -> Queue:
    """An open line without a host's browser."""
    return commands.open_line(commands.NewLine(event_name="Friday dinner", max_guests=20))
