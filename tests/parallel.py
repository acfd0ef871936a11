"""Tests in several processes at once (pytest-xdist, `-n 3`), each with its own servers (docs/decisions/0050)."""

import gc
import os
import re
import tempfile
from collections.abc import Iterable
from contextlib import suppress
from functools import partial
from itertools import zip_longest
from pathlib import Path

import psutil
import pytest
from execnet import XSpec

from devserver.embedded import Postgres, Redis
from tests.migrated import DUMP, begin_dump
from tests.turns import Turns

# Groups of files that one worker runs: they share an installation that takes seconds to start, or would disturb each other.
FAULTS = "tests/faults/"
ROOMS = "tests/faults/test_rooms.py"  # has an installation of its own
DOCS = "tests/docs/"  # read the same files
LIVE = "live"
# Tests of the fixture `site`, and files that keep a core busy for a third of their time: the first worker does them.
LIGHT = (
    "tests/realtime/",
    "tests/config/test_every_path.py",
    "tests/config/test_health.py",
    "tests/contracts/test_queueup_connect.py",
    "tests/contracts/test_queueup_time.py",
    "tests/contracts/test_vote_websocket",
    "tests/contracts/test_voting_session_stream.py",
    "tests/core/test_clock.py",
    "tests/core/test_cors.py",
    "tests/deploy/",
    "tests/polls/test_deleted_live.py",
    "tests/polls/test_poll_views.py",
    "tests/queues/test_line_versions.py",
    "tests/queues/test_storms.py",
    "tests/rooms/test_live",
    "tests/venues/test_host_tokens.py",
    "tests/venues/test_renewed_tokens.py",
)
# The others: one begins with FAULTS, the rest with files that mostly compute; then all take those in turn with files that mostly
# wait; the small ones come last.
WAIT = (ROOMS, "tests/devserver/", "tests/contracts/", "tests/outbox/", "tests/config/", "tests/core/")
COMPUTE = ("tests/browser/", "tests/properties/")


WORKERS = pytest.StashKey[int]()


def pytest_configure() -> None:
    """To look for garbage after each 700 objects took 9 % of the tests' own CPU."""
    gc.set_threshold(10_000, 20, 20)


def pytest_xdist_make_scheduler(config: pytest.Config) -> Turns:
    """However `-n` is given. (xdist's own `loadgroup` writes groups into ids of tests, which pytest 9.2 does not let it do.)"""
    return Turns(config.stash[WORKERS], lambda test: _group(test.partition("::")[0]))


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Orders groups, and keeps the files of each apart: a file's fixtures are set up once."""
    places = _places(dict.fromkeys(_group(_file(item)) for item in items))
    items.sort(key=lambda item: (places[_group(_file(item))], _file(item)))


def _group(file: str) -> str:
    """The file, the folder where files stay together, or LIVE."""
    if file.startswith(LIGHT):
        return LIVE
    return next((folder for folder in (FAULTS, DOCS) if file.startswith(folder) and file != ROOMS), file)


def _file(item: pytest.Item) -> str:
    """Its path in the repository."""
    return item.nodeid.split("::")[0]


def _places(groups: Iterable[str]) -> dict[str, int]:
    """LIVE and FAULTS first, for two workers; beside them half of what computes; then in turn what waits and what computes;
    then the rest.
    """
    waiting = [group for group in groups if group.startswith(WAIT)]
    computing = [group for group in groups if group.startswith(COMPUTE)]
    half = len(computing) // 2
    turns = [group for pair in zip_longest(waiting, computing[half:]) for group in pair if group]
    order = dict.fromkeys([LIVE, FAULTS, *computing[:half], *turns, *groups])
    return {group: place for place, group in enumerate(order)}


def pytest_collection_finish() -> None:
    """What was imported and collected stays to the end: to look for garbage in it took a twentieth of all tests' time."""
    gc.freeze()


def pytest_xdist_setupnodes(config: pytest.Config, specs: list[XSpec]) -> None:
    """Side by side (`-n 3`): the first worker uses the servers that are there, each other one gets its own, so that no
    test meets what another empties, freezes, or fills with connections.
    """
    config.stash[WORKERS] = len(specs)
    shared = tempfile.TemporaryDirectory(prefix="tl-", ignore_cleanup_errors=True)
    config.add_cleanup(shared.cleanup)
    dump = Path(shared.name) / "migrated.sql"
    if database_url := os.environ.get("DATABASE_URL"):
        config.add_cleanup(begin_dump(database_url, dump).join)
    for spec in specs:
        directory = tempfile.TemporaryDirectory(prefix="tl-", ignore_cleanup_errors=True)
        folder = Path(directory.name).resolve()
        config.add_cleanup(directory.cleanup)
        config.add_cleanup(partial(end_leftovers, folder))
        spec.env |= {"TMPDIR": str(folder), DUMP: str(dump)}
        if spec is not specs[0]:
            postgres, redis = Postgres(folder), Redis(folder)
            for server in (postgres, redis):
                config.add_cleanup(server.stop)
                server.start()
            spec.env |= {"DATABASE_URL": postgres.url, "REDIS_URL": redis.url, "DATA_DIR": str(folder)}


def end_leftovers(folder: Path) -> None:
    """Kills what a killed worker (Ctrl-C) has left running: processes with TMPDIR or working directory in `folder`."""
    for process in psutil.process_iter():
        with suppress(psutil.Error):
            if process.environ().get("TMPDIR") == str(folder) or folder in Path(process.cwd()).parents:
                process.kill()


def pytest_make_parametrize_id(val: object) -> str | None:
    """A test is called alike in every worker, also when an id drawn by chance is its parameter."""
    return "uuid" if isinstance(val, str) and re.fullmatch(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", val) else None
