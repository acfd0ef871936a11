"""F13: each process stands still for 20 s in turn, and all of them lose power at once. All else goes on, and nothing is lost."""

import signal
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest
from django.conf import settings

from devserver.embedded import Postgres
from realtime.batcher import PATIENCE_S
from realtime.django.jobpool import STUCK_S
from tests.faults.ballots import SERVERS, proved, shown_right
from tests.faults.engines.servers import tell
from tests.faults.installation import Load, Target, report, snapshots_right
from tests.faults.test_postgres import guest, parties
from tests.faults.told import Told
from tests.installation import wait_until
from tests.polls.ballot_load import Crowd, voters
from tests.polls.running_poll import LivePoll

FROZEN_S = 20.0
CUTS, TEXTED = 3, 5
ALL = (*SERVERS, "worker", "timers")


def switch(part: str, target: Target, postgres: Postgres) -> tuple[Callable[[], None], Callable[[], None]]:
    """What freezes this part, and what lets it go on."""
    if part == "postgres":
        return lambda: tell(postgres, signal.SIGSTOP), lambda: tell(postgres, signal.SIGCONT)
    if part == "redis":
        return target.freeze_redis, target.thaw_redis
    return lambda: target.freeze(part), lambda: target.thaw(part)


@pytest.mark.timeout(300)
@pytest.mark.parametrize("part", [*ALL, "redis", "postgres"])
def test_a_part_that_stands_still(part: str, polls: Target, crash_target: tuple[Target, Postgres], told: Told) -> None:
    freeze, thaw = switch(part, polls, crash_target[1])
    polls.stack.sql("TRUNCATE queues_queue CASCADE")
    polls.run(*ALL)
    poll, other, line = LivePoll(polls.stack), LivePoll(polls.stack), polls.stack.open_line()
    crowd, asked = Crowd(polls.stack, voters(poll)), "web2" if part == "web" else "web"
    told.connect(polls.stack, asked)
    texted = told.open_line()
    answers: list[tuple[int, float]] = []
    with crowd.going():
        crowd.more(300)
        freeze()
        until = time.monotonic() + FROZEN_S
        if part != "postgres":
            for _ in range(TEXTED):
                told.join(texted)
        while time.monotonic() < until:
            began = time.monotonic()
            status = other.vote(0, server=asked).status_code
            answers.append((status, time.monotonic() - began))
        thaw()
        thawed = time.monotonic()
        wait_until(lambda: other.vote(0).status_code == 201, timeout_s=10, what="a vote to be counted")
        back = time.monotonic() - thawed
        told.join(texted)
        crowd.more(300)
    shown_right(poll)
    line.join()
    polls.all_done()
    polls.check_facts()
    proved(poll, crowd)
    wait_until(told.all_told, timeout_s=60, what="the webhook and the texts")
    assert told.again_and_late()[1] == 0
    assert {status for status, _ in answers} == ({503} if part == "postgres" else {201})
    slowest = max(seconds for _, seconds in answers)
    assert slowest < PATIENCE_S + 1
    report(f"{part} frozen {FROZEN_S:.0f} s: {len(answers)} ballots beside the load were answered {answers[0][0]}, the slowest "
           f"after {slowest:.1f} s; counted {back:.1f} s after it went on; {len(crowd.sent)} in all, each once")  # fmt: skip


def test_pages_are_answered_while_postgres_stands_still(polls: Target, crash_target: tuple[Target, Postgres]) -> None:
    """The threads that asked it hang; from then on a page is refused and not queued."""
    freeze, thaw = switch("postgres", polls, crash_target[1])
    polls.run("web")
    polls.stack.open_line()
    freeze()
    with ThreadPoolExecutor(2 * settings.DJANGO_THREADS) as clients:
        asked = [clients.submit(opened, polls) for _ in range(2 * settings.DJANGO_THREADS)]
        time.sleep(STUCK_S + 1)
        status, seconds = opened(polls)
        thaw()
        answers = [each.result() for each in asked]
    assert (status, seconds < 1) == (503, True)
    assert {status for status, _ in answers} <= {200, 503}
    assert opened(polls)[0] == 200
    report(f"Postgres frozen: after {STUCK_S:.0f} s a page is answered 503 within {seconds:.2f} s; "
           f"{sum(status == 503 for status, _ in answers)} of {len(answers)} that waited were refused then")  # fmt: skip


def opened(target: Target) -> tuple[int, float]:
    """What is answered to who opens a line, and after how many seconds."""
    began = time.monotonic()
    answer = httpx.post(
        f"{target.stack.url()}/api/queue/create", json={"eventName": "Friday", "maxGuests": 9}, timeout=60
    )
    return answer.status_code, time.monotonic() - began


def cut_power(target: Target, postgres: Postgres) -> None:
    """kill -9 of everything at once. What the kernel has been given is on the disk; the rest is gone."""
    target.close()
    for name in ALL:
        target.stack.signal(name, signal.SIGKILL)
    target.redis.kill()
    tell(postgres, signal.SIGKILL)
    for name in ALL:
        target.stack.processes.pop(name).wait(10)
    assert postgres.process is not None
    postgres.process.wait(10)


@pytest.mark.timeout(300)
def test_everything_loses_power(polls: Target, crash_target: tuple[Target, Postgres], told: Told) -> None:
    _, postgres = crash_target
    polls.stack.sql("TRUNCATE queues_queue CASCADE")
    polls.run(*ALL)
    poll, line = LivePoll(polls.stack), polls.line()
    acknowledged: dict[str, str] = {}
    told.connect(polls.stack)
    texted = told.open_line()
    crowd = Crowd(polls.stack, voters(poll))
    load = Load([guest(line, acknowledged) for _ in range(2)])
    took = []
    with crowd.going(), load.going():
        for _ in range(CUTS):
            joined = len(acknowledged)
            crowd.more(200)
            wait_until(lambda n=joined: len(acknowledged) > n + 20, what="joins")  # type: ignore[misc]
            for _ in range(TEXTED):
                told.join(texted)
            cut_power(polls, postgres)
            began = time.monotonic()
            postgres.start()
            polls.run(*ALL)
            crowd.more(1)
            took.append(time.monotonic() - began)
    assert set(acknowledged.values()) == parties(polls, line)
    assert len(set(acknowledged.values())) == len(acknowledged)
    snapshots_right([line])
    shown_right(poll)
    polls.all_done(timeout_s=30)
    wait_until(told.all_told, timeout_s=60, what="the webhook and the texts")
    again, late = told.again_and_late()
    assert again <= CUTS and not late
    polls.check_facts()
    as_its_events_have_it = "UPDATE queues_queue SET max_guests = 100 WHERE id = %s"
    polls.stack.sql(as_its_events_have_it, line.session_id)
    proved(poll, crowd)
    report(f"power cut {CUTS} times under {len(crowd.sent)} ballots and {len(acknowledged)} joins: none lost, none twice; "
           f"{told.texts()} texts, all that was to be told came to the webhook's program, {again} again; "
           f"up again within {max(took):.1f} s, the start of all processes included")  # fmt: skip
