"""Browsers without scripts, and a line for them (tests of the pages)."""

import pytest
from django.test import Client

from queues import commands
from queues.models import Queue


@pytest.fixture
def line(db: None) -> Queue:
    """An open line that nobody's browser hosts."""
    return commands.open_line(commands.NewLine(event_name="Friday dinner", max_guests=20))


@pytest.fixture
def host() -> Client:
    """A tablet."""
    return Client()


@pytest.fixture
def guest() -> Client:
    """A phone."""
    return Client()
