"""realtime/fanout.py: who is told at once, who is waited for, and who is given up."""

import asyncio
from collections.abc import Awaitable, Callable

import pytest

from realtime import fanout
from realtime.fanout import Beat, Done, Follower


class News:
    """What is followed: a number."""

    def __init__(self) -> None:
        self.tellers: set[Follower] = set()
        self.number = 0

    def is_now(self, number: int) -> None:
        """Wakes all who follow."""
        self.number = number
        for follower in list(self.tellers):
            follower.wake()


class Reader(Follower):
    """A client that takes what it is sent while `reads` is set; the last number is 9."""

    def __init__(self, news: News) -> None:
        self.news, self.heard = news, list[int]()
        self.reads = asyncio.Event()
        self.reads.set()

    async def step(self) -> None:
        number = self.news.number
        await self.patiently(self._take(number))
        if number == 9:
            raise Done

    async def _take(self, number: int) -> None:
        if not self.reads.is_set():
            await self.reads.wait()
        self.heard.append(number)


def followed(work: Callable[[News, Reader, "asyncio.Task[None]", Beat], Awaitable[None]]) -> None:
    """Runs `work` while a reader follows."""

    async def run() -> None:
        news, beats = News(), Beat(lambda: 0.01)
        reader = Reader(news)

        async def client() -> None:
            reader.follow(news, beats)
            await asyncio.Event().wait()

        serving = asyncio.create_task(reader.serve(client()))
        await asyncio.sleep(0)
        async with asyncio.timeout(10):
            await work(news, reader, serving, beats)
        assert not news.tellers

    asyncio.run(run())


def test_a_client_that_reads_is_told_before_wake_returns() -> None:
    async def work(news: News, reader: Reader, serving: "asyncio.Task[None]", beats: Beat) -> None:
        news.is_now(1)
        assert reader.heard[-1] == 1
        news.is_now(9)
        await serving
        assert (reader.heard[-1], reader.done) == (9, True)

    followed(work)


def test_a_slow_client_skips_to_the_newest() -> None:
    async def work(news: News, reader: Reader, serving: "asyncio.Task[None]", beats: Beat) -> None:
        reader.reads.clear()
        for number in (1, 2, 3, 9):
            news.is_now(number)
        reader.reads.set()
        await serving
        assert [number for number in reader.heard if number] == [1, 9]

    followed(work)


def test_a_client_that_takes_nothing_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fanout, "STALL_S", 0.05)

    async def work(news: News, reader: Reader, serving: "asyncio.Task[None]", beats: Beat) -> None:
        reader.reads.clear()
        news.is_now(1)
        await serving
        assert (reader.over, reader.done) == (True, False)

    followed(work)


@pytest.mark.parametrize("problem", [OSError(), RuntimeError(), ValueError()])
def test_a_client_that_fails_ends_alone(problem: Exception) -> None:
    async def work(news: News, reader: Reader, serving: "asyncio.Task[None]", beats: Beat) -> None:
        async def fail(number: int) -> None:
            raise problem

        other = Reader(news)
        news.tellers.add(other)
        reader._take = fail  # type: ignore[method-assign]
        news.is_now(1)
        await serving
        assert other.heard == [1]
        assert not reader.done
        news.tellers.discard(other)

    followed(work)


def test_a_cancelled_follower_leaves_nothing() -> None:
    async def work(news: News, reader: Reader, serving: "asyncio.Task[None]", beats: Beat) -> None:
        reader.reads.clear()
        news.is_now(1)
        serving.cancel()
        with pytest.raises(asyncio.CancelledError):
            await serving

    followed(work)
