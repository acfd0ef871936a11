"""F13: the clock of a host, or of Postgres's, is set an hour forward or back under load."""

import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path

import httpx
import pytest

from devserver.embedded import Postgres
from devserver.embedded.account import Account
from tests.faults.ballots import SERVERS, proved, shown_right
from tests.faults.installation import Target, TargetLine, report
from tests.installation import ROOT, command, free_port, wait_until
from tests.polls.ballot_load import Crowd, voters
from tests.polls.running_poll import LivePoll

STEPS = {"forward": "+3600", "back": "-3600"}
ALL = (*SERVERS, "worker", "timers")
DEADLINE_WITHIN_S = 3.0


class Clock:
    """The time of day of the programs that are started with `environment`; libfaketime reads it from a file."""

    def __init__(self, folder: Path) -> None:
        found = sorted(Path("/usr/lib").glob("*/faketime/libfaketimeMT.so.1"))
        if not found:
            pytest.fail("libfaketime is missing: apt-get install faketime")
        self._file = folder / "clock"
        self.step("+0")
        self.environment = {
            "LD_PRELOAD": str(found[0]),
            "FAKETIME_TIMESTAMP_FILE": str(self._file),
            "FAKETIME_NO_CACHE": "1",
            # Setting a clock does not move the time since the start of the machine.
            "FAKETIME_DONT_FAKE_MONOTONIC": "1",
        }

    def step(self, seconds: str) -> None:
        """So many seconds from the true time: +3600."""
        self._file.write_text(f"{seconds}\n")
        self._file.chmod(0o644)


class SteppedPostgres(Postgres):
    """One whose clock can be set."""

    def __init__(self, data_dir: Path, clock: Clock) -> None:
        super().__init__(data_dir)
        self._clock = clock

    def _launch(self, command: list[str], account: Account | None = None) -> None:
        variables = [f"{name}={value}" for name, value in self._clock.environment.items()]
        super()._launch(["/usr/bin/env", *variables, *command], account)


@pytest.fixture
def folder() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="tl-") as directory:
        Path(directory).chmod(0o755)
        yield Path(directory).resolve()


def start(target: Target, clock: Clock, name: str) -> None:
    """Starts a process that lives by this clock."""
    stack = target.stack
    stack.ports[name] = free_port()
    with (stack.folder / f"{name}.log").open("ab") as log:
        stack.processes[name] = subprocess.Popen(
            [sys.executable, *command(name, stack.ports[name])], cwd=ROOT, stdout=log, stderr=log, start_new_session=True,
            env={**stack.env, **clock.environment},
        )  # fmt: skip
    if name in SERVERS:
        wait_until(lambda: stack._answers(name), timeout_s=30, what=name)
        httpx.get(stack.url(name), timeout=60)  # the first page reads all others


def no_show(line: TargetLine, party: str, *, within_s: float) -> float:
    """The party's call ends now, by Postgres's clock; seconds until it is a no-show."""
    line.target.stack.sql("UPDATE queues_party SET call_deadline = clock_timestamp() WHERE id = %s", party)
    began = time.monotonic()
    wait_until(lambda: line.party(party)["status"] == "no_show", timeout_s=within_s, what="the no-show")
    return time.monotonic() - began


def goes_on(target: Target, clock: Clock, direction: str) -> Crowd:
    """Steps the clock under ballots, joins and calls, and back to the true time. Its line and poll are reconciled."""
    poll, line = LivePoll(target.stack), TargetLine(target, target.stack.open_line())
    crowd = Crowd(target.stack, voters(poll), clients=4)
    with crowd.going(), line.client() as client, line.client("web2", host=True) as staff:
        for offset in (STEPS[direction], "+0"):
            crowd.more(200)
            clock.step(offset)
            crowd.more(200)
            joined = [client.post("join", json={}) for _ in range(2)]
            assert {answer.status_code for answer in joined} == {200}
            assert staff.post("advance", json={}).status_code == 200
    shown_right(poll)
    target.all_done()
    target.check_facts()
    proved(poll, crowd, "--poll", poll.code)
    target.stack.manage("reconcile", "--line", line.code)
    for name in ALL:
        assert "Traceback" not in target.stack.log(name), target.stack.log(name)[-2000:]
    return crowd


@pytest.mark.timeout(300)
@pytest.mark.parametrize("direction", STEPS)
def test_the_clock_of_a_host_is_set(
    direction: str, folder: Path, own_target: Callable[..., AbstractContextManager[Target]]
) -> None:
    """Only Postgres's counts (law 2): no call ends early, none late."""
    clock = Clock(folder)
    with own_target(f"host_{direction}") as target:
        for name in ALL:
            start(target, clock, name)
        line = TargetLine(target, target.stack.open_line())
        with line.client() as guest, line.client(host=True) as staff:
            parties = [guest.post("join", json={}).json()["partyId"] for _ in range(3)]
            for _ in parties:
                assert staff.post("call", json={}).status_code == 200
        no_show(line, parties[0], within_s=60)  # the timers run
        clock.step(STEPS[direction])
        late = no_show(line, parties[1], within_s=DEADLINE_WITHIN_S)
        assert line.party(parties[2])["status"] == "called"
        clock.step("+0")
        crowd = goes_on(target, clock, direction)
    report(f"clock of a host set an hour {direction} and right again: {len(crowd.sent)} ballots and all changes at once; "
           f"a no-show {late:.1f} s after its deadline, no other call ended")  # fmt: skip


@pytest.mark.timeout(240)
@pytest.mark.parametrize("direction", STEPS)
def test_the_clock_of_postgres_is_set(
    direction: str, folder: Path, own_target: Callable[..., AbstractContextManager[Target]]
) -> None:
    """Calls end by it, too early or too late; nothing is lost, and versions order what times no longer do."""
    clock = Clock(folder)
    postgres = SteppedPostgres(folder / "data", clock)
    postgres.start()
    try:
        with own_target(f"postgres_{direction}", database_url=postgres.url) as target:
            target.run(*ALL)
            crowd = goes_on(target, clock, direction)
    finally:
        postgres.stop("immediate")
    report(
        f"clock of Postgres set an hour {direction} and right again: {len(crowd.sent)} ballots and all changes at once"
    )
