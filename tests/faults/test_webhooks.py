"""Webhooks when workers die: every event reaches the receiver, in the order of its line; twice only after a kill."""

import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager

import httpx
import pytest

from tests.faults.installation import Target, report
from tests.installation import FULL
from tests.webhooks.receiver import Receiver

LINES, EVENTS, KILLS = (10, 10_000, 20) if FULL else (3, 150, 1)
KEY = (
    "from venues import commands as c; v = c.create_venue(name='Blue Door', timezone_name='Europe/Paris'); "
    "print('KEY', c.create_api_key(venue=v, name='till')[1])"
)


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    made = Receiver()
    yield made
    made.close()


@pytest.mark.timeout(900 if FULL else 240)
def test_every_event_reaches_the_receiver_in_the_order_of_its_line(
    own_target: Callable[..., AbstractContextManager[Target]], receiver: Receiver
) -> None:
    with own_target("webhooks", WEBHOOK_EXTRA_HOSTS=receiver.host) as target:
        target.run("web", "worker", "timers")
        key = next(
            row.split()[1] for row in target.stack.manage("shell", "-c", KEY).stdout.splitlines() if "KEY" in row
        )
        with httpx.Client(base_url=target.stack.url(), headers={"api-key": key}, timeout=30) as program:
            made = program.post("/api/webhooks", json={"url": receiver.url})
            assert made.status_code == 201, made.text
            receiver.secrets.append(made.json()["secret"])
            body = {"eventName": "Dinner", "maxGuests": 100_000}
            codes = [program.post("/api/queue/create", json=body).json()["code"] for _ in range(LINES)]

            def joins(code: str) -> None:
                with httpx.Client(base_url=target.stack.url(), timeout=30) as guest:
                    for _ in range(EVENTS // LINES - 1):
                        assert guest.post(f"/api/queue/{code}/join", json={}).status_code == 200

            threads = [threading.Thread(target=joins, args=(code,)) for code in codes]
            for thread in threads:
                thread.start()
            for number in range(1, KILLS + 1):
                enough = EVENTS * number // (KILLS + 1)
                receiver.wait_for(lambda enough=enough: len(receiver.received) >= enough, within_s=300)
                target.stack.kill("worker")
                target.run("web", "worker", "timers")
            for thread in threads:
                thread.join()
        total = EVENTS // LINES * LINES
        receiver.wait_for(lambda: len({each.id for each in receiver.received}) == total, within_s=300)
        again = len(receiver.received) - total
        assert again <= KILLS, f"{again} twice after {KILLS} kills"
        assert receiver.forged == []
        for code in codes:
            told = [each.place for each in receiver.received if each.line == code]
            assert told == sorted(told)
            assert len(set(told)) == EVENTS // LINES
        report(f"{total} events of {LINES} lines, {KILLS} workers killed: all told in order, {again} twice")
