"""Installations of the fault tests' own: what they break, nobody else uses."""

import logging
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from config.embedded import Postgres, Redis
from tests.faults.rig import Rig
from tests.live import Stack

HERE = Path(__file__).parent


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Everything in this folder is a fault test (`make faults`); the same tests, small, are part of `make test`."""
    for item in items:
        if HERE in item.path.parents:
            item.add_marker(pytest.mark.faults)


@pytest.fixture(autouse=True, scope="session")
def _quiet() -> None:
    logging.getLogger("httpx").setLevel(logging.WARNING)


@pytest.fixture(scope="session")
def _own_installation(new_stack: Callable[..., Stack]) -> Iterator[Rig]:
    with tempfile.TemporaryDirectory(prefix="tl-") as directory:
        server = Redis(Path(directory).resolve())
        server.start()
        rig = Rig(new_stack("faults", 0, redis_url=server.url), server)
        try:
            yield rig
        finally:
            rig.run()
            rig.close()
            server.kill()


@pytest.fixture
def rig(_own_installation: Rig) -> Iterator[Rig]:
    """The installation to break. What runs is what the test says (`rig.run`); what earlier tests left undone is gone."""
    rig = _own_installation
    rig.run()
    rig.redis.kill()
    rig.redis.start()
    rig.stack.sql("TRUNCATE queues_queue CASCADE")
    rig.stack.sql("TRUNCATE outbox_event CASCADE")
    yield rig
    rig.thaw_redis()


@pytest.fixture(scope="module")
def crash_rig(new_stack: Callable[..., Stack]) -> Iterator[tuple[Rig, Postgres]]:
    """An installation with servers of its own."""
    with tempfile.TemporaryDirectory(prefix="tl-") as directory:
        folder = Path(directory).resolve()
        postgres, redis = Postgres(folder), Redis(folder)
        postgres.start()
        redis.start()
        rig = Rig(new_stack("crash", 0, database_url=postgres.url, redis_url=redis.url), redis)
        try:
            yield rig, postgres
        finally:
            rig.run()
            rig.close()
            redis.kill()
            postgres.stop("immediate")
