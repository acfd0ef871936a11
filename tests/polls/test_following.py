"""The streams of polls in this process, on a Postgres that is a function: signs of life, ends, slow readers, what is left."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

import orjson
import pytest

from core.cache import sync_redis
from polls.edge import viewers
from realtime import pubsub, store, streams, topics
from tests.polls.poll_streams import PollProcess, StoredPoll, in_process
from tests.realtime.waiting import PATIENCE_S, until

pytestmark = pytest.mark.servers

STREAMS = ["stream", "session_stream"]


def status(message: Any) -> str:
    """Of a message of either stream."""
    found: str = (message["data"] if "event" in message else message)["status"]
    return found


@pytest.mark.parametrize("kind", STREAMS)
def test_silence_is_broken_by_comments_and_by_nothing_else(kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(streams, "HEARTBEAT_S", 0.2)
    stored = StoredPoll()

    async def work(process: PollProcess) -> None:
        async with process.client(kind) as client:
            first = await client.next()
            assert status(first) == "active" if kind == "session_stream" else "open"
            await until(lambda: len(client.parser.comments) >= 3)
            assert client.heard.empty()
            stored.red = 1
            stored.publish()
            assert await client.next() != first

    in_process(stored, work)
    assert streams.HEARTBEAT_S == 0.2


def test_the_sign_of_life_is_in_the_contracts_time() -> None:
    assert streams.HEARTBEAT_S <= 15


@pytest.mark.thorough
def test_hidden_ballots_are_no_sign_of_life(monkeypatch: pytest.MonkeyPatch) -> None:
    """Comments come by the clock alone; were they early or late when ballots come in, they would tell of them."""
    monkeypatch.setattr(streams, "HEARTBEAT_S", 0.5)
    stored = StoredPoll()
    stored.poll.visibility = "host_only"

    async def work(process: PollProcess) -> None:
        began = asyncio.get_running_loop().time()
        async with process.client("stream") as quiet, process.client("session_stream") as client:
            await quiet.next()
            await client.next()
            while len(client.parser.comments) < 4:
                stored.red += 1
                await asyncio.to_thread(stored.publish)
            assert asyncio.get_running_loop().time() - began >= 4 * 0.5 - 0.05
            assert quiet.heard.empty()
            assert client.heard.empty()
            assert quiet.parser.last_id == ""

    in_process(stored, work)


@pytest.mark.parametrize("kind", STREAMS)
def test_the_end_comes_by_the_clock_without_a_message(kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """No timers here, no news and no sign of life: the end stands in the row. It passes between two updates, too."""
    monkeypatch.setattr(streams, "HEARTBEAT_S", 3 * PATIENCE_S)
    stored = StoredPoll(ends_at=datetime.now(UTC) + timedelta(seconds=0.7))

    async def work(process: PollProcess) -> None:
        async with process.client(kind) as client:
            assert status(await client.next()) in {"open", "active"}
            assert status(await client.next()) == "closed"
            if kind == "session_stream":
                assert (await client.next())["event"] == "closed"
            assert await client.next() is None

    in_process(stored, work)


def test_what_is_hidden_until_the_end_is_shown_by_the_clock() -> None:
    def followed_through_the_end(seconds: float) -> bool:
        """False where this machine is so busy that the end came before the first message."""
        stored = StoredPoll(ends_at=datetime.now(UTC) + timedelta(seconds=seconds))
        stored.poll.visibility, stored.red = "after_close", 5
        in_time: list[bool] = []

        async def work(process: PollProcess) -> None:
            async with process.client("stream") as client:
                before = await client.next()
                in_time.append(status(before) != "closed")
                if not in_time[0]:
                    return
                assert (before["ballots"], before["version"], client.parser.last_id) == (None, None, "")
                after = await client.next()
                assert (after["ballots"], client.parser.last_id) == (5, str(after["version"]))

        in_process(stored, work)
        return in_time[0]

    assert any(map(followed_through_the_end, (0.7, 5, 30)))


@pytest.mark.parametrize("kind", STREAMS)
def test_who_reads_slowly_while_it_ends_still_reads_that_it_ended(kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its end passes while an earlier message is on its way: what ends the stream is that it was shown closed."""
    stored, clock = StoredPoll(ends_at=datetime.now(UTC) + timedelta(hours=1)), [datetime.now(UTC)]
    monkeypatch.setattr(viewers, "now_ms", lambda: int(clock[0].timestamp() * 1000))
    monkeypatch.setattr(streams, "HEARTBEAT_S", 0.5)  # the clock that moves is not the one by which it waits

    async def work(process: PollProcess) -> None:
        async with process.client(kind) as client:
            await client.next()
            client.reads.clear()
            stored.red = 1
            stored.publish()
            await client.held.wait()
            clock[0] += timedelta(hours=2)
            client.reads.set()
            last = message = await client.next()
            while message is not None:
                last, message = message, await client.next()
            assert last["event"] == "closed" if kind == "session_stream" else status(last) == "closed"

    in_process(stored, work)


