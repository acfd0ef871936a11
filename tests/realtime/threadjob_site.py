"""The site that test_threadjob.py visits, run by a real server in a separate process.

Paths below /control/ are answered in the event loop, so a test can steer jobs that hold every thread. `key` in a path
names one visit: `begun:key`, `ended:key` and `closed:key` are marks that jobs leave; the gate `key` holds them.
"""

import asyncio
import hashlib
import json
import logging
import sys
import threading
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator
from wsgiref.types import StartResponse, WSGIEnvironment

from core.asgi_types import Receive, Scope, Send
from realtime.django.threadjob import ThreadJobs

PATIENCE_S = 5.0
gates: defaultdict[str, threading.Event] = defaultdict(threading.Event)
marks: Counter[str] = Counter()
marked = threading.Condition()


def mark(name: str) -> None:
    with marked:
        marks[name] += 1
        marked.notify_all()


def wait_for(name: str) -> bool:
    with marked:
        return marked.wait_for(lambda: marks[name] > 0, PATIENCE_S)


class Body:
    """A streamed body that marks its close."""

    def __init__(self, key: str, chunks: Iterable[bytes]) -> None:
        self._key = key
        self._chunks = iter(chunks)

    def __iter__(self) -> Iterator[bytes]:
        return self._chunks

    def close(self) -> None:
        mark(f"closed:{self._key}")
        mark(f"closed-in:{threading.current_thread().name.rstrip('0123456789')}:{self._key}")


def echo(environ: WSGIEnvironment, start: StartResponse, key: str) -> Iterable[bytes]:
    body = environ["wsgi.input"].read()
    start("200 OK", [("Content-Type", "application/json")])
    told = environ.get("CONTENT_LENGTH")
    return [json.dumps({"length": len(body), "sha256": hashlib.sha256(body).hexdigest(), "told": told}).encode()]


def show(environ: WSGIEnvironment, start: StartResponse, key: str) -> Iterable[bytes]:
    start("200 OK", [("Content-Type", "application/json")])
    return [json.dumps({k: v for k, v in environ.items() if isinstance(v, str | bool)}).encode()]


def slow(environ: WSGIEnvironment, start: StartResponse, key: str) -> Iterable[bytes]:
    mark(f"begun:{key}")
    gates[key].wait(PATIENCE_S)
    start("200 OK", [])
    mark(f"ended:{key}")
    return Body(key, [b"slow"])


def stream(environ: WSGIEnvironment, start: StartResponse, key: str) -> Iterable[bytes]:
    def chunks() -> Iterator[bytes]:
        yield b"first"
        gates[key].wait(PATIENCE_S)
        yield b"second"

    start("200 OK", [("Content-Length", "11")] if "length" in environ["QUERY_STRING"] else [])
    return Body(key, chunks())


def endless(environ: WSGIEnvironment, start: StartResponse, key: str) -> Iterable[bytes]:
    def chunks() -> Iterator[bytes]:
        while True:
            yield bytes(64 * 1024)

    start("200 OK", [])
    return Body(key, chunks())


def fail(environ: WSGIEnvironment, start: StartResponse, key: str) -> Iterable[bytes]:
    raise ValueError(f"secret words {key}")


def fail_late(environ: WSGIEnvironment, start: StartResponse, key: str) -> Iterable[bytes]:
    def chunks() -> Iterator[bytes]:
        yield b"part"
        raise ValueError(f"secret words {key}")

    start("200 OK", [("Content-Length", "1000")] if "length" in environ["QUERY_STRING"] else [])
    return Body(key, chunks())


def too_short(environ: WSGIEnvironment, start: StartResponse, key: str) -> Iterable[bytes]:
    start("200 OK", [("Content-Length", "10")])
    return [b"short"]


def too_long(environ: WSGIEnvironment, start: StartResponse, key: str) -> Iterable[bytes]:
    start("200 OK", [("Content-Length", "5")])
    return Body(key, [b"12", b"345678"])


def second_thought(environ: WSGIEnvironment, start: StartResponse, key: str) -> Iterable[bytes]:
    start("200 OK", [("X-First", "yes")])
    try:
        raise ValueError("on second thought")
    except ValueError:
        start("409 Conflict", [("X-Second", "yes")], sys.exc_info())
    return [b"sorry"]


def written(environ: WSGIEnvironment, start: StartResponse, key: str) -> Iterable[bytes]:
    write = start("200 OK", [])
    write(b"written, ")
    return [b"returned"]


def started_late(environ: WSGIEnvironment, start: StartResponse, key: str) -> Iterable[bytes]:
    yield b""
    start("202 Accepted", [])
    yield b"late"


def cookies(environ: WSGIEnvironment, start: StartResponse, key: str) -> Iterable[bytes]:
    start("200 OK", [("Set-Cookie", "a=1"), ("Set-Cookie", "b=2"), ("X-Name", "caf\xe9")])
    return [b"ok"]


def bare(environ: WSGIEnvironment, start: StartResponse, key: str) -> Iterable[bytes]:
    """Answers with the status in `key` and, wrongly for some, a body."""
    start(f"{key} Whatever", [("Content-Length", "4"), ("ETag", '"1"')])
    return Body(key, [b"body"])


PAGES: dict[str, Callable[[WSGIEnvironment, StartResponse, str], Iterable[bytes]]] = {
    "echo": echo,
    "small": echo,
    "show": show,
    "slow": slow,
    "stream": stream,
    "endless": endless,
    "fail": fail,
    "fail-late": fail_late,
    "too-short": too_short,
    "too-long": too_long,
    "second-thought": second_thought,
    "written": written,
    "started-late": started_late,
    "cookies": cookies,
    "bare": bare,
}


def wsgi(environ: WSGIEnvironment, start: StartResponse) -> Iterable[bytes]:
    page, _, key = environ["PATH_INFO"].removeprefix("/api").lstrip("/").partition("/")
    return PAGES[page](environ, start, key)


def body_limit(path: str) -> int:
    return 1000 if "/small" in path else 8 * 1024 * 1024


pools = {
    b"two": ThreadJobs(wsgi, threads=2, body_limit=body_limit),
    b"one": ThreadJobs(wsgi, threads=1, body_limit=body_limit, max_waiting=1),
}


async def control(path: str) -> object:
    verb, _, name = path.removeprefix("/control/").partition("/")
    if verb == "open":
        gates[name].set()
        return True
    if verb == "wait":
        return await asyncio.to_thread(wait_for, name)
    if verb == "waiting":  # until that many wait for the pool's thread
        async with asyncio.timeout(PATIENCE_S):
            while pools[b"one"].waiting != int(name):
                await asyncio.sleep(0.002)
        return True
    with marked:
        return dict(marks)


async def application(scope: Scope, receive: Receive, send: Send) -> None:
    if scope["type"] == "lifespan":
        while (await receive())["type"] != "lifespan.shutdown":
            await send({"type": "lifespan.startup.complete"})
        for pool in pools.values():
            await pool.aclose(1.0)
        await send({"type": "lifespan.shutdown.complete"})
    elif scope["type"] == "http" and scope["path"].startswith("/control/"):
        answer = json.dumps(await control(scope["path"])).encode()
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": answer, "more_body": False})
    elif scope["type"] == "http":
        await pools[dict(scope["headers"]).get(b"pool", b"two")](scope, receive, send)


logging.basicConfig(stream=sys.stderr, level=logging.WARNING, force=True)
