"""Pictures are drawn where nothing waits for them: a drawing process that stands still holds neither pages nor the API, and
one that dies is replaced. Asked of the running program."""

import asyncio
import signal
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from uuid import UUID

import httpx
import psutil
import pytest

from core.errors import Busy, TooMany
from realtime import pictures
from realtime.pictures import Drawer, Turns
from tests.contracts.queueup import http
from tests.installation import Stack, wait_until
from tests.polls.running_poll import LivePoll
from web.charts import PROGRAM
from web.charts.orders import Order

MANY = 24
PNG = b"\x89PNG\r\n\x1a\n"


def drawing(stack: Stack) -> list[psutil.Process]:
    """The drawing processes of the web process."""
    children = psutil.Process(stack.processes["web"].pid).children(recursive=True)
    return [each for each in children if PROGRAM in each.cmdline()]


def picture(url: str, **how: Any) -> httpx.Response:
    """An export as a picture; the client waits as long as it takes."""
    return http.get(url, params={"format": "image"}, timeout=60, **how)


@pytest.fixture
def stopped(stack: Stack) -> Iterator[psutil.Process]:
    """A drawing process that stands still."""
    poll = LivePoll(stack)
    assert picture(poll.url("/export")).content.startswith(PNG)
    [process] = drawing(stack)
    process.suspend()
    yield process
    if process.is_running():
        process.resume()


def test_pictures_hold_up_nothing_else(stack: Stack, stopped: psutil.Process) -> None:
    """24 pictures of a hundred choices by one client, however their address is spelled."""
    polls = [LivePoll(stack, choices=[f"Choice {n} of {each}" for n in range(100)]) for each in range(4)]
    room = stack.open_room()
    urls = [url for poll in polls for url in spelled(stack, poll)] + [
        f"{stack.url()}/api/rooms/{room['code']}/export?format=image"
    ]
    urls = (urls * 2)[:MANY]
    with ThreadPoolExecutor(MANY) as clients:
        asked = [clients.submit(lambda url=url: http.get(url, timeout=60)) for url in urls]  # type: ignore[misc]
        refused = MANY - pictures.MOST_WAITING - 1
        wait_until(lambda: sum(each.done() for each in asked) == refused, what="refusals")
        early = [each.result() for each in asked if each.done()]
        assert {(each.status_code, each.headers["retry-after"]) for each in early} == {(429, str(pictures.RETRY_S))}
        for path in (
            "/",
            f"/vote/{polls[0].code}",
            f"/api/polls/{polls[0].id}",
            f"/api/polls/{polls[1].id}/export?format=csv",
        ):
            assert http.get(f"{stack.url()}{path}").status_code == 200, path
        polls[0].voted(1)
        assert sum(each.done() for each in asked) == refused, "no picture is drawn anywhere else"
        stopped.resume()
        found = [each.result() for each in asked]
    assert [each.status_code for each in found].count(200) == MANY - refused
    assert all(each.content.startswith(PNG) for each in found if each.status_code == 200)


def spelled(stack: Stack, poll: LivePoll) -> list[str]:
    """Every way to write the address of a picture that is answered."""
    base = stack.url()
    return [
        f"{base}/api/polls/{poll.id}/export?format=image",
        f"{base}/api/polls/{poll.code.lower()}/export?format=csv&format=image",
        f"{base}/api/polls/{UUID(poll.id).hex}/export?format=im%61ge",
        f"{base}/api/vote/{poll.id.upper()}/export?f%6frmat=image",
        f"{base}/api/polls/%{ord(poll.code[0]):02x}{poll.code[1:]}/export?x=1&format=image",
    ]


def test_a_process_that_dies_is_replaced(stack: Stack) -> None:
    poll = LivePoll(stack)
    assert picture(poll.url("/export")).content.startswith(PNG)
    for vote in range(2):
        [process] = drawing(stack)
        process.send_signal(signal.SIGKILL)
        process.wait(10)
        poll.voted(vote)
        assert picture(poll.url("/export")).content.startswith(PNG)


