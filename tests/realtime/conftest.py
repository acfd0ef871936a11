"""An installation of two uvicorn processes, daphne and the timers, for everything about sockets."""

import time
from collections.abc import Iterator

import pytest

from core import clock
from devserver.embedded import Redis
from tests.contracts.queueup import Line
from tests.live import NewStack, Stack

LISTED = "https://old-client.example"


@pytest.fixture(scope="session")
def site(new_stack: NewStack) -> Stack:
    """The installation. Shared by the tests of this folder: use lines of your own, break nothing."""
    made = new_stack("realtime", 7, ALLOWED_ORIGINS=LISTED, APP_BASE_URL=f"{LISTED}/app/")
    return made.start("web", "web2", "daphne", "timers")


@pytest.fixture(params=["web", "daphne"])
def server(request: pytest.FixtureRequest) -> str:
    """Both servers that Tallyline runs on."""
    name: str = request.param
    return name


@pytest.fixture
def line(site: Stack, server: str) -> Line:
    """A fresh line, asked of `server`."""
    return Line.open(site, server)


@pytest.fixture
def quiet_logs(site: Stack) -> Iterator[None]:
    """Asserts that no server has logged an error meanwhile."""
    names = ("web", "web2", "daphne", "timers")
    before = {name: len(site.log(name)) for name in names}
    yield
    said = "".join(site.log(name)[before[name] :] for name in names)
    assert "Traceback" not in said, said[-3000:]
    assert "level=error" not in said, said[-3000:]


@pytest.fixture(scope="module")
def redis(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Redis]:
    """A Redis of our own, to do with as we like."""
    server = Redis(tmp_path_factory.mktemp("redis"))
    server.start()
    yield server
    server.stop()


@pytest.fixture(autouse=True)
def known_clock() -> None:
    """Sites within this process know what time it is, as a program does that has started."""
    clock.estimate.learn(time.time() * 1000)
