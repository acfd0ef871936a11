"""The streams of polls in this process, on a Postgres that is a function: signs of life, ends, slow readers, what is left."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import orjson
import pytest
from django.utils import timezone

from core.asgi_types import Message as Sent
from core.cache import breaker, sync_redis
from polls import shapes
from polls.audit import Totals
from polls.edge import viewers
from polls.edge.polls import Polls
from polls.edge.results import PollViews
from polls.models import Poll
from realtime import pubsub, store, streams, topics
from realtime.exports import Exports
from realtime.pictures import Drawer
from realtime.pubsub import Hub
from realtime.runtime import Runtime
from tests.contracts.sse import Message, Parser
from tests.queues.line_rows import Postgres
from web import charts

pytestmark = pytest.mark.servers

PATIENCE_S = 20.0
STREAMS = ["stream", "session_stream"]


@pytest.fixture(autouse=True)
def closed_breaker() -> None:
    """One test's outage must not be the next one's."""
    breaker._until = 0.0


class Truth:
    """A poll in Postgres: what is there now, or nothing."""

    def __init__(self, **fields: Any) -> None:
        self.poll = Poll(
            id=uuid4(), code="ABCDEF", title="?", status="open", visibility="always", min_picks=1, max_picks=1,
            created_at=timezone.now(), version=1, **fields,
        )  # fmt: skip
        self.id = str(self.poll.pk)
        self.red, self.there = 0, True

    def row(self, *_: Any) -> shapes.Row | None:
        """As polls.selectors.current_row gives it."""
        totals = Totals.of([(0, 0, self.red)], ballots=self.red, changes=self.red)
        return shapes.build_row(self.poll, line=None, texts=["Red", "White"], totals=totals) if self.there else None

    def shown(self) -> None:
        """Writes it for everybody, as whoever changed it does."""
        row = self.row()
        assert store.write("poll", self.id, row) if row else store.bury("poll", self.id)


class Client:
    """A client of one stream; it reads nothing while `reads` is clear, and `held` says that something waits for it."""

    def __init__(self) -> None:
        self.parser = Parser()
        self.heard: asyncio.Queue[Message | None] = asyncio.Queue()
        self.status = 0
        self.reads, self.held, self.gone = asyncio.Event(), asyncio.Event(), asyncio.Event()
        self.reads.set()

    async def send(self, message: Sent) -> None:
        """What the server calls."""
        if message["type"] == "http.response.start":
            self.status = message["status"]
            return
        if not self.reads.is_set():
            self.held.set()
            await self.reads.wait()
        for each in self.parser.feed(message["body"]):
            self.heard.put_nowait(each)
        if not message.get("more_body"):
            self.heard.put_nowait(None)

    async def receive(self) -> Sent:
        """What the server waits in."""
        await self.gone.wait()
        return {"type": "http.disconnect"}

    async def next(self) -> Any:
        """The JSON of the next message; None at the end."""
        async with asyncio.timeout(PATIENCE_S):
            message = await self.heard.get()
        return message.json if message is not None else None


class Site:
    """One process's views of one poll."""

    def __init__(self, truth: Truth, hub: Hub, views: PollViews) -> None:
        self.truth, self.hub, self.views = truth, hub, views

    @asynccontextmanager
    async def client(self, kind: str, method: str = "GET") -> AsyncIterator[Client]:
        """Follows until the block ends, and then leaves."""
        client = Client()
        scope = {"type": "http", "method": method, "headers": [], "query_string": b"", "path": "/"}
        task = asyncio.create_task(getattr(self.views, kind)(scope, client.receive, client.send, self.truth.id))
        try:
            yield client
        finally:
            client.reads.set()
            client.gone.set()
            async with asyncio.timeout(PATIENCE_S):
                await task


def on_site(truth: Truth, work: Callable[[Site], Any]) -> None:
    """Runs `work` in a loop of its own."""

    async def run() -> None:
        runtime = Runtime(Postgres(truth.row).run)
        try:
            exports = Exports(runtime.run, runtime.limiter, Drawer(charts.PROGRAM))
            await work(Site(truth, runtime.hub, PollViews(Polls(runtime), exports)))
        finally:
            await runtime.aclose()

    asyncio.run(run())