def test_a_picture_holds_only_what_its_reader_may_see(stack: Stack) -> None:
    """B8: a stranger's file is the same for all counts; the host's shows them, before and after it was cached."""
    poll = LivePoll(stack, visibility="host_only")
    files = []
    for _ in range(2):
        poll.voted(0)
        files.append([picture(poll.url("/export"), headers=who).content for who in ({}, poll.host, {})])
    (before, hosts_before, again), (after, hosts_after, _) = files
    assert before == after == again
    assert len({before, hosts_before, hosts_after}) == 3
    refused = picture(poll.url("/export"), headers={"x-host-auth": "wrong"})
    assert (refused.status_code, set(refused.json())) == (403, {"error", "code"})
    answer = picture(poll.url("/export"))
    assert (answer.headers["content-type"], answer.headers["cache-control"]) == ("image/png", "no-store")
    assert answer.headers["content-disposition"] == f'attachment; filename="poll-{poll.code}.png"'
    assert picture(f"{stack.url()}/api/polls/NOSUCH/export").status_code == 404
    assert picture(f"{stack.url()}/api/rooms/NOSUCH/export").status_code == 404


def test_the_process_ends_with_the_site(own_stack: Any) -> None:
    """Neither Ctrl-C nor kill -9 of the web process leaves one behind."""
    stack = own_stack("pictures", 14)
    for number in (signal.SIGINT, signal.SIGKILL):
        stack.start("web")
        assert picture(LivePoll(stack).url("/export")).content.startswith(PNG)
        [process] = drawing(stack)
        stack.signal("web", number)
        stack.processes.pop("web").wait(20)
        process.wait(10)


# ------------------------------------------------------------------------------------------------------- by itself
def order(title: str) -> bytes:
    """A small picture."""
    return Order("bars", title, (("a", 1, 100.0),), "n").packed()


def test_kept_shared_and_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    """One order is drawn once for all who ask at the same time or later, until others took its room."""

    async def run() -> None:
        drawer, asked = Drawer(PROGRAM), []
        exchanged = pictures._exchanged

        async def counted(process: Any, packed: bytes) -> Any:
            asked.append(packed)
            return await exchanged(process, packed)

        monkeypatch.setattr(pictures, "_exchanged", counted)
        first = await asyncio.gather(*(drawer.draw(order("one")) for _ in range(5)))
        assert (len(set(first)), len(asked)) == (1, 1)
        assert await drawer.draw(order("one")) == first[0]
        assert len(asked) == 1
        monkeypatch.setattr(pictures, "KEPT_BYTES", len(first[0]) + 1)
        await drawer.draw(order("two"))
        await drawer.draw(order("one"))
        assert len(asked) == 3
        await drawer.aclose()

    asyncio.run(run())


def drawing_here() -> set[psutil.Process]:
    """The processes that draw for the tests' own process. A drawer of an earlier test may still have its own."""
    return {each for each in psutil.Process().children() if PROGRAM in each.cmdline()}


@pytest.mark.thorough
def test_a_picture_that_takes_too_long_is_given_up_and_the_next_is_drawn() -> None:
    async def run() -> None:
        before, drawer = drawing_here(), Drawer(PROGRAM, longest_s=60)
        await drawer.draw(order("one"))
        [process] = drawing_here() - before
        process.suspend()
        drawer._longest_s = 0.2
        with pytest.raises(Busy):
            await drawer.draw(order("two"))
        assert not process.is_running()
        drawer._longest_s = 60
        leaves = asyncio.create_task(drawer.draw(order("three")))
        await asyncio.sleep(0)
        leaves.cancel()
        assert (await drawer.draw(order("three"))).startswith(PNG), "one who leaves takes nothing from others"
        await drawer.aclose()

    asyncio.run(run())


@pytest.mark.thorough
def test_an_idle_process_ends() -> None:
    async def run() -> None:
        before, drawer = drawing_here(), Drawer(PROGRAM, idle_s=0.0)
        await drawer.draw(order("one"))
        [process] = drawing_here() - before
        await asyncio.to_thread(process.wait, 10)
        assert (await drawer.draw(order("two"))).startswith(PNG)
        await drawer.aclose()

    asyncio.run(run())


def test_one_at_a_time_for_each_client(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pictures, "MOST_WAITING_IN_ALL", 12)

    async def run() -> None:
        turns, free, running = Turns(), asyncio.Event(), []

        async def one(client: str) -> None:
            async with turns.of(client):
                running.append(client)
                await free.wait()

        tasks = [asyncio.create_task(one(client)) for client in ["a"] * 9 + ["b", "c"]]
        await asyncio.sleep(0)
        with pytest.raises(TooMany):
            await one("a")
        tasks.append(asyncio.create_task(one("d")))
        await asyncio.sleep(0)
        with pytest.raises(Busy):
            await one("e")
        assert sorted(running) == ["a", "b", "c", "d"]
        free.set()
        await asyncio.gather(*tasks)
        assert turns._locks == {} and turns._waiting == 0

    asyncio.run(run())