def test_who_reads_slowly_skips_to_the_newest() -> None:
    stored = StoredPoll()

    async def work(process: PollProcess) -> None:
        async with process.client("stream") as slow, process.client("stream") as quick:
            await slow.next()
            await quick.next()
            slow.reads.clear()
            for red in range(1, 21):
                stored.red = red
                stored.publish()
                message = await quick.next()
                assert message["ballots"] == red
            slow.reads.set()
            heard = [(await slow.next())["ballots"]]
            while heard[-1] != 20:
                heard.append((await slow.next())["ballots"])
            assert heard == sorted(heard)
            assert len(heard) <= 3

    in_process(stored, work)


def test_news_is_told_when_written_and_found_by_the_clock_when_not_told(monkeypatch: pytest.MonkeyPatch) -> None:
    stored = StoredPoll()

    async def told(process: PollProcess) -> None:
        async with process.client("stream") as client:
            for _ in range(3):
                await client.next()
                async with asyncio.timeout(PATIENCE_S):
                    while client.heard.empty():  # the process may not listen yet
                        stored.red += 1
                        stored.publish()
                        await asyncio.sleep(0.05)

    async def not_told(process: PollProcess) -> None:
        async with process.client("stream") as client:
            last = await client.next()
            for _ in range(2):  # the first may still be found by the first read
                stored.red += 1
                row = stored.row()
                assert row
                at = store.key("poll", stored.id)
                sync_redis().hset(at, mapping={"v": row["version"], "r": row["version"], "row": orjson.dumps(row)})
                before, last = last, await client.next()
                assert last != before

    with monkeypatch.context() as deaf:
        deaf.setattr(pubsub.Hub, "hears", False)
        in_process(stored, not_told)
    monkeypatch.setattr(topics, "LOOK_AGAIN_S", 10 * PATIENCE_S)
    in_process(stored, told)


@pytest.mark.parametrize("kind", STREAMS)
def test_a_poll_that_is_deleted_lets_its_followers_go(kind: str) -> None:
    stored = StoredPoll()

    async def work(process: PollProcess) -> None:
        async with process.client(kind) as client:
            await client.next()
            stored.there = False
            stored.publish()
            assert await client.next() is None
        await until(lambda: not process.hub._topics)
        async with process.client(kind) as late:
            await until(lambda: late.status)
            assert late.status == 404

    in_process(stored, work)


@pytest.mark.parametrize("kind", STREAMS)
def test_who_leaves_leaves_nothing(kind: str) -> None:
    """Topic and task end with the last follower, not with an earlier one."""
    stored = StoredPoll()

    async def work(process: PollProcess) -> None:
        # What listens for all stays.
        process.hub.start()
        await until(lambda: process.hub.hears)
        tasks = len(asyncio.all_tasks())
        async with process.client(kind) as staying:
            await staying.next()
            for _ in range(50):
                async with process.client(kind) as client:
                    await client.next()
                async with process.client(kind):
                    pass  # gone before the first word
            assert [topic.followers for topic in process.hub._topics.values()] == [1]
            stored.red = 3
            stored.publish()
            assert await staying.next()
        async with process.client(kind, "HEAD") as head:
            assert await head.next() is None
        assert not process.hub._topics
        assert not process.hub._looking
        await until(lambda: len(asyncio.all_tasks()) <= tasks)

    in_process(stored, work)
