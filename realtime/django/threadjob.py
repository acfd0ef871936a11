"""Django inside the ASGI process: each whole WSGI request is one job on a few persistent threads (law 6).

Django's own ASGI handler changes threads for each middleware and signal of a request. Here the body is read in the
event loop, one thread does all of Django's work, and an ordinary answer returns in one hand-over. Sources: PEP 3333 and
the ASGI HTTP specification, version 2.3 and later.
"""

import asyncio
import logging
from collections.abc import Callable
from http import HTTPStatus
from typing import Any, Generic, NoReturn, ParamSpec, TypeVar
from wsgiref.types import WSGIApplication

from django.conf import settings
from django.db import close_old_connections, connections

from core.asgi_types import Receive, Scope, Send
from realtime.django.jobpool import Busy, JobPool
from realtime.django.request_body import ClientLeft, TooLong, linger, read_body
from realtime.django.wsgi_environ import local_path
from realtime.django.wsgi_job import Answer, Stream, WSGIJob, plain_answer, tell

logger = logging.getLogger(__name__)
P = ParamSpec("P")
T = TypeVar("T")

# A reader of a stream that takes nothing for this long gives its thread back.
STALL_S = 30.0
CLOSE = (b"connection", b"close")
RETRY = (b"retry-after", b"1")


