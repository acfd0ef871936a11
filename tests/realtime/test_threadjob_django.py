"""Law 6: what the threads keep (Django's connections), what they are lent for (`run`), and how they end."""

import asyncio
import contextlib
import socket
import subprocess
import sys
import threading
from collections.abc import AsyncIterator, Callable, Coroutine, Iterable, Iterator
from contextvars import ContextVar
from typing import Any
from wsgiref.types import StartResponse, WSGIEnvironment

import httpx
import pytest
import uvicorn
from django.core.cache import caches
from django.core.handlers.wsgi import WSGIHandler
from django.core.signals import request_finished, request_started
from django.db import connection
from django.http import HttpRequest, HttpResponse
from django.test import override_settings
from django.urls import path

import realtime.django.threadjob
from core.asgi_types import Message, Scope
from realtime.django.jobpool import Busy
from realtime.django.threadjob import ThreadJobs
from realtime.django.wsgi_job import WINDOW_BYTES
from tests.installation import ROOT, wait_until

THREADS = 3
PATIENCE_S = 5.0
submitters = ContextVar("submitters", default="nobody's")


def ask_postgres(request: HttpRequest) -> HttpResponse:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid(), pg_sleep(0.002)")
        return HttpResponse(str(cursor.fetchone()[0]))


urlpatterns = [path("pid", ask_postgres)]


def no_app(environ: WSGIEnvironment, start: StartResponse) -> Iterable[bytes]:
    raise AssertionError("no request is made here")


@contextlib.asynccontextmanager
async def pool(app: Any = no_app, *, threads: int = 1, **options: Any) -> AsyncIterator[ThreadJobs]:
    jobs = ThreadJobs(app, threads=threads, body_limit=lambda path: 1000, **options)
    try:
        yield jobs
    finally:
        await jobs.aclose(PATIENCE_S)


def in_a_loop(test: Callable[[], Coroutine[Any, Any, None]]) -> Callable[[], None]:
    return lambda: asyncio.run(test())


@contextlib.asynccontextmanager
async def served(app: Any) -> AsyncIterator[str]:
    """`app` behind uvicorn in this process; its address."""
    with socket.create_server(("127.0.0.1", 0), backlog=300) as listening:
        server = uvicorn.Server(uvicorn.Config(app, log_config=None, lifespan="off", proxy_headers=False))
        running = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
        running.start()
        yield f"http://127.0.0.1:{listening.getsockname()[1]}"
        server.should_exit = True
        await asyncio.to_thread(running.join)


def others_connected() -> set[int]:
    """Connections of this database besides the caller's own: the pids of their processes."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
            " AND backend_type = 'client backend'"
        )
        return {pid for (pid,) in cursor.fetchall()}


# ---------------------------------------------------------------------------------------------------- what threads keep
@pytest.mark.thorough
@pytest.mark.django_db(transaction=True)
@override_settings(ROOT_URLCONF=__name__, MIDDLEWARE=[], ALLOWED_HOSTS=["*"])
def test_connections_of_postgres_are_bounded_by_the_threads_and_kept() -> None:
    before = others_connected()  # of earlier tests; it may end at any time
    signals: list[str] = []
    began = lambda **_: signals.append("began")  # noqa: E731 - signals hold weak references to what they call
    ended = lambda **_: signals.append("ended")  # noqa: E731
    request_started.connect(began)
    request_finished.connect(ended)

    async def visit() -> list[str]:
        async with pool(WSGIHandler(), threads=THREADS) as jobs, served(jobs) as url:
            limits = httpx.Limits(max_connections=40)
            async with httpx.AsyncClient(base_url=url, limits=limits, timeout=20) as http:
                answers = await asyncio.gather(*(http.get("/pid") for _ in range(200)))
                # The main thread's own, and the threads' without the one that asks.
                assert len(await jobs.run(others_connected) - before) == 1 + THREADS - 1
        return [answer.text for answer in answers]

    try:
        assert len(set(asyncio.run(visit()))) == THREADS
    finally:
        request_started.disconnect(began)
        request_finished.disconnect(ended)
    assert (signals.count("began"), signals.count("ended")) == (200, 200)
    # Postgres notices the end of a connection a moment after it.
    wait_until(lambda: others_connected() <= before, what="the threads' connections to end")


@in_a_loop
async def test_a_thread_keeps_its_context_and_takes_none() -> None:
    submitters.set("mine")
    async with pool() as jobs:
        first = await jobs.run(lambda: caches["default"])
        assert await jobs.run(lambda: caches["default"]) is first
        assert await jobs.run(submitters.get) == "nobody's"


# -------------------------------------------------------------------------------------------------------------- run
@pytest.mark.django_db(transaction=True)
def test_run_returns_raises_and_replaces_a_broken_connection() -> None:
    def pid() -> int:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_backend_pid()")
            found: int = cursor.fetchone()[0]
            return found

    def break_it() -> None:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_terminate_backend(pg_backend_pid())")

    async def use() -> None:
        async with pool() as jobs:
            first = await jobs.run(pid)
            assert await jobs.run(pid) == first
            with pytest.raises(Exception, match="terminating"):
                await jobs.run(break_it)
            assert await jobs.run(pid) != first

    asyncio.run(use())


@in_a_loop
async def test_run_is_refused_when_the_line_is_full_and_never_begins_when_cancelled() -> None:
    held, gate, ran = threading.Event(), threading.Event(), threading.Event()

    def hold() -> str:
        held.set()
        gate.wait(PATIENCE_S)
        return "held"

    async with pool(max_waiting=1) as jobs:
        first = asyncio.create_task(jobs.run(hold))
        await asyncio.to_thread(held.wait, PATIENCE_S)
        second = asyncio.create_task(jobs.run(ran.set))
        await asyncio.sleep(0)  # lets `second` enter the line
        with pytest.raises(Busy):
            await jobs.run(ran.set)
        second.cancel()
        with pytest.raises(asyncio.CancelledError):
            await second
        assert (jobs.running, jobs.waiting) == (1, 0)
        gate.set()
        assert await first == "held"
    assert not ran.is_set()


# ---------------------------------------------------------------------------------------------------------- the end
@in_a_loop
async def test_closing_waits_for_what_runs_and_refuses_the_rest() -> None:
    held, gate, in_time = threading.Event(), threading.Event(), []

    def hold() -> None:
        held.set()
        in_time.append(gate.wait(PATIENCE_S))

    jobs = ThreadJobs(no_app, threads=1, body_limit=lambda path: 0)
    running = asyncio.create_task(jobs.run(hold))
    await asyncio.to_thread(held.wait, PATIENCE_S)
    waiting = asyncio.create_task(jobs.run(lambda: None))
    await asyncio.sleep(0)  # lets `waiting` enter the line
    assert jobs.waiting == 1
    closing = asyncio.create_task(jobs.aclose(0.05))
    with pytest.raises(Busy):
        await waiting
    with pytest.raises(Busy):
        await jobs.run(lambda: None)
    gate.set()
    await running
    assert await closing
    assert in_time == [True]
    assert not [thread for thread in threading.enumerate() if thread.name == "django-1"]


FORGETFUL = """
import asyncio
from tests.realtime.test_threadjob_django import ThreadJobs, Visit

