"""An installation to break: kills its processes, freezes its own Redis, and queries what is left."""

import os
import signal
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import httpx
import redis

from devserver.embedded import Redis
from tests.installation import FULL, LiveLine, Stack, wait_until

# The full run, on an idle machine, holds to the promised seconds. `make test` shares two cores with browsers: thrice as long.
SLACK = 1 if FULL else 3
CONVERGES_WITHIN_S = 5.0 * SLACK
CELERY_LIST = "tallyline"
UNHELPED = 3

PENDING = "SELECT count(*) AS n FROM outbox_effect WHERE status <> 'done'"
DONE = "SELECT count(*) AS n FROM outbox_effect WHERE status = 'done'"
LEFT = """SELECT name, status, attempts, count(*) AS n, max(due_at - now()) AS due, max(leased_until - now()) AS leased,
       max(last_error) AS error FROM outbox_effect WHERE status <> 'done' GROUP BY name, status, attempts"""
# Events without exactly one fact, though they have an effect that makes one.
WRONG_FACTS = """
SELECT e.id, e.type, count(f.id) AS facts FROM outbox_event e
  JOIN outbox_effect x ON x.event_id = e.id AND x.name = 'analytics'
  LEFT JOIN analytics_fact f ON f.event_id = e.id
 GROUP BY e.id, e.type HAVING count(f.id) <> 1"""


def report(text: str) -> None:
    """Prints a figure; pytest -s shows it."""
    print(f"\n  {text}", flush=True)


class Target:
    """A stack and its Redis."""

    def __init__(self, stack: Stack, server: Redis) -> None:
        self.stack, self.redis = stack, server

    # ------------------------------------------------------------------------------------------------------ processes
    def run(self, *names: str) -> None:
        """Makes exactly these processes run, and Redis."""
        if not self.redis.running:
            self.redis.start()
        self.thaw_redis()
        for name in set(self.stack.processes) - set(names):
            self.stack.kill(name)
        dead = [name for name, process in self.stack.processes.items() if process.poll() is not None]
        for name in dead:
            del self.stack.processes[name]
        for name in set(self.stack.processes):
            self.stack.signal(name, signal.SIGCONT)
        self.stack.start(*(name for name in names if name not in self.stack.processes))

    def renew(self) -> None:
        """Nothing runs but an empty Redis, and there are no lines and no events."""
        self.run()
        self.redis.kill()
        self.redis.start()
        self.stack.sql("TRUNCATE queues_queue CASCADE")
        self.stack.sql("TRUNCATE outbox_event CASCADE")

    def freeze(self, name: str) -> None:
        self.stack.signal(name, signal.SIGSTOP)

    def thaw(self, name: str) -> None:
        self.stack.signal(name, signal.SIGCONT)

    def freeze_redis(self) -> None:
        """It takes connections and bytes, and answers nothing."""
        assert self.redis.process is not None
        os.kill(self.redis.process.pid, signal.SIGSTOP)

    def thaw_redis(self) -> None:
        assert self.redis.process is not None
        with suppress(ProcessLookupError):
            os.kill(self.redis.process.pid, signal.SIGCONT)

    def wake_ups(self) -> int:
        """How many wake-ups lie in the broker, given to no worker yet."""
        with redis.Redis.from_url(self.redis.url) as client:
            length = client.llen(CELERY_LIST)
            assert isinstance(length, int)
            return length

    # ------------------------------------------------------------------------------------------------------ questions
    def rows(self, query: str, *parameters: Any) -> list[dict[str, Any]]:
        """Rows from Postgres. While processes run the connection stays open: quick enough to catch the moment after a commit."""
        return self.stack.sql(query, *parameters)

    def number(self, query: str, *parameters: Any) -> int:
        """The first column of the only row."""
        [row] = self.rows(query, *parameters)
        return int(next(iter(row.values())))

    def close(self) -> None:
        """Ends the connection that asks."""
        self.stack.asking.close()

    def settled(self, query: str, *, for_s: float = 1.0) -> int:
        """The number of a query once it has not changed for `for_s`."""
        seen = (self.number(query), time.monotonic())

        def quiet() -> bool:
            nonlocal seen
            now = self.number(query)
            if now != seen[0]:
                seen = (now, time.monotonic())
            return time.monotonic() - seen[1] >= for_s

        wait_until(quiet, timeout_s=40, what=f"nothing to change in {query}")
        return seen[0]

    def all_done(self, *, timeout_s: float = CONVERGES_WITHIN_S, since: float | None = None) -> float:
        """Waits until no effect is left to be done; seconds it took since `since` (monotonic), or since now."""
        began = time.monotonic() if since is None else since
        left = began + timeout_s - time.monotonic()
        try:
            wait_until(lambda: self.number(PENDING) == 0, timeout_s=left)
        except AssertionError:
            logged = self.stack.log("worker")[-1500:]
            left_over = f"{self.rows(LEFT)}, {self.wake_ups()} wake-ups wait; the worker said: {logged}"
            raise AssertionError(f"not done {timeout_s} s later: {left_over}") from None
        return time.monotonic() - began

    def kill_workers(self, kills: int, total: int, done: Callable[[], int], what: str) -> None:
        """Kills the worker so often while it works, each time when another share of `total` is done. The last of them, UNHELPED,
        are without the timers, who would ask again for what it had in hand: then a kill also comes when no wake-up is left.
        """
        for kill in range(1, kills + 1):
            helped = kill <= kills - UNHELPED
            share = kill * total // (kills + 2)

            def far_enough(share: int = share, helped: bool = helped) -> bool:
                return done() >= share or not (helped or self.wake_ups())

            self.run("web", "worker", *(["timers"] if helped else []))
            wait_until(far_enough, timeout_s=60, what=f"{share} {what}")
            self.stack.kill("worker")
            assert done() < total, "the worker was faster than the kill"

    def check_facts(self) -> None:
        """Every event has the facts it must have: each exactly once."""
        assert self.rows(WRONG_FACTS) == []

    def line(self, server: str = "web", **fields: Any) -> "TargetLine":
        """A line opened through the API, with room for all guests of the test."""
        fields = {"eventName": "Friday night", "maxGuests": 100, **fields}
        create = f"{self.stack.url(server)}/api/queue/create"
        created = httpx.post(create, json=fields, timeout=20).json()
        self.stack.sql("UPDATE queues_queue SET max_guests = 1000000 WHERE id = %s", created["sessionId"])
        return TargetLine(self, LiveLine(self.stack, created, server))


