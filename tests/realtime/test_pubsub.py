"""realtime/pubsub.py and broadcast.py on a real Redis: what comes through the layer, and what is noticed if nothing does."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any
from uuid import uuid4

import pytest

from core import cache
from realtime import broadcast, pubsub
from realtime.pubsub import Hub
from tests.realtime.waiting import until

pytestmark = pytest.mark.servers

NAME = f"tl:line:{uuid4()}"


def listening(work: Callable[[Hub, list[Any]], Awaitable[None]]) -> None:
    """Runs `work` with a hub that hears, and what it was told."""

    async def run() -> None:
        redis = cache.async_redis()
        hub, told = Hub(lambda: redis), list[Any]()
        # Other programs on this Redis tell of other names.
        hub.listeners.append(lambda *news: told.append(news) if news[0] == NAME else None)
        hub.start()
        try:
            async with asyncio.timeout(30):
                await until(lambda: hub.hears)
                await work(hub, told)
        finally:
            await hub.aclose()
            await redis.aclose()

    asyncio.run(run())


def test_what_any_thread_tells_is_heard_in_its_order() -> None:
    changes = {"version": 7, "parties": [{"id": "a", "deadline": None, "rank": 2**40}], "name": "Zoë"}

    async def work(hub: Hub, told: list[Any]) -> None:
        await asyncio.to_thread(broadcast.tell, NAME, 6)
        broadcast.tell(NAME, 7, changes)
        await until(lambda: len(told) == 2)
        assert told == [(NAME, 6, None), (NAME, 7, changes)]

    listening(work)


def test_a_hub_ends_although_a_library_swallows_its_cancellation_and_news_go_on() -> None:
    """So it happened once: it heard the others' news for ever, and its process did not end."""

    async def work(hub: Hub, told: list[Any]) -> None:
        receive, swallowed = hub._layer.receive, list[str]()

        async def swallowing(channel: str) -> Any:
            if swallowed:
                return await asyncio.sleep(0.01, {"type": "changed", "name": NAME, "version": 1, "changes": None})
            try:
                return await receive(channel)
            except asyncio.CancelledError:
                swallowed.append(channel)
                return {"type": "beat"}

        hub._layer.receive = swallowing
        broadcast.tell(NAME, 1)  # the call that waits already gives this one; the next one is ours
        await until(lambda: told)
        ending = asyncio.create_task(hub.aclose())
        await asyncio.wait([ending], timeout=20)
        assert ending.done()
        assert swallowed

    listening(work)


def test_a_subscription_that_is_lost_is_made_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    """The layer would never notice."""
    monkeypatch.setattr(pubsub, "DEAD_S", 1.0)

    async def work(hub: Hub, told: list[Any]) -> None:
        period = hub.period
        await hub._layer.flush()
        await until(lambda: hub.period > period)
        while not told:  # on a busy machine a second may pass again without a beat, and what is said then is lost
            broadcast.tell(NAME, 1)
            await asyncio.sleep(0.05)

    listening(work)


def test_connections_that_are_cut_begin_another_period() -> None:
    """Messages of that time are lost."""

    async def work(hub: Hub, told: list[Any]) -> None:
        period = hub.period
        for client in cache.sync_redis().client_list(_type="pubsub"):
            cache.sync_redis().client_kill_filter(_id=client["id"])
        await until(lambda: hub.period > period and hub.hears)

    listening(work)
