"""Requests at a steady rate: each is due at its moment and timed from then, so that an answer which keeps the next ones waiting
is counted as often as it kept a request waiting.
"""

import asyncio
import time
from collections import Counter, deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from benchmarks.clients.child import Child
from benchmarks.figures import percentile

PATIENCE_S = 20.0
TICK_S = 0.001
BEGUN, ENDED = "begun", "ended"
# Long enough for the parent to look at the server before connections close.
PAUSE_S = 0.1


@dataclass(slots=True)
class Outcome:
    """Seconds from when each request was due to its whole answer, in the order of the answers; `samples` every 97th body.

    `late_s`: how much later than due the client itself sent, at worst of a hundred, while it had a connection free.
    `client_s`: seconds of CPU the client used.
    """

    waits_s: list[float] = field(default_factory=list)
    statuses: Counter[int] = field(default_factory=Counter)
    samples: list[bytes] = field(default_factory=list)
    late_s: float = 0.0
    client_s: float = 0.0

    def percentile_ms(self, share: float) -> float:
        """The wait that `share` of the requests did not exceed, in ms."""
        return 1000 * percentile(self.waits_s, share)


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """`request(n)` is the n-th request as bytes; a function at the top of a module, for it goes to another process."""

    port: int
    rate: float
    seconds: float
    connections: int
    request: Callable[[int], bytes]
    core: int | None = None


class _Connection(asyncio.Protocol):
    """One request at a time."""

    def __init__(self, answered: Callable[["_Connection", int, bytes], None]) -> None:
        self._answered = answered
        self._data = b""
        self.due = 0.0
        self.transport: Any = None

    def connection_made(self, transport: Any) -> None:
        self.transport = transport

    def data_received(self, data: bytes) -> None:
        self._data += data
        head, found, body = self._data.partition(b"\r\n\r\n")
        if not found:
            return
        lower = head.lower()
        at = lower.find(b"content-length:")
        length = int(lower[at + 15 :].split(b"\r\n", 1)[0]) if at >= 0 else 0
        if len(body) >= length:
            self._data = b""
            self._answered(self, int(head[9:12]), body)

    def connection_lost(self, problem: Exception | None) -> None:
        self._answered(self, 0, b"")


class _Steady:
    def __init__(self, plan: Plan, say: Callable[[str], None]) -> None:
        self.plan = plan
        self.say = say
        self.outcome = Outcome()
        self.idle: deque[_Connection] = deque()
        self.waiting: deque[tuple[float, int]] = deque()
        self.lateness: list[float] = []
        self.sent = 0
        self.total = int(plan.rate * plan.seconds)
        self.finished = False

    async def run(self) -> Outcome:
        loop = asyncio.get_running_loop()
        for first in range(0, self.plan.connections, 200):
            made = await asyncio.gather(
                *(
                    loop.create_connection(lambda: _Connection(self.answered), "127.0.0.1", self.plan.port)
                    for _ in range(first, min(first + 200, self.plan.connections))
                )
            )
            self.idle.extend(protocol for _, protocol in made)
        connections = list(self.idle)
        self.say(BEGUN)
        await asyncio.sleep(PAUSE_S)
        used = time.process_time()
        began = loop.time()
        for number in range(self.total):
            due = began + number / self.plan.rate
            while (left := due - loop.time()) > 0:
                await asyncio.sleep(max(left, TICK_S))
            if self.idle:
                self.lateness.append(loop.time() - due)
                self.send(self.idle.popleft(), due, number)
            else:
                self.waiting.append((due, number))
            if number % 50 == 0:
                await asyncio.sleep(0)
        end = loop.time() + PATIENCE_S
        while len(self.outcome.waits_s) < self.total and loop.time() < end:
            await asyncio.sleep(0.01)
        self.outcome.client_s = time.process_time() - used
        self.finished = True
        self.say(ENDED)
        await asyncio.sleep(PAUSE_S)
        for connection in connections:
            connection.transport.close()
        missing = self.total - len(self.outcome.waits_s)
        assert not missing, f"{missing} of {self.total} requests were never answered: {self.outcome.statuses}"
        self.outcome.late_s = percentile(self.lateness, 0.99) if self.lateness else PATIENCE_S
        return self.outcome

    def send(self, connection: _Connection, due: float, number: int) -> None:
        connection.due = due
        connection.transport.write(self.plan.request(number))

    def answered(self, connection: _Connection, status: int, body: bytes) -> None:
        if self.finished:
            return
        assert status, "the server closed a connection"
        self.outcome.statuses[status] += 1
        self.outcome.waits_s.append(asyncio.get_running_loop().time() - connection.due)
        if len(self.outcome.waits_s) % 97 == 0:
            self.outcome.samples.append(body)
        if self.waiting:
            self.send(connection, *self.waiting.popleft())
        else:
            self.idle.append(connection)


async def _serve(pipe: Any, plan: Plan) -> None:
    pipe.send(await _Steady(plan, pipe.send).run())


def steady(plan: Plan, *, watch: Callable[[], object] = lambda: None) -> Outcome:
    """Runs the plan; `watch` is called when all connections are open, and again after the last answer, before they close.

    AssertionError when requests stay without an answer.
    """
    child = Child(_serve, plan, core=plan.core)
    try:
        while not isinstance(said := child.hear(plan.seconds + PATIENCE_S + 60), Outcome):
            watch()
    finally:
        child.close()
    return said
