"""S4: ballots acknowledged after commit through HTTP, beside one transaction per vote on one counter row, by pgbench and by a DRF
view.
S5: how long a voter waits for the receipt (p99), at half the rate that one web process can take."""

import os
import time
import uuid
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import replace
from functools import partial
from pathlib import Path

from benchmarks.bench import Bench
from benchmarks.clients.steady import Plan, steady
from benchmarks.figures import Figure, Goal
from benchmarks.installation import Installation
from benchmarks.pgbench import Transactions
from benchmarks.polls import CHOICES, MeasuredPoll
from benchmarks.processes import family_cpu_s, gunicorn
from benchmarks.wrk import Load, load
from tests.installation import free_port

CONNECTIONS = 128
TABLES = """
CREATE TABLE bench_counter (poll int PRIMARY KEY, count bigint NOT NULL);
INSERT INTO bench_counter VALUES (1, 0), (2, 0);
CREATE TABLE bench_vote (
    poll int, voter uuid, ballot uuid NOT NULL, choice int NOT NULL, at timestamptz NOT NULL, PRIMARY KEY (poll, voter));
"""
VOTE = """
\\set choice random(0, 3)
BEGIN;
INSERT INTO bench_vote VALUES (1, gen_random_uuid(), gen_random_uuid(), :choice, now());
UPDATE bench_counter SET count = count + 1 WHERE poll = 1;
COMMIT;
"""
# Of the DRF view's poll.
OTHER = 2
# Threads of each process of the DRF view. More would wait for the interpreter's lock; fewer would leave it idle during commits.
THREADS = 4
# With rate limits by address. The load comes from as many addresses as there are phones in a large room (lua/post.lua).
LIMITED = {"RATE_LIMITS": "on", "TRUSTED_PROXIES": "1"}


def ballots_per_s(
    bench: Bench, poll: MeasuredPoll, seconds: float | None = None, *, chosen: Path | None = None
) -> float:
    """Acknowledged ballots per second: 201 and a receipt, a new voter each. `chosen`: a file of ids and tokens for them."""
    done = _posted(bench, f"{poll.url}/ballots", seconds, *([chosen] if chosen else []))
    poll.acknowledge(done.statuses[201], in_flight=CONNECTIONS, samples=list(done.samples))
    return done.statuses[201] / done.seconds


def _posted(bench: Bench, url: str, seconds: float | None = None, *more: Path) -> Load:
    """A run of ballots, all of which are answered 201."""
    arguments = ["ballots", time.time_ns() % 10**9, len(CHOICES), *more]
    done = load(bench, url, connections=CONNECTIONS, script="post", arguments=arguments, seconds=seconds)
    assert set(done.statuses) == {201}, done.statuses
    return done


def s4(bench: Bench) -> Iterator[Figure]:
    """One poll, random voters; the whole installation runs, with one web process and with one for each core, limits on. One web
    process is measured with limits off, too, as this figure was before."""
    for processes in (1, os.cpu_count() or 2):
        web = "one web process" if processes == 1 else f"{processes} web processes"
        yield from _compared(bench, processes, f"{web}, limits on", LIMITED)
    yield from _compared(bench, 1, "one web process, limits off", {})


def _compared(bench: Bench, processes: int, how: str, environment: Mapping[str, str]) -> Iterator[Figure]:
    """Ours beside pgbench; with limits on also beside the DRF view in as many processes."""
    site = bench.installation("web", "worker", "timers", workers=processes, **environment)
    poll = MeasuredPoll(site)
    votes = Transactions(bench, site.database, tables=TABLES, transaction=VOTE, clients=16)
    ours = _Ours(bench, site, poll)
    figure = Figure(
        number="S4",
        what=f"ballots acknowledged after commit, HTTP, {CONNECTIONS} connections, one poll, {how}",
        unit="/s",
        goal=Goal(least=2.5),
        reference="pgbench: insert + one counter row, a transaction per vote, 16 clients",
    )
    yield replace(bench.compared(figure, ours.per_s, votes.per_s), notes=[f"{how}: {ours.cost()} a ballot"])
    if environment:
        theirs = _View(bench, site, processes)
        reference = f"DRF view: the same transaction, gunicorn, {processes} × {THREADS} threads"
        found = bench.compared(replace(figure, goal=Goal(least=20), reference=reference), ours.per_s, theirs.per_s)
        yield replace(found, notes=[f"the DRF view, {processes} × {THREADS} threads: {theirs.cost()} a vote"])
        theirs.check()
    poll.check()
    votes.check("SELECT count FROM bench_counter WHERE poll = 1", "SELECT count(*) FROM bench_vote WHERE poll = 1")
    site.stop()


