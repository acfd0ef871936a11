"""The installation behind nginx."""

from collections.abc import Iterator

import pytest

from tests.contracts.queueup import Line
from tests.deploy.nginx import Nginx
from tests.installation import NewStack, Stack
from tests.resting import share


@pytest.fixture(scope="session")
def site(new_stack: NewStack) -> Stack:
    """Tallyline behind one proxy."""
    made = new_stack("nginx", 10, TRUSTED_PROXIES="1").start("web", "timers")
    share("site", made.rest, made.wake)
    return made


@pytest.fixture(scope="session")
def nginx(site: Stack, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Nginx]:
    static = tmp_path_factory.mktemp("static")
    (static / "assets").mkdir()
    for name in ("here.css", "assets/here-Ab_9-xyz.css", "assets/here.css"):
        (static / name).write_text("body { color: green }\n" * 100)
    made = Nginx(tmp_path_factory.mktemp("nginx"), site.ports["web"], static=static).start()
    # A line goes wherever this name leads.
    site.ports["nginx"] = made.port
    yield made
    made.stop()
    assert made.log.read_text() == ""


@pytest.fixture
def line(site: Stack, nginx: Nginx) -> Line:
    """A fresh line, used through nginx."""
    return Line.open(site, "nginx")
