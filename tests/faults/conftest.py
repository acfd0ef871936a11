"""Installations that only the fault tests use, since they break them."""

import logging
import tempfile
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

import pytest

from devserver.embedded import Postgres, Redis
from tests.faults.ballots import SERVERS
from tests.faults.installation import Target
from tests.faults.told import Told
from tests.installation import NewStack
from tests.resting import share

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
def own_target(new_stack: NewStack) -> Callable[..., AbstractContextManager[Target]]:
    """own_target("name", **as of new_stack): an installation with its own Redis. After the block none of its processes runs."""

    @contextmanager
    def made(name: str, **options: str) -> Iterator[Target]:
        with tempfile.TemporaryDirectory(prefix="tl-") as directory:
            server = Redis(Path(directory).resolve())
            server.start()
            target = Target(new_stack(name, 0, redis_url=server.url, **options), server)
            try:
                yield target
            finally:
                target.run()
                server.kill()

    return made


@pytest.fixture(scope="session")
def installation(own_target: Callable[..., AbstractContextManager[Target]]) -> Iterator[Target]:
    """The installation that most files share."""
    with own_target("faults") as target:
        share("installation", target.run)  # a test starts what it needs
        yield target


@pytest.fixture
def target(installation: Target) -> Iterator[Target]:
    """The installation to break. The test starts its processes (`target.run`); effects left by earlier tests are deleted."""
    installation.renew()
    yield installation
    installation.thaw_redis()


@pytest.fixture(scope="session")
def told() -> Iterator[Told]:
    """A webhook's program and an SMS gateway on this machine."""
    made = Told()
    yield made
    made.close()


@pytest.fixture(scope="module")
def crash_target(
    own_target: Callable[..., AbstractContextManager[Target]], told: Told
) -> Iterator[tuple[Target, Postgres]]:
    """An installation with its own Postgres and Redis."""
    with tempfile.TemporaryDirectory(prefix="tl-") as directory:
        postgres = Postgres(Path(directory).resolve())
        postgres.start()
        try:
            with own_target("crash", database_url=postgres.url, **told.hosts) as target:
                yield target, postgres
        finally:
            postgres.stop("immediate")


@pytest.fixture
def polls(crash_target: tuple[Target, Postgres]) -> Iterator[Target]:
    """The installation with two web processes and the timers, and without earlier polls."""
    target, postgres = crash_target
    if not postgres.running:
        postgres.start()
    target.stack.sql("TRUNCATE polls_poll, polls_ballot, polls_tally, polls_seal, outbox_event CASCADE")
    target.run(*SERVERS, "timers")
    yield target
    target.thaw_redis()
