"""F12: a primary dies and its synchronous standby is promoted; a standby is gone, and no commit can end."""

import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path
from uuid import uuid4

import httpx
import pytest

from realtime.batcher import PATIENCE_S
from tests.faults.ballots import SERVERS, proved, shown_right
from tests.faults.engines.standby import Pair
from tests.faults.installation import Target, report
from tests.installation import wait_until
from tests.polls.ballot_load import Crowd, voters
from tests.polls.running_poll import LivePoll

GONE_S = 20.0


@pytest.fixture
def pair() -> Iterator[Pair]:
    with tempfile.TemporaryDirectory(prefix="tl-") as directory:
        made = Pair(Path(directory).resolve())
        made.start()
        yield made
        made.stop()


@pytest.fixture
def twofold(own_target: Callable[..., AbstractContextManager[Target]], pair: Pair) -> Iterator[Target]:
    """An installation that knows both."""
    name = "twofold"
    with own_target(name, database_url=pair.one.url, DATABASE_URL=pair.url(f"tallyline_{name}")) as target:
        target.run(*SERVERS, "worker", "timers")
        yield target


def ready(target: Target) -> int:
    return httpx.get(f"{target.stack.url()}/readyz", timeout=10).status_code


@pytest.mark.timeout(300)
def test_the_standby_is_promoted(twofold: Target, pair: Pair) -> None:
    poll = LivePoll(twofold.stack)
    crowd = Crowd(twofold.stack, voters(poll))
    with crowd.going():
        crowd.more(300)
        acknowledged = crowd.acknowledged()
        pair.one.kill()
        died = time.monotonic()
        pair.two.promote()
        twofold.close()
        twofold.stack.database = pair.two.address("tallyline_twofold")
        crowd.more(1)
        back = time.monotonic() - died
        crowd.more(300)
    assert ready(twofold) == 200
    proved(poll, crowd)
    shown_right(poll)
    assert back < 5
    report(f"standby promoted under load: the next ballot {back:.1f} s after the primary's death; "
           f"{acknowledged} acknowledged before, {len(crowd.sent)} in all, {crowd.troubles} sent again, none lost")  # fmt: skip


@pytest.mark.timeout(300)
def test_the_standby_is_gone(twofold: Target, pair: Pair) -> None:
    poll, other, line = LivePoll(twofold.stack), LivePoll(twofold.stack), twofold.stack.open_line()
    crowd = Crowd(twofold.stack, voters(poll))
    refused: dict[str, float] = {}
    with crowd.going():
        crowd.more(300)
        pair.two.kill()
        wait_until(lambda: ready(twofold) == 503, timeout_s=10, what="/readyz to tell")
        gone = time.monotonic()
        seen = crowd.acknowledged()
        while time.monotonic() < gone + GONE_S:
            for server in SERVERS:
                began, ballot_id = time.monotonic(), str(uuid4())
                assert other.vote(0, server=server, ballot_id=ballot_id).status_code == 503
                refused[ballot_id] = time.monotonic() - began
            assert ready(twofold) == 503
        assert crowd.acknowledged() == seen, "a ballot was acknowledged that the standby does not have"
        pair.two.start()
        returned = time.monotonic()
        crowd.more(1)
        back = time.monotonic() - returned
        crowd.more(300)
    wait_until(lambda: ready(twofold) == 200, what="/readyz")
    assert max(refused.values()) < PATIENCE_S + 1
    for ballot_id in refused:
        assert other.vote(0, ballot_id=ballot_id).status_code == 201
    assert other.counts(exact=True) == [len(refused), 0]
    line.join()
    proved(poll, crowd)
    report(f"standby gone {GONE_S:.0f} s: {len(refused)} ballots answered 503, the slowest after "
           f"{max(refused.values()):.1f} s; counted again {back:.1f} s after its return; {len(crowd.sent)} ballots, "
           f"{crowd.troubles} sent again, each counted once")  # fmt: skip
