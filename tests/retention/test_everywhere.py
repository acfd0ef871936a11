"""Canaries go in through every door of the running program, evening after evening; once their time is over no table, no key of
Redis, no log and no file has one, and all reports are what they were. At full size it is a year.

Postgres' own files keep old versions of rows until they are vacuumed, and are not searched (docs/operations.md).
"""

import re
from collections.abc import Iterator
from contextlib import suppress
from datetime import timedelta

import pytest

from tests.database_clock import DatabaseClock, moved_clock_of
from tests.installation import FULL, NewStack, Stack, wait_until
from tests.queues.service_lines import at
from tests.retention.evenings import ADDRESS, CANARIES, KEY, NAME, WORDS, House
from tests.retention.everything import everywhere

EVENINGS, PERIOD, DAYS = (365, 28, 30) if FULL else (2, 2, 2)
WORDS_SAID = re.compile(rf"\s*<h3>What they wrote</h3>.*?</ul>|{WORDS} of {NAME}", re.DOTALL)
LEFT = "SELECT count(*) AS n FROM {table} WHERE forgotten_at IS NULL"
pytestmark = [pytest.mark.faults, pytest.mark.timeout(3600 if FULL else 300)]


@pytest.fixture
def stack(own_stack: NewStack) -> Iterator[Stack]:
    # Redis tells its own time: what it keeps of requests ends by itself.
    made = own_stack(
        "retention", 15, RETENTION_DAYS=str(DAYS), TRUSTED_PROXIES="1", RATE_LIMITS="off" if FULL else "on"
    )
    yield made
    made.stop()


def test_after_their_days_no_canary_is_anywhere_and_reports_are_the_same(stack: Stack) -> None:
    # A year that is over by the machine's own clock. Django ends sessions by that one: on days beyond it they end at once.
    clock = moved_clock_of(stack, at("2025-03-24 20:00"))
    house = House(stack.start("web", "worker", "timers"), clock)
    told = {}
    for day in range(1, EVENINGS + 1):
        house.evening()
        if day == 1:
            _wait_for_effects(stack, clock)
            found = everywhere(stack, CANARIES)
            known = {value for value in CANARIES if any(_tells_of(value, each) for each in found)}
            assert known >= set(CANARIES) - {KEY, ADDRESS}, "the search does not see what is there"
            assert KEY not in known, "keys are hashed"
        if day % PERIOD == 0:
            _wait_for_effects(stack, clock)
            last = clock.now.date()
            period = (last - timedelta(days=PERIOD - 1), last)
            told[period] = house.codes[-1], house.reports(*period)
        clock.forward(days=1)
        if day % 7 == 0:
            house.sign_in()
    clock.forward(days=31)  # guests, and texts of numbers in no line, are kept for thirty
    for table in ("queues_queue", "polls_room"):
        wait_until(
            lambda table=table: stack.sql(LEFT.format(table=table))[0]["n"] == 0,  # type: ignore[misc]
            timeout_s=600 if FULL else 60,
            what="the timers to forget all",
        )
    left: list[str] = []

    def gone() -> bool:
        left[:] = everywhere(stack, CANARIES)
        return not left

    with suppress(AssertionError):
        wait_until(gone, timeout_s=90)
    assert left == []
    house.sign_in()
    assert any(WORDS_SAID.search(text) for _, before in told.values() for text in before.values())
    for period, (code, before) in told.items():
        house.codes.append(code)
        for name, text in house.reports(*period).items():
            # A guest's own words about the visit are gone, the answer is not.
            assert text == " ".join(WORDS_SAID.sub("", before[name]).split()), f"{name} of {period} has changed"
    assert "no differences" in stack.manage("reconcile").stdout
    runs = stack.sql("SELECT data FROM outbox_event WHERE type = 'QUEUE_FORGOTTEN'")
    # Four of five parties: one was erased before.
    assert sorted(each["data"]["parties"] for each in runs) == [3] * EVENINGS
    house.close()


def _tells_of(value: str, found: str) -> bool:
    """Whether this is what `everywhere` says of that value: "TABLE has VALUE: ROW", or "FILE has VALUE"."""
    return f" has {value.lower()}:" in found or found.endswith(f" has {value.lower()}")


def _wait_for_effects(stack: Stack, clock: DatabaseClock) -> None:
    pending = "SELECT count(*) AS n FROM outbox_effect WHERE status = 'pending' AND name IN ('analytics', 'guests')"
    done = clock.goes_on(lambda: stack.sql(pending)[0]["n"] == 0)
    wait_until(done, timeout_s=60, what="the day's effects")