visit, loop = Visit(), asyncio.new_event_loop()

async def main():
    visit.going = asyncio.create_task(visit.to(ThreadJobs(visit.app, threads=1, body_limit=lambda path: 0)))
    await asyncio.to_thread(visit.sending.wait)

loop.run_until_complete(main())
"""


@pytest.mark.thorough
def test_a_process_that_forgets_to_close_still_ends() -> None:
    subprocess.run([sys.executable, "-c", FORGETFUL], cwd=ROOT, timeout=10, check=True, capture_output=True)


# ----------------------------------------------------------------------------------------------- readers that are slow
class Visit:
    """One request straight into the application; `send` blocks until `reading` is set."""

    def __init__(self) -> None:
        self.made = 0
        self.overrun = threading.Event()
        self.sending = threading.Event()
        self.closed = threading.Event()
        self.reading = asyncio.Event()
        self.body = b""
        self._asked = False

    def app(self, environ: WSGIEnvironment, start: StartResponse) -> Iterable[bytes]:
        start("200 OK", [])
        return self

    def __iter__(self) -> Iterator[bytes]:
        # Twice the window, and two chunks: what is being sent, and what waits for a place.
        for _ in range(40):
            self.made += WINDOW_BYTES // 16
            if self.made > WINDOW_BYTES + 2 * WINDOW_BYTES // 16:
                self.overrun.set()
            yield bytes(WINDOW_BYTES // 16)

    def close(self) -> None:
        self.closed.set()

    async def receive(self) -> Message:
        if self._asked:
            await asyncio.Event().wait()
        self._asked = True
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(self, message: Message) -> None:
        if message.get("body"):
            self.sending.set()
            await self.reading.wait()
        self.body += message.get("body", b"")

    async def to(self, jobs: ThreadJobs) -> None:
        scope: Scope = {
            "type": "http", "http_version": "1.1", "method": "GET", "path": "/", "query_string": b"", "headers": []
        }  # fmt: skip
        await jobs(scope, self.receive, self.send)


@in_a_loop
async def test_an_application_runs_ahead_of_its_reader_by_one_window_only() -> None:
    visit = Visit()
    async with pool(visit.app) as jobs:
        going = asyncio.create_task(visit.to(jobs))
        assert not await asyncio.to_thread(visit.overrun.wait, 0.3)
        visit.reading.set()
        await going
    assert len(visit.body) == visit.made == 40 * (WINDOW_BYTES // 16)


def test_a_reader_that_takes_nothing_gives_its_thread_back(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(realtime.django.threadjob, "STALL_S", 0.05)

    async def stall() -> None:
        visit = Visit()
        async with pool(visit.app) as jobs:
            await visit.to(jobs)
            assert await asyncio.to_thread(visit.closed.wait, PATIENCE_S)
            assert await jobs.run(lambda: "free") == "free"

    asyncio.run(stall())


@in_a_loop
async def test_a_request_that_is_cancelled_stops_its_stream() -> None:
    visit = Visit()
    async with pool(visit.app) as jobs:
        going = asyncio.create_task(visit.to(jobs))
        await asyncio.to_thread(visit.sending.wait, PATIENCE_S)
        going.cancel()
        assert await asyncio.to_thread(visit.closed.wait, PATIENCE_S)
