"""Fixtures of this folder's tests."""

import pytest

from tests.installation import Stack
from tests.polls.running_poll import LivePoll


@pytest.fixture
def poll(site: Stack) -> LivePoll:
    """Red or white, results for everybody."""
    return LivePoll(site)
