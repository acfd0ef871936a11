"""Django's test client goes in by the one door: what the event loop answers in the running program (config/edge.py) is answered
by the same code here, and everything else by Django.

The event loop runs in its own thread. Thread jobs run in the test's thread, which alone sees the test's transaction. No state is
kept between requests, in memory or in Redis: tests change rows without a message.
"""

import asyncio
import queue
import threading
from collections.abc import Callable, Sequence
from contextvars import ContextVar
from typing import Any
from wsgiref.types import WSGIEnvironment

from django.core.handlers.wsgi import WSGIRequest
from django.http import HttpResponse
from django.test.client import ClientHandler

from config.edge import ROUTES, Edge
from config.live import Live
from core.asgi_types import Message, Scope
from core.cache import sync_redis
from core.identifiers import canonical
from polls.ballots import record
from polls.outcomes import Cast, Outcome
from realtime.pictures import Drawer
from realtime.routes import Pattern
from web.charts import PROGRAM

PATTERNS = [(route.methods, Pattern(route.path)) for route in ROUTES]
Job = Callable[[], None]
# The jobs of the request that is being answered; None at its end.
JOBS: ContextVar["queue.SimpleQueue[Job | None]"] = ContextVar("JOBS")


def is_hot(method: str, path: str) -> bool:
    """Whether the event loop answers this."""
    return any(method in methods and pattern.match(path) for methods, pattern in PATTERNS)


async def run(function: Callable[..., Any], *arguments: Any, **more: Any) -> Any:
    """A function as a thread job: in the thread of the test."""
    loop = asyncio.get_running_loop()
    outcome: asyncio.Future[Any] = loop.create_future()

    def job() -> None:
        try:
            value = function(*arguments, **more)
        except Exception as problem:
            loop.call_soon_threadsafe(outcome.set_exception, problem)
        else:
            loop.call_soon_threadsafe(outcome.set_result, value)

    JOBS.get().put(job)
    return await outcome


async def _record(batch: Sequence[Cast], *, wait: bool) -> list[Outcome]:
    outcomes: list[Outcome] = await run(record, batch, wait=wait)
    return outcomes


def _listen_to_nothing() -> None:
    """In place of Hub.start."""


async def _never(*_: Any) -> None:
    raise AssertionError("the event loop answers this path itself")


class OneDoor:
    """Answers hot requests. All tests of a process share it."""

    def __init__(self) -> None:
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="one door", daemon=True)
        self._thread.start()
        self._drawer = Drawer(PROGRAM)

    def answer(self, environ: WSGIEnvironment, path: str) -> HttpResponse:
        """What the program answers; exceptions of the request are raised."""
        for kind in ("line", "poll"):
            for key in sync_redis().scan_iter(f"tl:{kind}:*", count=1000):
                sync_redis().delete(key)
        jobs: queue.SimpleQueue[Job | None] = queue.SimpleQueue()
        JOBS.set(jobs)
        scope = _scope(environ, path)
        body = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
        asked = asyncio.run_coroutine_threadsafe(self._ask(jobs, scope, body), self._loop)
        asked.add_done_callback(lambda _: jobs.put(None))
        while (job := jobs.get()) is not None:
            job()
        status, headers, content = asked.result()
        response = HttpResponse(content, status=status)
        del response.headers["Content-Type"]
        for name, value in headers:
            if name == b"set-cookie":
                response.cookies.load(value.decode("latin-1"))
            else:
                response.headers[name.decode("latin-1").title()] = value.decode("latin-1")
        return response

    async def _ask(self, jobs: Any, scope: Scope, body: bytes) -> tuple[int, list[tuple[bytes, bytes]], bytes]:
        JOBS.set(jobs)
        live = Live(run, _record, drawer=self._drawer)
        # One request hears no news of others. To begin to listen and to end it took 7 ms of CPU, and 45 ms.
        live.runtime.hub.start = _listen_to_nothing  # type: ignore[method-assign]
        sent: list[Message] = []

        async def receive() -> Message:
            return {"type": "http.request", "body": body, "more_body": False}

        async def send(message: Message) -> None:
            sent.append(message)

        edge = Edge(_never, live)
        try:
            await edge(scope, receive, send)
        finally:
            await live.runtime.aclose()
        return sent[0]["status"], sent[0]["headers"], b"".join(message.get("body", b"") for message in sent[1:])

    def close(self) -> None:
        """Ends the loop and the drawing process."""
        asyncio.run_coroutine_threadsafe(self._drawer.aclose(), self._loop).result()
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        # Each request had a channel layer, and each layer has put its own `close` around the loop's: too many to call.
        type(self._loop).close(self._loop)


def _scope(environ: WSGIEnvironment, path: str) -> Scope:
    headers = [
        (name.removeprefix("HTTP_").replace("_", "-").lower().encode(), str(value).encode("latin-1"))
        for name, value in environ.items()
        if name.startswith("HTTP_") or name in {"CONTENT_TYPE", "CONTENT_LENGTH"}
    ]
    port = environ["SERVER_PORT"]
    host = environ["SERVER_NAME"] + ("" if port in {"80", "443"} else f":{port}")
    return {
        "type": "http",
        "http_version": "1.1",
        "method": environ["REQUEST_METHOD"],
        "scheme": environ["wsgi.url_scheme"],
        "path": path,
        "raw_path": path.encode(),
        "query_string": environ.get("QUERY_STRING", "").encode("latin-1"),
        "headers": headers if "HTTP_HOST" in environ else [*headers, (b"host", host.encode())],
        "client": (environ["REMOTE_ADDR"], 1),
        "server": (environ["SERVER_NAME"], int(port)),
    }


def handler(door: OneDoor) -> Callable[[ClientHandler, WSGIEnvironment], Any]:
    """What takes the place of ClientHandler.__call__."""
    django = ClientHandler.__call__

    def answer(self: ClientHandler, environ: WSGIEnvironment) -> Any:
        path = environ["PATH_INFO"].encode("latin-1").decode("utf-8", "replace")
        if not is_hot(environ["REQUEST_METHOD"], canonical(path)):
            return django(self, environ)
        response = door.answer(environ, path)
        response.wsgi_request = WSGIRequest(environ)  # type: ignore[attr-defined]
        return response

    return answer
