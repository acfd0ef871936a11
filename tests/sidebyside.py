"""Tests in several processes at once (pytest-xdist, `-n 3`), of which none meets the other's servers (docs/decisions/0016)."""

import gc
import re
import tempfile
from contextlib import suppress
from functools import partial
from pathlib import Path

import psutil
import pytest
from execnet import XSpec
from xdist.remote import Producer
from xdist.scheduler import LoadFileScheduling
from xdist.workermanage import WorkerController

from devserver.embedded import Postgres, Redis

# Their files share an installation that takes many seconds to start, and the faults would be in each other's way.
TOGETHER = ("tests/faults/", "tests/realtime/")
# These keep a core busy for a third of their time: a third worker does them, and nothing else, beside the two.
QUIET = {
    "tests/realtime/",
    "tests/faults/test_rooms.py",
    "tests/contracts/test_vote_websocket.py",
    "tests/contracts/test_voting_session_stream.py",
    "tests/contracts/test_queueup_time.py",
    "tests/deploy/test_nginx.py",
    "tests/config/test_embedded.py",
}
# The first worker begins with what mostly waits, the second with what mostly computes; they meet at the small ones.
WAIT = (*TOGETHER, "tests/contracts/", "tests/outbox/", "tests/config/")
COMPUTE = ("tests/properties/", "tests/browser/")


class Lanes(LoadFileScheduling):
    """A file's tests are run by one worker, and those of some folders as well: from the front of the order below, from its
    end, or, by the third, the quiet ones.
    """

    def _split_scope(self, nodeid: str) -> str:
        file = super()._split_scope(nodeid)
        return next((folder for folder in TOGETHER if file.startswith(folder) and file not in QUIET), file)

    def _reschedule(self, node: WorkerController) -> None:
        if self._lane(node) == "quiet" and QUIET.isdisjoint(self.workqueue) and not node.shutting_down:
            node.shutdown()  # once it has done what it was given
        super()._reschedule(node)

    def _assign_work_unit(self, node: WorkerController) -> None:
        lane = self._lane(node)
        own = [scope for scope in self.workqueue if (scope in QUIET) is (lane == "quiet")]
        scopes = own or list(self.workqueue)
        self.workqueue.move_to_end(scopes[-1 if lane == "end" else 0], last=False)
        super()._assign_work_unit(node)

    def _lane(self, node: WorkerController) -> str:
        return ("front", "end", "quiet")[min(self.nodes.index(node), 2)]


def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> Lanes:
    """However `-n` is given."""
    return Lanes(config, log)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What waits first, what computes last. (xdist would sort by the number of tests: --no-loadscope-reorder, pyproject.toml.)"""
    items.sort(key=lambda item: _place(item.nodeid))


def _place(nodeid: str) -> int:
    folder = next((folder for folder in (*WAIT, *COMPUTE) if nodeid.startswith(folder)), "")
    return (*WAIT, "", *COMPUTE).index(folder)


def pytest_collection_finish() -> None:
    """What was imported and collected stays to the end: to look for garbage in it took a twentieth of all tests' time."""
    gc.freeze()


def pytest_xdist_setupnodes(config: pytest.Config, specs: list[XSpec]) -> None:
    """Side by side (`-n 3`): the first worker uses the servers that are there, each other one gets its own, so that no
    test meets what another empties, freezes, or fills with connections.
    """
    for spec in specs:
        directory = tempfile.TemporaryDirectory(prefix="tl-", ignore_cleanup_errors=True)
        folder = Path(directory.name).resolve()
        config.add_cleanup(directory.cleanup)
        config.add_cleanup(partial(end_leftovers, folder))
        spec.env["TMPDIR"] = str(folder)
        if spec is not specs[0]:
            postgres, redis = Postgres(folder), Redis(folder)
            for server in (postgres, redis):
                config.add_cleanup(server.stop)
                server.start()
            spec.env |= {"DATABASE_URL": postgres.url, "REDIS_URL": redis.url, "DATA_DIR": str(folder)}


def end_leftovers(folder: Path) -> None:
    """Kills what a worker has left running that was itself killed (Ctrl-C): whatever has its temporary files or its
    working directory in `folder`.
    """
    for process in psutil.process_iter():
        with suppress(psutil.Error):
            if process.environ().get("TMPDIR") == str(folder) or folder in Path(process.cwd()).parents:
                process.kill()


def pytest_make_parametrize_id(val: object) -> str | None:
    """A test is called alike in every worker, also when an id drawn by chance is its parameter."""
    return "uuid" if isinstance(val, str) and re.fullmatch(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", val) else None
