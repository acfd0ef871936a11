"""A poll in a Postgres that is a function, the streams of one process that follow it, and their clients."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any
from uuid import uuid4

from django.utils import timezone

from core.asgi_types import Message as Sent
from polls import shapes
from polls.audit import Totals
from polls.edge.polls import Polls
from polls.edge.results import PollViews
from polls.models import Poll
from realtime import store
from realtime.exports import Exports
from realtime.pictures import Drawer
from realtime.pubsub import Hub
from realtime.runtime import Runtime
from tests.contracts.sse import Message, Parser
from tests.queues.line_rows import Postgres
from tests.realtime.waiting import PATIENCE_S
from web import charts


class StoredPoll:
    """A poll as Postgres has it: `red` votes for Red, deleted unless `there`."""

    def __init__(self, **fields: Any) -> None:
        self.poll = Poll(
            id=uuid4(), code="ABCDEF", title="?", status="open", visibility="always", min_picks=1, max_picks=1,
            created_at=timezone.now(), version=1, **fields,
        )  # fmt: skip
        self.id = str(self.poll.pk)
        self.red, self.there = 0, True

    def row(self, *_: Any) -> shapes.Row | None:
        """In place of polls.selectors.current_row."""
        totals = Totals.of([(0, 0, self.red)], ballots=self.red, changes=self.red)
        return shapes.build_row(self.poll, line=None, texts=["Red", "White"], totals=totals) if self.there else None

    def publish(self) -> None:
        """Writes the row to Redis and tells all processes, as after a commit."""
        row = self.row()
        assert store.write("poll", self.id, row) if row else store.bury("poll", self.id)


class Client:
    """A client of one stream. It reads nothing while `reads` is clear; `held` is set when a message waits for it."""

    def __init__(self) -> None:
        self.parser = Parser()
        self.heard: asyncio.Queue[Message | None] = asyncio.Queue()
        self.status = 0
        self.reads, self.held, self.gone = asyncio.Event(), asyncio.Event(), asyncio.Event()
        self.reads.set()

    async def send(self, message: Sent) -> None:
        """The ASGI `send` of this client's request."""
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
        """The ASGI `receive`: the client has left."""
        await self.gone.wait()
        return {"type": "http.disconnect"}

    async def next(self) -> Any:
        """The JSON of the next message; None at the end."""
        async with asyncio.timeout(PATIENCE_S):
            message = await self.heard.get()
        return message.json if message is not None else None


class PollProcess:
    """The views of one poll in one process."""

    def __init__(self, stored: StoredPoll, hub: Hub, views: PollViews) -> None:
        self.stored, self.hub, self.views = stored, hub, views

    @asynccontextmanager
    async def client(self, kind: str, method: str = "GET") -> AsyncIterator[Client]:
        """Follows until the block ends, and then leaves."""
        client = Client()
        scope = {"type": "http", "method": method, "headers": [], "query_string": b"", "path": "/"}
        task = asyncio.create_task(getattr(self.views, kind)(scope, client.receive, client.send, self.stored.id))
        try:
            yield client
        finally:
            client.reads.set()
            client.gone.set()
            async with asyncio.timeout(PATIENCE_S):
                await task


def in_process(stored: StoredPoll, work: Callable[[PollProcess], Any]) -> None:
    """Runs `work` on a new event loop."""

    async def run() -> None:
        runtime = Runtime(Postgres(stored.row).run)
        try:
            exports = Exports(runtime.run, runtime.limiter, Drawer(charts.PROGRAM))
            await work(PollProcess(stored, runtime.hub, PollViews(Polls(runtime), exports)))
        finally:
            await runtime.aclose()

    asyncio.run(run())
