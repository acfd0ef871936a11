"""Tests in several processes at once (pytest-xdist, `-n 2`), of which none meets the other's servers (docs/decisions/0016)."""

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

from config.embedded import Postgres, Redis

# Their files share an installation that takes many seconds to start, and the faults would be in each other's way.
TOGETHER = ("tests/faults/", "tests/realtime/")
# What takes long is begun first, or one worker is at it when all else is done.
FIRST = (*TOGETHER, "tests/browser/", "tests/properties/")


class ByFile(LoadFileScheduling):
    """A file's tests are run by one worker, and those of some folders as well, in the order below."""

    def _split_scope(self, nodeid: str) -> str:
        return next((folder for folder in TOGETHER if nodeid.startswith(folder)), super()._split_scope(nodeid))


def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> ByFile:
    """However `-n` is given."""
    return ByFile(config, log)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The slow folders first. (xdist would begin with the files of most tests: --no-loadscope-reorder in pyproject.toml.)"""
    items.sort(key=lambda item: [not item.nodeid.startswith(folder) for folder in FIRST])


def pytest_xdist_setupnodes(config: pytest.Config, specs: list[XSpec]) -> None:
    """Side by side (`-n 2`): the first worker uses the servers that are there, each other one gets its own, so that no
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
