"""Fixtures of the contract tests."""

import os
from collections.abc import Iterator

import httpx
import pytest
from redis import Redis

from core import redis_servers
from tests.contracts.queueup import Line
from tests.contracts.vote_ws import (
    Room,
)
from tests.installation import Stack

# What nginx answers itself: bytes and methods that it refuses, ETags of what it compresses, and for a second the public
# snapshot (contract queueup.md). `make cluster` asks a host for these.
OF_NGINX = (
    "%00", "TRACE", "test_queueup_model", "test_queueup_snapshot_cache", "test_a_message_stands_in_the_public_snapshot",
)  # fmt: skip
# These look for a poll's rows in one database, where there may be several, or tell of changes through the tests' own Redis.
NOT_THERE = (
    "test_a_client_cannot_choose_its_address", "test_one_address_is_another_voter", "closes_by_itself_after_24_hours",
    "test_a_missing_row_is_rebuilt_from_postgres",
)  # fmt: skip


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Of an installation that runs already (RUNNING) only the tests that ask it: others start one with settings of their own.
    Those of nginx's own answers are for BEHIND_NGINX=off, all others for on."""
    if os.environ.get("RUNNING"):
        behind = os.environ["BEHIND_NGINX"] == "on"
        asks = {item: set(getattr(item, "fixturenames", ())) for item in items}
        asked = [
            item
            for item in items
            if "stack" in asks[item]
            and not asks[item] & {"site", "own_stack"}
            and not any(name in item.nodeid for name in NOT_THERE)
            and behind != any(name in item.nodeid for name in OF_NGINX)
        ]
        config.hook.pytest_deselected(items=[item for item in items if item not in asked])
        items[:] = asked


@pytest.fixture
def line(stack: Stack) -> Line:
    """A fresh line of the running program."""
    return Line.open(stack)


@pytest.fixture
def other(stack: Stack) -> Line:
    """Another host's line."""
    return Line.open(stack, eventName="Elsewhere")


@pytest.fixture(scope="session")
def venue_key(stack: Stack) -> str:
    """An API key of a venue, made as its owner makes it."""
    return stack.new_key()


@pytest.fixture(scope="session")
def raw(stack: Stack) -> Iterator[httpx.Client]:
    """For requests that Line does not know how to make."""
    with httpx.Client(base_url=stack.url(), timeout=20) as client:
        yield client


@pytest.fixture
def busy(line: Line) -> tuple[Line, list[str]]:
    """A line with two called and two waiting parties; their ids in the order they joined."""
    ids = [line.join(f"Guest {index}", index + 1)["partyId"] for index in range(4)]
    line.host("advance")
    line.host("advance")
    line.post("declare-nearby", {"partyId": ids[2]})
    return line, ids


@pytest.fixture
def cache(stack: Stack) -> Iterator[Redis]:
    """The installation's Redis."""
    with redis_servers.servers(stack.env["REDIS_URL"]).client() as client:
        yield client


@pytest.fixture(scope="session")
def servers(stack: Stack) -> Stack:
    """The shared installation, and a daphne beside its uvicorn."""
    return stack if "daphne" in stack.processes else stack.start("daphne")


@pytest.fixture
def room(servers: Stack) -> Room:
    """A fresh room."""
    return Room(servers)