class Jobs:
    """Runs functions on `threads` (1 to 8) persistent threads, for code in the event loop that needs the ORM."""

    def __init__(self, *, threads: int, name: str, max_waiting: int = 4096) -> None:
        if not 1 <= threads <= 8:
            raise ValueError(
                "threads must be 1 to 8; each costs a connection of Postgres, and one interpreter lock is enough"
            )
        self._pool = JobPool(threads, max_waiting, name=name, at_thread_end=_close_connections)

    @property
    def waiting(self) -> int:
        """How many jobs wait for a thread."""
        return self._pool.waiting

    @property
    def running(self) -> int:
        """How many jobs have a thread, 0 to `threads`."""
        return self._pool.running

    async def run(self, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Runs `function` in one of the threads.

        Returns or raises what it does; raises Busy when the queue is full or the pool closes. A connection that broke
        is replaced first, as at the start of a request. Cancelled while it waits it never runs; later, to its end.
        """
        call = _Call(lambda: function(*args, **kwargs))
        self._pool.submit(call)
        try:
            outcome = await call.outcome
        except asyncio.CancelledError:
            self._pool.drop(call)
            raise
        return outcome()

    async def aclose(self, timeout_s: float) -> bool:
        """Takes no more jobs, lets those there end, then ends the threads and their connections of Postgres.

        After `timeout_s` seconds waiting jobs are refused and streams cut; True when every thread has ended. A thread
        still in Postgres then ends with its statement, and the process with it.
        """
        self._pool.close()
        if await asyncio.to_thread(self._pool.join, timeout_s):
            return True
        self._pool.abandon()
        ended = await asyncio.to_thread(self._pool.join, 1.0)
        if not ended:
            logger.warning("%d jobs run on after %.1f s; the process ends when they do", self._pool.running, timeout_s)
        return ended


class ThreadJobs(Jobs):
    """An ASGI application that runs `wsgi_app` on `threads` (1 to 8) threads.

    `body_limit(path)` is the longest body taken there, in bytes: more is answered 413. With `max_waiting` requests
    waiting for a thread the next is answered 503, Retry-After: 1 s. Only "http" scopes; the lifespan belongs to the
    caller, who calls `aclose` at its end. Threads start with the first request: an instance may be made at import.
    """

    def __init__(
        self, wsgi_app: WSGIApplication, *, threads: int, body_limit: Callable[[str], int], max_waiting: int = 4096
    ) -> None:
        super().__init__(threads=threads, name="django", max_waiting=max_waiting)
        self._app = wsgi_app
        self._body_limit = body_limit

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answers one request. A client that leaves is never an error here."""
        if scope["type"] != "http":
            raise ValueError(f"ThreadJobs answers HTTP requests, not {scope['type']!r}")
        try:
            body, length = await read_body(scope, receive, self._body_limit(local_path(scope)))
        except ClientLeft:
            return
        except TooLong:
            await refuse_body(scope, receive, send)
            return
        job = WSGIJob(self._app, scope, body, length)
        try:
            at_once = self._pool.submit(job)
        except Busy:
            body.close()
            await _send_whole(
                send, plain_answer(scope, HTTPStatus.SERVICE_UNAVAILABLE, "Too busy at the moment", RETRY)
            )
            return
        # A task for each request would cost more than it tells: a job that has a thread runs to its end anyway.
        watch = None if at_once else asyncio.create_task(self._watch(receive, job))
        try:
            answer = await job.answer
            if answer is None:
                return
            if answer.stream is None:
                await _send_whole(send, answer)
                return
            if watch is None:
                watch = asyncio.create_task(self._watch(receive, job))
            await _send_stream(send, answer, answer.stream)
        except (ClientLeft, OSError):
            # Cut by its application, or by a reader that left (send may raise OSError) or stalled (TimeoutError).
            self._forget(job)
            _drop_connection(send)
        except BaseException:
            self._forget(job)
            raise
        finally:
            if watch is not None:
                watch.cancel()

    async def _watch(self, receive: Receive, job: WSGIJob) -> None:
        """Waits for the client to leave. Started only for requests that wait in the line or stream their answer."""
        while (await receive())["type"] != "http.disconnect":
            pass
        self._forget(job)

    def _forget(self, job: WSGIJob) -> None:
        job.client_left(ever_ran=not self._pool.drop(job))


class _Call(Generic[T]):
    """A function call as a job. `outcome` resolves to a function that returns, or raises, what the call did."""

    def __init__(self, function: Callable[[], T]) -> None:
        self._function = function
        self._loop = asyncio.get_running_loop()
        self.outcome: asyncio.Future[Callable[[], T]] = self._loop.create_future()

    def run(self) -> None:
        try:
            if settings.configured:
                close_old_connections()
            value = self._function()
        except BaseException as error:
            self._finish(_raiser(error))
        else:
            self._finish(lambda: value)

    def refuse(self) -> None:
        self._finish(_raiser(Busy()))

    def abandon(self) -> None:
        """A call does not wait for a client."""

    def _finish(self, outcome: Callable[[], T]) -> None:
        tell(self._loop, self._resolve, outcome)

    def _resolve(self, outcome: Callable[[], T]) -> None:
        if not self.outcome.done():
            self.outcome.set_result(outcome)


def _raiser(error: BaseException) -> Callable[[], NoReturn]:
    def raise_it() -> NoReturn:
        raise error

    return raise_it


async def refuse_body(scope: Scope, receive: Receive, send: Send) -> None:
    """Answers 413 at once, listens to what is already under way, and then has the server close the connection."""
    answer = plain_answer(scope, HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "The request body is too large", CLOSE)
    await _send_whole(send, answer, more_body=True)
    await linger(receive)
    await send({"type": "http.response.body", "body": b"", "more_body": False})


async def _send_whole(send: Send, answer: Answer, *, more_body: bool = False) -> None:
    await send(_start(answer))
    await send({"type": "http.response.body", "body": answer.body, "more_body": more_body})


async def _send_stream(send: Send, answer: Answer, stream: Stream) -> None:
    """Sends chunks as they come. Raises ClientLeft when the body ends early, TimeoutError when the reader stalls."""
    await send(_start(answer))
    more = True
    while more:
        chunk, more = await stream.take()
        async with asyncio.timeout(STALL_S):
            await send({"type": "http.response.body", "body": chunk, "more_body": more})


def _start(answer: Answer) -> dict[str, Any]:
    return {"type": "http.response.start", "status": answer.status, "headers": answer.headers}


def _drop_connection(send: Send) -> None:
    """Makes an answer that was cut short look cut short: the caller returns without a last body message.

    That is all ASGI offers, and uvicorn closes the connection then. Daphne would keep it open; and should the
    application raise instead, Daphne begins a second answer, which ends the loop that reaps its requests. So its
    Twisted request, bound in the `partial` it gives as `send`, is asked to hang up. A middleware that wraps `send` in
    anything but another `partial` hides it.
    """
    for bound in getattr(send, "args", ()):
        if (channel := getattr(bound, "channel", None)) is not None:
            channel.loseConnection()
        _drop_connection(bound)


def _close_connections() -> None:
    if settings.configured:
        connections.close_all()
