"""realtime/rate_limit.py, and where it stands: exactly the limit passes, on every path that votes or holds a connection."""

import asyncio
from collections.abc import AsyncIterator, Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from functools import partial
from typing import Any
from uuid import uuid4

import httpx
import pytest
from django.test import RequestFactory
from limits import parse
from pytest_django.fixtures import Settings
from redis import Redis as SyncRedis

from core import rate_limits
from core.cache import async_redis, breaker, sync_redis
from core.errors import TooMany
from realtime.rate_limit import RateLimiter
from tests.contracts.queueup import Line
from tests.installation import NewStack, Stack, wait_until
from tests.queues.line_socket import refusal

ADDRESS = "198.51.100.7"


@pytest.fixture(autouse=True)
def limited(patient_redis: None, settings: Settings) -> None:
    """Limits are on."""
    settings.RATE_LIMITS = True


@asynccontextmanager
async def limiters(count: int) -> AsyncIterator[list[RateLimiter]]:
    """As many as there are processes."""
    clients = [async_redis() for _ in range(count)]
    yield [RateLimiter(lambda client=client: client) for client in clients]  # type: ignore[misc]
    for client in clients:
        await client.aclose()


def scope(address: str = ADDRESS) -> dict[str, Any]:
    return {"type": "http", "headers": [], "client": (address, 1)}


async def passes(limiter: RateLimiter, limit: Any, what: str, address: str = ADDRESS) -> bool:
    try:
        await limiter.check(scope(address), limit, what)
    except TooMany as refused:
        assert 1 <= (refused.retry_after_s or 0) <= 61
        return False
    return True


@pytest.mark.servers
def test_a_parallel_burst_over_several_processes_gets_exactly_the_limit() -> None:
    async def burst() -> None:
        what, limit = uuid4().hex, parse("50 per minute")
        async with limiters(3) as processes:
            tries = [passes(limiter, limit, what) for _ in range(60) for limiter in processes]
            assert sum(await asyncio.gather(*tries)) == 50
            assert not await passes(processes[0], limit, what)
            assert await passes(processes[0], limit, what, "198.51.100.8"), "somebody else is somebody else"
            assert await passes(processes[0], limit, uuid4().hex), "something else is something else"

    asyncio.run(burst())


class HeldUp:
    """A Redis whose answers wait for `answers`; `asked` has the calls of each round trip: how many tries each address made."""

    def __init__(self) -> None:
        self.answers = asyncio.Event()
        self.asked: list[list[list[int]]] = []

    def pipeline(self, *, transaction: bool) -> "HeldUp":
        self.asked.append([])
        return self

    def eval(self, script: str, keys: int, window: str, window_ms: int, *tries: Any) -> None:
        self.asked[-1].append([*tries[1::2]])

    async def execute(self) -> list[list[int]]:
        trip = self.asked[-1]
        await self.answers.wait()
        return [[1_000, *tries] for tries in trip]


def test_requests_during_a_round_trip_are_counted_together_in_the_next_one() -> None:
    async def come() -> None:
        redis = HeldUp()
        limiter, limit = RateLimiter(lambda: redis), parse("9 per minute")  # type: ignore[arg-type, return-value]
        tries = []
        for what, address in (
            ("this", ADDRESS),
            ("this", ADDRESS),
            ("that", ADDRESS),
            ("this", "other"),
            ("this", ADDRESS),
        ):
            tries.append(asyncio.create_task(passes(limiter, limit, what, address)))
            for _ in range(5):  # turns of the loop
                await asyncio.sleep(0)
        assert redis.asked == [[[1]]]
        redis.answers.set()
        assert await asyncio.gather(*tries) == [True] * 5
        assert redis.asked == [[[1]], [[2, 1], [1]]], "one call for each thing, whoever asks"

    asyncio.run(come())


@pytest.mark.servers
def test_a_burst_of_threads_and_of_the_event_loop_together_gets_exactly_the_limit() -> None:
    what, limit = uuid4().hex, parse("50 per minute")

    def in_a_thread(_: int) -> bool:
        try:
            rate_limits.check(RequestFactory().get("/", REMOTE_ADDR=ADDRESS), limit, what)
        except TooMany as refused:
            assert 1 <= (refused.retry_after_s or 0) <= 61
            return False
        return True

    async def burst() -> list[bool]:
        loop = asyncio.get_running_loop()
        with ThreadPoolExecutor(8) as threads:
            async with limiters(2) as processes:
                tries = [passes(limiter, limit, what) for _ in range(40) for limiter in processes]
                return await asyncio.gather(*tries, *(loop.run_in_executor(threads, in_a_thread, n) for n in range(40)))

    assert sum(asyncio.run(burst())) == 50
    assert not in_a_thread(0)
    assert len(list(sync_redis().scan_iter(f"*{what}*"))) == 1


@pytest.mark.servers
def test_many_addresses_counted_in_one_call_each_get_exactly_the_limit() -> None:
    async def burst() -> None:
        what, limit = uuid4().hex, parse("3 per minute")
        addresses = [f"198.51.100.{n}" for n in range(20)]
        async with limiters(2) as processes:
            tries = [
                passes(limiter, limit, what, each) for _ in range(4) for each in addresses for limiter in processes
            ]
            assert sum(await asyncio.gather(*tries)) == 3 * len(addresses)
            for each in addresses:
                assert not await passes(processes[0], limit, what, each)

    asyncio.run(burst())


