"""Tasks end when they are to, also those that lose a cancellation (realtime/tasks.py)."""

import asyncio
from typing import Any

import pytest

from realtime.runtime import Runtime
from realtime.tasks import end
from rooms.edge.room import Rooms
from rooms.edge.ticker import Ticker


async def _no_jobs(*_: Any) -> None:
    raise AssertionError("nothing here asks Postgres")


class Loses:
    """Something to wait for that loses the first cancellation, as a command to Redis may (Python 3.11)."""

    def __init__(self) -> None:
        self.lost = 0

    async def wait(self) -> float:
        """Waits for a minute, and after the first cancellation for nothing."""
        try:
            await asyncio.sleep(0.01 if self.lost else 60)
        except asyncio.CancelledError:
            if self.lost:
                raise
            self.lost += 1
        return 0.01


def test_a_task_that_loses_a_cancellation_ends_and_what_others_raise_is_dropped() -> None:
    async def work() -> None:
        loses = Loses()

        async def for_ever() -> None:
            while True:
                await loses.wait()

        async def fails() -> None:
            raise ValueError

        tasks = [asyncio.create_task(for_ever()), asyncio.create_task(fails())]
        await asyncio.sleep(0)
        await end(tasks)
        assert [task.done() for task in tasks] == [True, True]
        assert loses.lost == 1
        await end([])

    asyncio.run(work())


@pytest.mark.servers
def test_a_ticker_that_has_ended_takes_no_room_again(monkeypatch: pytest.MonkeyPatch) -> None:
    async def work() -> None:
        loses = Loses()
        runtime = Runtime(_no_jobs)
        ticker = Ticker(runtime, Rooms(runtime))
        monkeypatch.setattr(ticker, "_beat", loses.wait)
        before = asyncio.all_tasks()
        ticker.start()
        await asyncio.sleep(0)
        await ticker.aclose()
        assert loses.lost == 1
        assert asyncio.all_tasks() == before
        await runtime.aclose()

    asyncio.run(work())