class _Measured:
    """Runs of ballots and the CPU time that a ballot took. Other work on the machine changes that less than a rate."""

    def __init__(self) -> None:
        self.ballots = 0
        self._spent: Counter[str] = Counter()

    def cpu_s(self) -> dict[str, float]:
        """By process, so far."""
        raise NotImplementedError

    def run(self) -> tuple[int, float]:
        """How many ballots were acknowledged, and per second."""
        raise NotImplementedError

    def per_s(self) -> float:
        """Of one run."""
        before = self.cpu_s()
        ballots, rate = self.run()
        self.ballots += ballots
        self._spent.update({name: spent - before[name] for name, spent in self.cpu_s().items()})
        return rate

    def cost(self) -> str:
        """CPU a ballot, in words."""
        each = ", ".join(f"{name} {1e6 * spent / self.ballots:.0f}" for name, spent in self._spent.items())
        return f"{1e6 * self._spent.total() / self.ballots:.0f} µs of CPU ({each})"


class _Ours(_Measured):
    """Through the program."""

    def __init__(self, bench: Bench, site: Installation, poll: MeasuredPoll) -> None:
        super().__init__()
        self._bench, self._poll = bench, poll
        self.cpu_s = site.cpu_s  # type: ignore[method-assign]

    def run(self) -> tuple[int, float]:
        before = self._poll.acknowledged
        rate = ballots_per_s(self._bench, self._poll)
        return self._poll.acknowledged - before, rate


class _View(_Measured):
    """Through the DRF view."""

    def __init__(self, bench: Bench, site: Installation, processes: int) -> None:
        super().__init__()
        self._bench, self._site = bench, site
        port = free_port()
        command = gunicorn("drf_vote", port, workers=processes, threads=THREADS)
        self._program = bench.program(command, port=port, DATABASE_URL=site.database)
        self._runs = 0

    def cpu_s(self) -> dict[str, float]:
        return {"view": family_cpu_s(self._program.process.pid), "Postgres": self._site.cpu_s()["Postgres"]}

    def run(self) -> tuple[int, float]:
        done = _posted(self._bench, f"{self._program.url}/polls/{OTHER}/ballots")
        self._runs += 1
        return done.statuses[201], done.statuses[201] / done.seconds

    def check(self) -> None:
        """All votes that were answered were counted, and no more than those that were under way when a run ended."""
        self._program.stop()
        [counted] = self._site.sql("SELECT count FROM bench_counter WHERE poll = %s", OTHER)
        assert self.ballots <= counted["count"] <= self.ballots + self._runs * CONNECTIONS


def s5(bench: Bench) -> Iterator[Figure]:
    """The rate is measured first, as in S4; then half of it is sent at fixed moments."""
    site = bench.installation("web", "worker", "timers")
    poll = MeasuredPoll(site)
    ballots_per_s(bench, poll)
    most = ballots_per_s(bench, poll)
    plan = Plan(
        port=site.ports["web"], rate=most / 2, seconds=bench.seconds, connections=CONNECTIONS,
        request=partial(_ballot, poll.path), core=bench.load_core,
    )  # fmt: skip
    lateness, busy = [], []

    def p99_ms() -> float:
        outcome = steady(plan)
        assert set(outcome.statuses) == {201}, outcome.statuses
        samples = [sample.decode() for sample in outcome.samples]
        poll.acknowledge(outcome.statuses[201], in_flight=0, samples=samples)
        lateness.append(1000 * outcome.late_s)
        busy.append(outcome.client_s / plan.seconds)
        return outcome.percentile_ms(0.99)

    what = "ballots at half that rate: p99 from the moment one is due to its receipt"
    figure = Figure(number="S5", what=what, unit="ms", goal=Goal(most=50, absolute=True))
    found = bench.alone(figure, p99_ms)
    poll.check()
    note = (
        f"{plan.rate:,.0f} ballots/s; the client itself was up to {max(lateness):.1f} ms late (p99, part of the "
        f"figure) and used {100 * max(busy):.0f} % of a core"
    )
    yield replace(found, notes=[note])


def _ballot(path: str, number: int) -> bytes:
    """A request with the ballot of a new voter."""
    ballot_id, token = str(uuid.uuid4()).encode(), uuid.uuid4().hex.encode()
    body = b'{"ballotId":"%b","choices":[%d],"token":"%b"}' % (ballot_id, number % len(CHOICES), token)
    head = f"POST {path}/ballots HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"
    return head.encode() + b"Content-Length: %d\r\n\r\n" % len(body) + body
