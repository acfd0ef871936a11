"""F13: Postgres has no connection left, or no room on its disk. What cannot be written is answered 503, and nothing is lost."""

import os
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from uuid import uuid4

import httpx
import pytest

from devserver.embedded import Postgres
from realtime.batcher import PATIENCE_S
from tests.faults.ballots import SERVERS, proved, shown_right
from tests.faults.engines.servers import CONNECTIONS, FewConnections, fill, take_all
from tests.faults.installation import Target, report
from tests.installation import wait_until
from tests.polls.ballot_load import Crowd, voters
from tests.polls.running_poll import LivePoll

DISK_MB = 260
FULL_S = 15.0
ALL = (*SERVERS, "worker", "timers")
OwnTarget = Callable[..., AbstractContextManager[Target]]


@contextmanager
def of(own_target: OwnTarget, name: str, postgres: Postgres) -> Iterator[Target]:
    """An installation on this Postgres."""
    postgres.start()
    try:
        with own_target(name, database_url=postgres.url) as target:
            yield target
    finally:
        postgres.stop("immediate")


def ready(target: Target, server: str = "web") -> int:
    return httpx.get(f"{target.stack.url(server)}/readyz", timeout=10).status_code


@pytest.mark.timeout(300)
def test_connections_are_exhausted(own_target: OwnTarget) -> None:
    with tempfile.TemporaryDirectory(prefix="tl-") as directory, of(
        own_target, "crowded", FewConnections(Path(directory).resolve())
    ) as target:  # fmt: skip
        target.run("web", "worker", "timers")
        poll = LivePoll(target.stack)
        poll.voted(0)
        target.close()
        taken = take_all(target.stack.database)
        target.stack.start("web2")  # it has no connection, and gets none
        assert (httpx.get(f"{target.stack.url('web2')}/healthz").status_code, ready(target, "web2")) == (200, 503)
        sent: dict[str, tuple[int, float]] = {}
        for server in SERVERS * 10:
            began, ballot_id = time.monotonic(), str(uuid4())
            status = poll.vote(1, server=server, ballot_id=ballot_id).status_code
            assert status in ({201, 503} if server == "web" else {503})  # a thread of `web` may have one
            sent[ballot_id] = (status, time.monotonic() - began)
        for connection in taken:
            connection.close()
        wait_until(lambda: ready(target, "web2") == 200, timeout_s=5, what="web2 to be ready")
        for ballot_id in sent:
            poll.voted(1, server="web2", ballot_id=ballot_id)
        assert poll.counts("web2", exact=True) == [1, len(sent)]
        assert "Traceback" not in target.stack.log("web2"), target.stack.log("web2")[-2000:]
    refused = [seconds for status, seconds in sent.values() if status == 503]
    assert max(refused) < PATIENCE_S + 1
    report(f"all {CONNECTIONS} connections taken, {len(taken)} of them by others: {len(refused)} of {len(sent)} ballots answered "
           f"503, the slowest after {max(refused):.2f} s; each counted once when they are free")  # fmt: skip


@pytest.fixture
def small_disk() -> Iterator[Path]:
    """A small file system in memory, which may run full."""
    if os.geteuid() != 0:
        pytest.skip("a disk to fill can be mounted as root only")
    with tempfile.TemporaryDirectory(prefix="tl-") as directory:
        folder = Path(directory).resolve()
        subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={DISK_MB}m", "none", str(folder)], check=True)
        try:
            yield folder
        finally:
            subprocess.run(["umount", "-l", str(folder)], check=True)


@pytest.mark.timeout(300)
def test_the_disk_is_full(own_target: OwnTarget, small_disk: Path) -> None:
    postgres = Postgres(small_disk)
    with of(own_target, "full", postgres) as target:
        target.run(*ALL)
        poll, other = LivePoll(target.stack), LivePoll(target.stack)
        crowd = Crowd(target.stack, voters(poll), clients=8)
        answers: list[tuple[int, float]] = []
        with crowd.going():
            crowd.more(300)
            filler = fill(small_disk)
            wait_until(lambda: other.vote(0).status_code == 503, timeout_s=90, what="the disk to matter")
            full = time.monotonic()
            while time.monotonic() < full + FULL_S:
                began = time.monotonic()
                answers.append((other.vote(0).status_code, time.monotonic() - began))
                time.sleep(0.2)
            filler.unlink()
            target.close()
            if not postgres.running:  # `make run` and service managers start it again
                postgres.start()
            freed = time.monotonic()
            wait_until(lambda: ready(target) == 200, timeout_s=60, what="Postgres to be back")
            back = time.monotonic() - freed
            crowd.more(300)
        shown_right(poll)
        target.all_done(timeout_s=30)
        target.check_facts()
        proved(poll, crowd)
    assert {status for status, _ in answers} <= {201, 503}  # 201 where there is room in a page
    slowest = max(seconds for _, seconds in answers)
    assert slowest < PATIENCE_S + 1
    refused = sum(status == 503 for status, _ in answers)
    report(f"disk full {FULL_S:.0f} s: {refused} of {len(answers)} ballots answered 503, the slowest after "
           f"{slowest:.1f} s; written again {back:.1f} s after there was room; {len(crowd.sent)} ballots, "
           f"each counted once")  # fmt: skip
