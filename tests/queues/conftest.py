"""A line in the test's own database, and a restaurant whose service opens lines."""

from collections.abc import Iterator

import pytest

from queues import commands
from queues.models import Queue
from tests.database_clock import DatabaseClock, moved_clock
from tests.queues import service_lines
from venues.models import Service, Venue


@pytest.fixture
def line(db: None) -> Queue:
    """An open line without a host's browser."""
    return commands.open_line(commands.NewLine(event_name="Friday dinner", max_guests=20))


@pytest.fixture
def watch(transactional_db: None) -> Iterator[DatabaseClock]:
    """Monday noon, in Madrid."""
    with moved_clock(service_lines.at("2026-03-23 12:00")) as moved:
        yield moved


@pytest.fixture
def restaurant(watch: DatabaseClock) -> Venue:
    """The restaurant."""
    return service_lines.restaurant()


@pytest.fixture
def dinner(restaurant: Venue) -> Service:
    """Every evening, last entry an hour before closing."""
    return service_lines.service(restaurant, (service_lines.DINNER,), last_entry_min=60)
