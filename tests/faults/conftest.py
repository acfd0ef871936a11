"""Installations of the fault tests' own: what they break, nobody else uses."""

import logging
import tempfile
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

import pytest

from devserver.embedded import Postgres, Redis
from tests.faults.ballots import SERVERS
from tests.faults.installation import Rig
from tests.installation import NewStack

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
def own_rig(new_stack: NewStack) -> Callable[..., AbstractContextManager[Rig]]:
    """own_rig("name", **as of new_stack): an installation with a Redis of its own, of which nothing runs after the block."""

    @contextmanager
    def made(name: str, **options: str) -> Iterator[Rig]:
        with tempfile.TemporaryDirectory(prefix="tl-") as directory:
            server = Redis(Path(directory).resolve())
            server.start()
            rig = Rig(new_stack(name, 0, redis_url=server.url, **options), server)
            try:
                yield rig
            finally:
                rig.run()
                rig.close()
                server.kill()

    return made


@pytest.fixture(scope="session")
def installation(own_rig: Callable[..., AbstractContextManager[Rig]]) -> Iterator[Rig]:
    """One for all files that do not need more than the `rig` can do."""
    with own_rig("faults") as rig:
        yield rig


@pytest.fixture
def rig(installation: Rig) -> Iterator[Rig]:
    """The installation to break. What runs is what the test says (`rig.run`); what earlier tests left undone is gone."""
    installation.renew()
    yield installation
    installation.thaw_redis()


@pytest.fixture(scope="module")
def crash_rig(own_rig: Callable[..., AbstractContextManager[Rig]]) -> Iterator[tuple[Rig, Postgres]]:
    """An installation whose Postgres is its own as well."""
    with tempfile.TemporaryDirectory(prefix="tl-") as directory:
        postgres = Postgres(Path(directory).resolve())
        postgres.start()
        try:
            with own_rig("crash", database_url=postgres.url) as rig:
                yield rig, postgres
        finally:
            postgres.stop("immediate")


@pytest.fixture
def polls(crash_rig: tuple[Rig, Postgres]) -> Iterator[Rig]:
    """The installation with two web processes and the timers, and without earlier polls."""
    rig, postgres = crash_rig
    if not postgres.running:
        postgres.start()
    rig.stack.sql("TRUNCATE polls_poll, polls_ballot, polls_tally, polls_seal, outbox_event CASCADE")
    rig.run(*SERVERS, "timers")
    yield rig
    rig.thaw_redis()
