"""realtime/throttle.py: few runs for many touches, by however many processes, and none forgotten."""

import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from subprocess import PIPE
from uuid import UUID, uuid4

import pytest
from django.db import OperationalError
from pytest_django.fixtures import Settings
from redis import Redis as Client

from core import cache
from devserver.embedded import Redis
from realtime.throttle import GAP_S, Throttle
from tests.installation import ROOT, wait_until

pytestmark = [pytest.mark.servers, pytest.mark.usefixtures("patient_redis")]

PATIENCE_S = 20.0


class Work:
    """The throttled work: records when each run began."""

    def __init__(self, during: Callable[[UUID], object] = lambda _: None) -> None:
        self.began: list[tuple[float, UUID]] = []
        self._during = during

    def __call__(self, thing: UUID) -> None:
        self.began.append((time.monotonic(), thing))
        self._during(thing)

    def runs(self, thing: UUID) -> list[float]:
        """When those of this thing began."""
        return [at for at, of in list(self.began) if of == thing]


def fresh_name() -> str:
    """A name whose gates no other throttle uses."""
    return f"test-{uuid4().hex[:8]}"


def ran_since(touched: float, thing: UUID, *works: Work) -> bool:
    """Whether a run began after that moment, anywhere."""
    return any(at >= touched for work in works for at in work.runs(thing))


def spaced(runs: list[float], since: float) -> bool:
    """At most one run each GAP_S from the first touch on. A run may begin late, its gate was never opened early: so a slow
    machine cannot break this."""
    return len(runs) <= (max(runs) - since) / GAP_S + 1.05


# ------------------------------------------------------------------------------------------------------------ how often
@pytest.mark.parametrize("throttles", [1, 2, 5])
def test_however_often_touched_it_runs_at_most_four_times_a_second(throttles: int) -> None:
    name, thing, works = fresh_name(), uuid4(), [Work() for _ in range(throttles)]
    all_of_them = [Throttle(name, work) for work in works]
    touches, last = 0, 0.0
    began = time.monotonic()
    while sum(len(work.runs(thing)) for work in works) < 6:
        last = time.monotonic()
        all_of_them[touches % throttles].touch(thing)
        touches += 1
        time.sleep(0.0005)  # the load, not a wait
        assert last - began < PATIENCE_S
    wait_until(lambda: ran_since(last, thing, *works), what="the run after the last touch")
    assert touches > 100
    assert spaced([at for work in works for at in work.runs(thing)], began)


def test_one_touch_is_one_run_at_once() -> None:
    work, thing = Work(), uuid4()
    throttle = Throttle(fresh_name(), work)
    throttle.touch(thing)
    wait_until(lambda: work.runs(thing), what="the run")
    other = uuid4()
    throttle.touch(other)  # another gate
    wait_until(lambda: work.runs(other), what="the run of another thing")
    wait_until(lambda: not throttle._touched, what="nothing to be left")
    assert (len(work.runs(thing)), len(work.runs(other))) == (1, 1)


def test_many_things_run_once_each() -> None:
    work = Work()
    throttles = [Throttle(name := fresh_name(), work), Throttle(name, work)]
    things = [uuid4() for _ in range(200)]
    for n, thing in enumerate(things):
        throttles[n % 2].touch(thing)
    wait_until(lambda: {of for _, of in list(work.began)} == set(things), what="all runs")
    wait_until(lambda: not any(throttle._touched for throttle in throttles), what="nothing to be left")
    assert len(work.began) == 200


# ------------------------------------------------------------------------------------------------------- none is forgotten
def test_each_touch_is_followed_by_a_run_that_began_after_it() -> None:
    """Two throttles share a gate: either may run. The touches come at every moment of a gap."""
    name, thing, works = fresh_name(), uuid4(), [Work(), Work()]
    throttles = [Throttle(name, work) for work in works]
    began = time.monotonic()
    for n in range(8):
        touched = time.monotonic()
        throttles[n % 2].touch(thing)
        wait_until(lambda t=touched: ran_since(t, thing, *works), what="a run after the touch")  # type: ignore[misc]
        time.sleep(n * GAP_S / 8)  # another moment of the gap each time, not a wait
    assert spaced([at for work in works for at in work.runs(thing)], began)


def test_a_touch_during_the_run_asks_for_another() -> None:
    inside, go_on = threading.Event(), threading.Event()

    def during(_: UUID) -> None:
        inside.set()
        assert go_on.wait(PATIENCE_S)

    work, thing = Work(during), uuid4()
    throttle = Throttle(fresh_name(), work)
    throttle.touch(thing)
    assert inside.wait(PATIENCE_S)
    touched = time.monotonic()
    for _ in range(10):
        throttle.touch(thing)
    go_on.set()
    wait_until(lambda: ran_since(touched, thing, work), what="the second run")
    wait_until(lambda: not throttle._touched, what="nothing to be left")
    assert len(work.runs(thing)) == 2


