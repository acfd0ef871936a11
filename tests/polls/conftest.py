"""Fixtures of this folder's tests."""

import pytest
from django.test import Client

from tests.installation import Stack
from tests.polls.running_poll import LivePoll


@pytest.fixture
def poll(site: Stack) -> LivePoll:
    """An open poll of the running program, results visible to all."""
    return LivePoll(site)


@pytest.fixture
def voter() -> Client:
    """A voter's browser without scripts."""
    return Client()