class TargetLine:
    """A line of the target, and clients of it that keep their connection."""

    def __init__(self, target: Target, line: LiveLine) -> None:
        self.target, self.code, self.session_id, self.token = target, line.code, line.session_id, line.token

    def client(self, server: str = "web", *, host: bool = False) -> httpx.Client:
        """A client of the line's API: `client.post("join", json={})`."""
        headers = {"x-host-auth": self.token} if host else {}
        base = f"{self.target.stack.url(server)}/api/queue/{self.code}/"
        return httpx.Client(base_url=base, headers=headers, timeout=20)

    def party(self, party_id: str) -> dict[str, Any]:
        """The party's row."""
        [row] = self.target.rows("SELECT * FROM queues_party WHERE id = %s", party_id)
        return row

    def events(self, *types: str) -> list[dict[str, Any]]:
        """The line's events of these types, in order."""
        return self.target.rows(
            "SELECT * FROM outbox_event WHERE stream_id = %s AND type = ANY(%s) ORDER BY version, seq",
            self.session_id, list(types),
        )  # fmt: skip

    def truth(self) -> dict[str, Any]:
        """What Postgres knows, as the public snapshot shows it."""
        [line] = self.target.rows("SELECT version FROM queues_queue WHERE id = %s", self.session_id)
        parties = "SELECT ticket FROM queues_party WHERE queue_id = %s AND status = "
        waiting = self.target.rows(parties + "'waiting' ORDER BY rank, ticket", self.session_id)
        called = self.target.rows(parties + "'called' ORDER BY called_at, ticket", self.session_id)
        return {
            "version": line["version"],
            "waiting": [row["ticket"] for row in waiting],
            "called": [row["ticket"] for row in called],
        }

    def shown(self, server: str = "web") -> dict[str, Any]:
        """The same, as a server shows it."""
        with self.client(server) as client:
            answer = client.get("snapshot")
        assert answer.status_code == 200, answer.text
        view = answer.json()
        return {
            "version": view["version"],
            "waiting": [party["ticket"] for party in view["queue"]],
            "called": [party["ticket"] for party in view["called"]],
        }

    def is_shown(self, server: str = "web") -> bool:
        """Whether a server shows the line as Postgres knows it."""
        return self.shown(server) == self.truth()


def snapshots_right(
    lines: Iterable[TargetLine], *, timeout_s: float = CONVERGES_WITHIN_S, server: str = "web"
) -> float:
    """Waits until every line is shown as Postgres knows it; seconds it took."""
    began = time.monotonic()
    for line in lines:
        left = max(0.1, began + timeout_s - time.monotonic())
        wait_until(partial(line.is_shown, server), timeout_s=left, what=f"{line.code}'s snapshot")
    return time.monotonic() - began


@dataclass
class Load:
    """Clients that go on until they are told to stop, and what they were answered."""

    steps: list[Callable[["Load"], None]]
    statuses: list[int] = field(default_factory=list)
    seconds: list[float] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)
    over: threading.Event = field(default_factory=threading.Event)

    def ask(self, client: httpx.Client, action: str, body: Any = None, **headers: str) -> httpx.Response:
        """One request, with its time and status kept."""
        began = time.monotonic()
        answer = client.post(action, json=body or {}, headers=headers)
        self.seconds.append(time.monotonic() - began)
        self.statuses.append(answer.status_code)
        return answer

    def slowest(self, share: float = 0.99) -> float:
        """The time that `share` of the requests stayed under."""
        return sorted(self.seconds)[min(len(self.seconds) - 1, int(len(self.seconds) * share))]

    @contextmanager
    def going(self) -> Iterator["Load"]:
        """The clients run while the block runs; a client that raised fails the test."""
        threads = [threading.Thread(target=self._go, args=(step,), daemon=True) for step in self.steps]
        for thread in threads:
            thread.start()
        try:
            yield self
        finally:
            self.over.set()
            for thread in threads:
                thread.join(30)
        assert not self.problems, self.problems[:3]
        assert not any(thread.is_alive() for thread in threads), "a client hangs"

    def _go(self, step: Callable[["Load"], None]) -> None:
        try:
            while not self.over.is_set():
                step(self)
        except Exception as problem:  # told by the main thread
            self.problems.append(repr(problem))