async def until(condition: Callable[[], Any]) -> None:
    """Waits, on the loop."""
    async with asyncio.timeout(PATIENCE_S):
        while not condition():
            await asyncio.sleep(0.01)


def status(said: Any) -> str:
    """Of a message of either stream."""
    found: str = (said["data"] if "event" in said else said)["status"]
    return found


@pytest.mark.parametrize("kind", STREAMS)
def test_silence_is_broken_by_comments_and_by_nothing_else(kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(streams, "HEARTBEAT_S", 0.2)
    truth = Truth()

    async def work(site: Site) -> None:
        async with site.client(kind) as client:
            first = await client.next()
            assert status(first) == "active" if kind == "session_stream" else "open"
            await until(lambda: len(client.parser.comments) >= 3)
            assert client.heard.empty()
            truth.red = 1
            truth.shown()
            assert await client.next() != first

    on_site(truth, work)
    assert streams.HEARTBEAT_S == 0.2


def test_the_sign_of_life_is_in_the_contracts_time() -> None:
    assert streams.HEARTBEAT_S <= 15


def test_hidden_ballots_are_no_sign_of_life(monkeypatch: pytest.MonkeyPatch) -> None:
    """Comments come by the clock alone; were they early or late when ballots come in, they would tell of them."""
    monkeypatch.setattr(streams, "HEARTBEAT_S", 0.5)
    truth = Truth()
    truth.poll.visibility = "host_only"

    async def work(site: Site) -> None:
        began = asyncio.get_running_loop().time()
        async with site.client("stream") as quiet, site.client("session_stream") as client:
            await quiet.next()
            await client.next()
            while len(client.parser.comments) < 4:
                truth.red += 1
                await asyncio.to_thread(truth.shown)
            assert asyncio.get_running_loop().time() - began >= 4 * 0.5 - 0.05
            assert quiet.heard.empty()
            assert client.heard.empty()
            assert quiet.parser.last_id == ""

    on_site(truth, work)


@pytest.mark.parametrize("kind", STREAMS)
def test_the_end_comes_by_the_clock_though_nobody_says_so(kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """No timers here, no news and no sign of life: the end stands in the row. It passes between two updates, too."""
    monkeypatch.setattr(streams, "HEARTBEAT_S", 3 * PATIENCE_S)
    truth = Truth(ends_at=datetime.now(UTC) + timedelta(seconds=0.7))

    async def work(site: Site) -> None:
        async with site.client(kind) as client:
            assert status(await client.next()) in {"open", "active"}
            assert status(await client.next()) == "closed"
            if kind == "session_stream":
                assert (await client.next())["event"] == "closed"
            assert await client.next() is None

    on_site(truth, work)


def test_what_is_hidden_until_the_end_is_shown_by_the_clock() -> None:
    def followed_through_the_end(seconds: float) -> bool:
        """False where this machine is so busy that the end came before the first message."""
        truth = Truth(ends_at=datetime.now(UTC) + timedelta(seconds=seconds))
        truth.poll.visibility, truth.red = "after_close", 5
        in_time: list[bool] = []

        async def work(site: Site) -> None:
            async with site.client("stream") as client:
                before = await client.next()
                in_time.append(status(before) != "closed")
                if not in_time[0]:
                    return
                assert (before["ballots"], before["version"], client.parser.last_id) == (None, None, "")
                after = await client.next()
                assert (after["ballots"], client.parser.last_id) == (5, str(after["version"]))

        on_site(truth, work)
        return in_time[0]

    assert any(map(followed_through_the_end, (0.7, 5, 30)))


@pytest.mark.parametrize("kind", STREAMS)
def test_who_reads_slowly_while_it_ends_still_reads_that_it_ended(kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its end passes while an earlier message is on its way: what ends the stream is that it was shown closed."""
    truth, clock = Truth(ends_at=datetime.now(UTC) + timedelta(hours=1)), [datetime.now(UTC)]
    monkeypatch.setattr(viewers, "now_ms", lambda: int(clock[0].timestamp() * 1000))
    monkeypatch.setattr(streams, "HEARTBEAT_S", 0.5)  # the clock that moves is not the one by which it waits

    async def work(site: Site) -> None:
        async with site.client(kind) as client:
            await client.next()
            client.reads.clear()
            truth.red = 1
            truth.shown()
            await client.held.wait()
            clock[0] += timedelta(hours=2)
            client.reads.set()
            last = said = await client.next()
            while said is not None:
                last, said = said, await client.next()
            assert last["event"] == "closed" if kind == "session_stream" else status(last) == "closed"

    on_site(truth, work)


def test_who_reads_slowly_skips_to_the_newest() -> None:
    truth = Truth()

    async def work(site: Site) -> None:
        async with site.client("stream") as slow, site.client("stream") as quick:
            await slow.next()
            await quick.next()
            slow.reads.clear()
            for red in range(1, 21):
                truth.red = red
                truth.shown()
                said = await quick.next()
                assert said["ballots"] == red
            slow.reads.set()
            heard = [(await slow.next())["ballots"]]
            while heard[-1] != 20:
                heard.append((await slow.next())["ballots"])
            assert heard == sorted(heard)
            assert len(heard) <= 3

    on_site(truth, work)


def test_news_is_told_when_written_and_found_by_the_clock_when_not_told(monkeypatch: pytest.MonkeyPatch) -> None:
    truth = Truth()

    async def told(site: Site) -> None:
        async with site.client("stream") as client:
            for _ in range(3):
                await client.next()
                async with asyncio.timeout(PATIENCE_S):
                    while client.heard.empty():  # nobody may listen yet
                        truth.red += 1
                        truth.shown()
                        await asyncio.sleep(0.05)

    async def not_told(site: Site) -> None:
        async with site.client("stream") as client:
            last = await client.next()
            for _ in range(2):  # the first may still be seen by the look that everybody begins with
                truth.red += 1
                row = truth.row()
                assert row
                at = store.key("poll", truth.id)
                sync_redis().hset(at, mapping={"v": row["version"], "r": row["version"], "row": orjson.dumps(row)})
                before, last = last, await client.next()
                assert last != before

    with monkeypatch.context() as deaf:
        deaf.setattr(pubsub.Hub, "hears", False)
        on_site(truth, not_told)
    monkeypatch.setattr(topics, "LOOK_AGAIN_S", 10 * PATIENCE_S)
    on_site(truth, told)


@pytest.mark.parametrize("kind", STREAMS)
def test_a_poll_that_is_deleted_lets_its_followers_go(kind: str) -> None:
    truth = Truth()

    async def work(site: Site) -> None:
        async with site.client(kind) as client:
            await client.next()
            truth.there = False
            truth.shown()
            assert await client.next() is None
        await until(lambda: not site.hub._topics)
        async with site.client(kind) as late:
            await until(lambda: late.status)
            assert late.status == 404

    on_site(truth, work)


@pytest.mark.parametrize("kind", STREAMS)
def test_who_leaves_leaves_nothing(kind: str) -> None:
    """Topic and task end with the last who follows, whatever they were doing; not with the others."""
    truth = Truth()

    async def work(site: Site) -> None:
        # What listens for all stays.
        site.hub.start()
        await until(lambda: site.hub.hears)
        tasks = len(asyncio.all_tasks())
        async with site.client(kind) as staying:
            await staying.next()
            for _ in range(50):
                async with site.client(kind) as client:
                    await client.next()
                async with site.client(kind):
                    pass  # gone before the first word
            assert [topic.followers for topic in site.hub._topics.values()] == [1]
            truth.red = 3
            truth.shown()
            assert await staying.next()
        async with site.client(kind, "HEAD") as head:
            assert await head.next() is None
        assert not site.hub._topics
        assert not site.hub._looking
        await until(lambda: len(asyncio.all_tasks()) <= tasks)

    on_site(truth, work)
