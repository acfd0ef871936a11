"""Fixtures of the contract tests."""

from collections.abc import Iterator

import httpx
import pytest
from redis import Redis

from tests.contracts.queueup import Line
from tests.contracts.vote_ws import (
    Room,
)
from tests.installation import Stack


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
    code = (
        "from venues import commands as c; v = c.create_venue(name='Blue Door', timezone_name='UTC'); "
        "print('KEY', c.create_api_key(venue=v, name='till')[1])"
    )
    printed = stack.manage("shell", "-c", code).stdout
    return next(row.split()[1] for row in printed.splitlines() if row.startswith("KEY"))


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
    with Redis.from_url(stack.env["REDIS_URL"]) as client:
        yield client


@pytest.fixture(scope="session")
def servers(stack: Stack) -> Stack:
    """The shared installation, and a daphne beside its uvicorn."""
    return stack if "daphne" in stack.processes else stack.start("daphne")


@pytest.fixture
def room(servers: Stack) -> Room:
    """A fresh room."""
    return Room(servers)