@pytest.mark.thorough
def test_two_processes_share_a_gate(tmp_path: Path) -> None:
    """As two web processes do; each writes down when it ran."""
    name, thing = fresh_name(), uuid4()
    program = f"""
import os, sys, time, uuid
os.environ["DJANGO_SETTINGS_MODULE"] = "config.settings"
import django; django.setup()
from realtime.throttle import Throttle
out = open(sys.argv[1], "a", buffering=1)
throttle = Throttle({name!r}, lambda _: print(time.monotonic(), file=out))
print("ready", flush=True)
sys.stdin.readline()
end = time.monotonic() + 2
while (now := time.monotonic()) < end:
    throttle.touch(uuid.UUID({str(thing)!r}))
    last = now
    time.sleep(0.002)
print(last, flush=True)
sys.stdin.readline()
"""
    files = [tmp_path / str(n) for n in range(2)]
    running = [
        subprocess.Popen([sys.executable, "-c", program, file], cwd=ROOT, text=True, stdin=PIPE, stdout=PIPE)
        for file in files
    ]  # fmt: skip

    def say(process: subprocess.Popen[str]) -> None:
        assert process.stdin
        process.stdin.write("\n")
        process.stdin.flush()

    def hear(process: subprocess.Popen[str]) -> str:
        assert process.stdout
        return process.stdout.readline().strip()

    try:
        assert [hear(process) for process in running] == ["ready", "ready"]
        began = time.monotonic()
        for process in running:
            say(process)
        last = max(float(hear(process)) for process in running)

        def runs() -> list[float]:
            return sorted(float(row) for file in files for row in file.read_text().splitlines())

        wait_until(lambda: runs()[-1:] > [last], what="a run after the last touch of either")
        for process in running:
            say(process)
        assert [process.wait(PATIENCE_S) for process in running] == [0, 0]
    finally:
        for process in running:
            process.kill()
    assert spaced(runs(), began)
    assert len(runs()) >= 4


# --------------------------------------------------------------------------------------------------------------- troubles
@pytest.mark.parametrize("problem", [ValueError("no"), OperationalError("Postgres is away"), MemoryError()])
def test_work_that_fails_does_not_end_the_thread(problem: Exception) -> None:
    failing = [True]

    def during(_: UUID) -> None:
        if failing[0]:
            raise problem

    work, thing, other = Work(during), uuid4(), uuid4()
    throttle = Throttle(fresh_name(), work)
    throttle.touch(thing)
    throttle.touch(other)
    wait_until(lambda: work.runs(thing) and work.runs(other), what="both to fail")
    failing[0] = False
    touched = time.monotonic()
    throttle.touch(thing)
    wait_until(lambda: ran_since(touched, thing, work), what="a run after the failure")
    names = [thread.name for thread in threading.enumerate()]
    assert names.count(f"throttle-{throttle._name}") == 1


def test_gates_are_forgotten(settings: Settings) -> None:
    """Each poll that ever got a ballot would otherwise stay in Redis for ever."""
    work, thing = Work(), uuid4()
    Throttle(name := fresh_name(), work).touch(thing)
    wait_until(lambda: work.runs(thing), what="the run")
    with Client.from_url(settings.REDIS_URL) as redis:
        keys = list(redis.scan_iter(f"*{name}*"))
        assert keys
        assert all(redis.pttl(key) != -1 for key in keys)


# ------------------------------------------------------------------------------------------------------------ no Redis
@pytest.fixture
def own_redis(patient_redis: None, tmp_path: Path, settings: Settings) -> Iterator[Redis]:
    """A Redis of this test, in place of the shared one."""
    server = Redis(tmp_path)
    server.start()
    settings.REDIS_URL = server.url
    settings.REDIS_TIMEOUT_S = 0.3
    cache.sync_redis.cache_clear()
    yield server
    if server.process is not None:
        server.process.send_signal(signal.SIGCONT)
    server.stop()


@pytest.mark.parametrize("trouble", ["killed", "frozen"])
def test_without_redis_nothing_blocks_and_afterwards_all_goes_on(trouble: str, own_redis: Redis) -> None:
    work, thing = Work(), uuid4()
    throttle = Throttle(fresh_name(), work)
    throttle.touch(thing)
    wait_until(lambda: work.runs(thing), what="the first run")
    assert own_redis.process is not None
    if trouble == "killed":
        own_redis.kill()
    else:
        own_redis.process.send_signal(signal.SIGSTOP)
    done = threading.Event()

    def touch_often() -> None:
        for _ in range(1_000):
            throttle.touch(uuid4())
            throttle.touch(thing)
        done.set()

    before = len(work.began)
    threading.Thread(target=touch_often, daemon=True).start()
    assert done.wait(PATIENCE_S), "a touch blocks"
    wait_until(lambda: not throttle._touched, what="what cannot be shown to be dropped")
    if trouble == "killed":
        own_redis.start()
    else:
        own_redis.process.send_signal(signal.SIGCONT)
    wait_until(lambda: cache.breaker.closed, what="the breaker to close")
    assert len(work.began) == before
    touched = time.monotonic()
    throttle.touch(thing)
    wait_until(lambda: ran_since(touched, thing, work), what="a run once Redis is back")


def test_redis_emptied_between_two_touches_changes_nothing(own_redis: Redis) -> None:
    name, thing, works = fresh_name(), uuid4(), [Work(), Work()]
    throttles = [Throttle(name, work) for work in works]
    with Client.from_url(own_redis.url) as redis:
        for n in range(8):
            for throttle in throttles:
                throttle.touch(thing)
            touched = time.monotonic()
            throttles[n % 2].touch(thing)
            if n % 2:
                redis.flushall()
            wait_until(lambda t=touched: ran_since(t, thing, *works), what="a run after the touch")  # type: ignore[misc]