@pytest.mark.servers
def test_the_window_ends() -> None:
    async def wait() -> None:
        what, limit = uuid4().hex, parse("1 per minute")
        async with limiters(1) as (limiter,):
            assert await passes(limiter, limit, what)
            assert not await passes(limiter, limit, what)
            (key,) = [key for key in sync_redis().scan_iter("tl:limit:*") if what.encode() in key]
            assert 0 < sync_redis().pttl(key) <= 60_000
            sync_redis().pexpire(key, 0)
            assert await passes(limiter, limit, what)

    asyncio.run(wait())


@pytest.mark.servers
def test_no_address_is_kept() -> None:
    async def count() -> None:
        what = uuid4().hex
        async with limiters(1) as (limiter,):
            await limiter.check(scope(), parse("9 per minute"), what)
        [key] = [key for key in sync_redis().scan_iter("tl:limit:*") if what.encode() in key]
        [counter] = sync_redis().hkeys(key)
        assert ADDRESS.encode() not in key + counter
        assert len(counter) == 16

    asyncio.run(count())


def test_without_redis_no_request_is_turned_away(monkeypatch: pytest.MonkeyPatch) -> None:
    async def away() -> None:
        async with limiters(1) as (limiter,):
            monkeypatch.setattr(limiter, "_redis", lambda: async_gone())
            limit = parse("1 per minute")
            assert [await passes(limiter, limit, "x") for _ in range(5)] == [True] * 5
            assert not breaker.closed

    def async_gone() -> Any:
        raise ConnectionRefusedError

    asyncio.run(away())


def test_limits_that_are_off_ask_no_redis(settings: Settings) -> None:
    settings.RATE_LIMITS = False

    async def ask() -> None:
        limiter = RateLimiter(lambda: pytest.fail("asked Redis"))
        await limiter.check(scope(), parse("1 per minute"), "x")

    asyncio.run(ask())


# --------------------------------------------------------------------------------------------------- where the limiter stands
@pytest.fixture(scope="module")
def strict(own_stack: NewStack) -> Stack:
    """An installation with its limits on."""
    return own_stack("strict", 11, RATE_LIMITS="on").start("web")


def spend(stack: Stack) -> None:
    """Uses up what our address may do: its counters are raised to the limits."""
    redis = SyncRedis.from_url(stack.env["REDIS_URL"])
    for key in redis.scan_iter("tl:limit:*"):
        for address in redis.hkeys(key):
            redis.hincrby(key, address, 1200)


def test_ballots_streams_and_sockets_are_limited(strict: Stack) -> None:
    base = strict.url()
    poll = strict.open_poll()

    def vote() -> httpx.Response:
        return httpx.post(f"{base}/api/polls/{poll['id']}/ballots", json={"ballotId": str(uuid4()), "choices": [0]})

    def follow() -> httpx.Response:
        with httpx.stream("GET", f"{base}/api/polls/{poll['id']}/stream") as answer:
            return answer

    line = Line.open(strict)
    voted = [vote()]
    assert (voted[0].status_code, follow().status_code) == (201, 200)
    assert refusal(line) == 401

    # As long as the server takes Redis for away, nobody is turned away (above).
    def turned_away(attempt: Callable[[], httpx.Response]) -> httpx.Response | None:
        spend(strict)
        answer = attempt()
        return answer if answer.status_code == 429 else None

    def vote_again() -> httpx.Response:
        voted.append(vote())
        return voted[-1]

    def socket_turned_away() -> bool:
        spend(strict)
        return refusal(line) == 429

    for attempt in (vote_again, follow):
        answer = wait_until(partial(turned_away, attempt), what="the limit")
        assert 1 <= int(answer.headers["retry-after"]) <= 61
    wait_until(socket_turned_away, what="the sockets' limit")
    counted = sum(answer.status_code == 201 for answer in voted)
    assert httpx.get(f"{base}/api/polls/{poll['id']}/results?cache=false").json()["ballots"] == counted


def test_an_address_that_tries_many_accounts_is_stopped(strict: Stack) -> None:
    """The thirty-first in a minute. Each costs a hash that is slow on purpose, so we do not try 27 of them."""
    with httpx.Client(base_url=strict.url()) as browser:

        def attempt(number: int) -> httpx.Response:
            browser.get("/sign-in")
            form = {
                "username": f"{number}@example.com",
                "password": "guess",
                "csrfmiddlewaretoken": browser.cookies["csrftoken"],
            }
            return browser.post("/sign-in", data=form)

        assert attempt(1).status_code == 200
        redis = SyncRedis.from_url(strict.env["REDIS_URL"])
        [key] = redis.scan_iter("*sign-in*")
        [address] = redis.hkeys(key)
        assert redis.hincrby(key, address, 27) == 28
        answers = [attempt(number) for number in range(29, 33)]
    assert [answer.status_code for answer in answers] == [200, 200, 429, 429]
    assert int(answers[-1].headers["retry-after"]) >= 1
