"""F3, as a venue's program hears it: workers, timers and the receiver are killed while it is told. Each event is taken, in the
order of its line, also after one that was refused; twice only after a kill; and told again it has the same bytes."""

import threading
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from typing import Any

import httpx
import pytest

from tests.faults.installation import CONVERGES_WITHIN_S, Target, report
from tests.installation import FULL, wait_until
from tests.webhooks.receiver import Receiver
from tests.webhooks.till import Taken, Till

LINES, EVENTS, KILLS, REFUSES = (10, 10_000, 20, 97) if FULL else (3, 150, 1, 30)
# More than the threads of a worker (Procfile).
HANGING, ROUNDS = 12, 5
WITHIN_S = 600 if FULL else 90
FAILED = "SELECT count(*) FROM webhooks_attempt WHERE result = 'failed'"


@pytest.fixture(scope="module")
def till(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Till]:
    """A venue's program; the test starts it, for it needs a secret."""
    made = Till(tmp_path_factory.mktemp("till"), refuses=REFUSES)
    yield made
    made.kill()


@pytest.fixture(scope="module")
def receiver() -> Iterator[Receiver]:
    """Other venues' programs."""
    made = Receiver()
    yield made
    made.close()


@pytest.fixture(scope="module")
def target(
    own_target: Callable[..., AbstractContextManager[Target]], till: Till, receiver: Receiver
) -> Iterator[Target]:
    """An installation that may reach these."""
    with own_target("webhooks", WEBHOOK_EXTRA_HOSTS=f"{till.host},{receiver.host}") as made:
        made.run("web", "worker", "timers")
        yield made


def program_of(target: Target) -> httpx.Client:
    """A client with a key of a new venue."""
    return httpx.Client(base_url=target.stack.url(), headers={"api-key": target.stack.new_key()}, timeout=30)


def add_webhook(program: httpx.Client, url: str) -> tuple[str, str]:
    """Its id and secret."""
    made = program.post("/api/webhooks", json={"url": url})
    assert made.status_code == 201, made.text
    return made.json()["id"], made.json()["secret"]


def open_line(program: httpx.Client) -> str:
    """Its code."""
    answer = program.post("/api/queue/create", json={"eventName": "Dinner", "maxGuests": 100_000})
    return str(answer.json()["code"])


def join_all(target: Target, codes: list[str], events: int) -> list[threading.Thread]:
    """Guests who come to each of the lines, all lines at once."""

    def joins(code: str) -> None:
        with httpx.Client(base_url=target.stack.url(), timeout=30) as guest:
            for _ in range(events):
                assert guest.post(f"/api/queue/{code}/join", json={}).status_code == 200

    threads = [threading.Thread(target=joins, args=(code,)) for code in codes]
    for thread in threads:
        thread.start()
    return threads


def check_order(taken: list[Taken], codes: list[str], each: int) -> None:
    """Each line's events came in its order, none of them left out. Only the newest may come again."""
    by_line: dict[str, list[tuple[int, int]]] = defaultdict(list)
    for message in taken:
        by_line[message.line].append(message.place)
    assert set(by_line) == set(codes)
    for code in codes:
        assert by_line[code] == sorted(by_line[code]), f"{code} was told out of order"
        assert len(set(by_line[code])) == each


@pytest.mark.timeout(2_400 if FULL else 240)
def test_every_event_reaches_the_receiver_in_the_order_of_its_line(target: Target, till: Till) -> None:
    each = EVENTS // LINES
    total = each * LINES
    with program_of(target) as program:
        hook, till.secret = add_webhook(program, till.url)
        till.start()
        codes = [open_line(program) for _ in range(LINES)]
        began = time.monotonic()
        threads = join_all(target, codes, each - 1)
        for number in range(1, KILLS + 1):
            share = total * number // (KILLS + 1)
            wait_until(lambda share=share: len(till.taken()) >= share, timeout_s=WITHIN_S, what=f"{share} events")  # type: ignore[misc]
            assert len(till.taken()) < total, "all was told before the kill"
            break_something(target, till, number)
        for thread in threads:
            thread.join()
        wait_until(lambda: len({one.id for one in till.taken()}) == total, timeout_s=WITHIN_S, what="all events")
        took = time.monotonic() - began
        first = till.taken()
        check_order(first, codes, each)
        assert till.forged() == 0
        again = len(first) - total
        assert again <= KILLS + till.kills, f"{again} came twice after {KILLS} kills"
        bytes_of = dict(one[:2] for one in first)
        assert all(bytes_of[one.id] == one.digest for one in first), "the same event, other bytes"
        assert till.refused() and till.refused().items() <= bytes_of.items(), "what was refused came again, the same"

        replayed = check_replay(program, hook, till, len(first), total)
        assert [bytes_of[one.id] for one in replayed] == [one.digest for one in replayed]
        check_order(replayed, codes, each)
    report(
        f"{total} events, {LINES} lines, {took:.0f} s; {KILLS} workers, {KILLS // 2} timers, {till.kills} receivers killed; "
        f"{len(till.refused())} refused once: all verified, in order, {again} twice; a replay has the same bytes"
    )


def break_something(target: Target, till: Till, number: int) -> None:
    """Kills the receiver and the worker; each second time also the timers, and the worker not before it has found the receiver
    gone. All are started again."""
    failed = target.number(FAILED)
    till.kill()
    if number % 2 == 0:
        wait_until(lambda: target.number(FAILED) > failed, timeout_s=60, what="a message that does not arrive")
        target.stack.kill("timers")
    target.stack.kill("worker")
    till.start()
    target.run("web", "worker", "timers")
    if not FULL:  # what the dead worker had, no other one has for 15 s
        target.stack.sql("UPDATE webhooks_endpoint SET leased_until = now() WHERE leased_until IS NOT NULL")


def check_replay(program: httpx.Client, hook: str, till: Till, before: int, total: int) -> list[Taken]:
    """Everything again, from the beginning: what came, without kills."""
    answer: dict[str, Any] = program.post(f"/api/webhooks/{hook}/replay", json={"from": 1_760_000_000_000}).json()
    assert answer == {"streams": LINES}
    wait_until(lambda: len(till.taken()) - before >= total, timeout_s=WITHIN_S, what="all events again")
    return till.taken()[before:]


@pytest.mark.timeout(300)
def test_receivers_that_hang_hold_up_neither_other_venues_nor_effects(target: Target, receiver: Receiver) -> None:
    """One venue has more receivers that hang than a worker has threads. All the while another's is told, and facts are kept."""
    receiver.hangs = lambda path: path == "/hangs"
    with program_of(target) as slow, program_of(target) as quick:
        for program, path, times in ((slow, "hangs", HANGING), (quick, "quick", 1)):
            for _ in range(times):
                receiver.secrets.append(add_webhook(program, f"http://{receiver.host}/{path}")[1])
        lines = [open_line(slow) for _ in range(3)]
        receiver.wait_for(lambda: receiver.hanging)
        mine = open_line(quick)
        longest = 0.0
        for number in range(ROUNDS):
            for line in lines:
                slow.post(f"/api/queue/{line}/join", json={})
            began = time.monotonic()
            quick.post(f"/api/queue/{mine}/join", json={})
            # The line's opening was told, too.
            receiver.wait_for(lambda number=number: len(receiver.received) == number + 2, within_s=CONVERGES_WITHIN_S)
            longest = max(longest, time.monotonic() - began)
            target.all_done()
    assert receiver.forged == []
    report(f"{HANGING} receivers of one venue hang: another's is told within {longest:.1f} s, effects go on")
