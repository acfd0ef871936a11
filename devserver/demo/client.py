"""A client of the running program's HTTP API that counts failures."""

import asyncio
import json
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any

import urllib3

TIMEOUT_S = 15.0
TRIES = 5


@dataclass(slots=True)
class Tally:
    """Counts of actions and failures. `problems` holds the first few as sentences. `latest_s`: the longest time from an action's
    due time to its answer, in real seconds, which grows on a machine that cannot keep up."""

    joins: int = 0
    served: int = 0
    no_shows: int = 0
    left: int = 0
    in_line: int = 0
    most_in_line: int = 0
    polls: int = 0
    not_modified: int = 0
    socket_messages: int = 0
    sockets_opened: int = 0
    limited: int = 0
    errors: int = 0
    server_errors: int = 0
    lost: int = 0
    seconds: float = 0.0
    latest_s: float = 0.0
    latencies_ms: list[float] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)

    def wrong(self, what: str, *, status: int | None = None, lost: bool = False) -> None:
        """Counts one failure."""
        self.errors += 1
        self.server_errors += status is not None and status >= 500
        self.lost += lost
        if len(self.problems) < 10:
            self.problems.append(what)

    def change_in_line(self, by: int) -> None:
        """Counts an arrival or a departure."""
        self.in_line += by
        self.most_in_line = max(self.most_in_line, self.in_line)

    def latency_ms(self, share: float) -> float:
        """The latency within which this share of all actions was answered."""
        ordered = sorted(self.latencies_ms)
        return ordered[min(len(ordered) - 1, int(share * len(ordered)))] if ordered else 0.0


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer and its latency; status 0 when none came."""

    status: int
    body: Any
    etag: str = ""
    ms: float = 0.0


class Api:
    """A bounded pool of threads with a connection each. Must be closed."""

    def __init__(self, url: str, tally: Tally, *, threads: int = 16) -> None:
        self.url = url.rstrip("/")
        self.tally = tally
        self._pool = urllib3.PoolManager(num_pools=1, maxsize=threads, block=True, retries=False)
        self._threads = ThreadPoolExecutor(threads, thread_name_prefix="demo")

    def close(self) -> None:
        """Ends threads and connections."""
        self._threads.shutdown(wait=True, cancel_futures=True)
        self._pool.clear()

    def request(self, method: str, path: str, body: Any = None, **headers: str) -> Answer:
        """Sends one request; never raises: a lost connection is status 0. Underscores in header names become dashes."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        content = None if body is None else json.dumps(body)
        began = time.perf_counter()
        try:
            answer = self._pool.request(method, self.url + path, body=content, headers=named, timeout=TIMEOUT_S)
            text = answer.data
        except urllib3.exceptions.HTTPError as problem:
            return Answer(0, repr(problem))
        try:
            value = json.loads(text) if text else None
        except ValueError:
            value = text.decode(errors="replace")
        if answer.status == 429:
            value = min(float(answer.headers.get("retry-after", "1") or 1), 30.0)
        etag = answer.headers.get("etag", "")
        return Answer(answer.status, value, etag, ms=(time.perf_counter() - began) * 1000)

    async def ask(self, method: str, path: str, body: Any = None, **headers: str) -> Answer:
        """The same from a coroutine, in a thread."""
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._threads, lambda: self.request(method, path, body, **headers))

    async def act(self, path: str, body: Any = None, **headers: str) -> Answer:
        """Sends a POST that must succeed; any other answer is counted as a failure.

        Waits for Retry-After when over a rate limit. Repeats a failed request only with an Idempotency-Key.
        """
        for _ in range(TRIES):
            answer = await self.ask("POST", path, body, **headers)
            self.tally.latencies_ms.append(answer.ms)
            if answer.status == 429:
                self.tally.limited += 1
                await asyncio.sleep(answer.body)
                continue
            if answer.status == 200:
                return answer
            self.tally.wrong(f"POST {path.rsplit('/', 1)[-1]}: {answer.status} {answer.body}", status=answer.status)
            if "idempotency_key" not in headers or 0 < answer.status < 500:
                return answer
            await asyncio.sleep(1)
        return answer
