"""S4: ballots acknowledged after commit through HTTP, beside pgbench: one transaction per vote on one counter row.
S5: how long a voter waits for the receipt (p99), at half the rate that one web process can take."""

import os
import time
import uuid
from collections.abc import Iterator
from dataclasses import replace
from functools import partial

from benchmarks.bench import Bench
from benchmarks.clients.steady import Plan, steady
from benchmarks.figures import Figure, Goal
from benchmarks.pgbench import Transactions
from benchmarks.polls import CHOICES, MeasuredPoll
from benchmarks.wrk import load

CONNECTIONS = 128
TABLES = """
CREATE TABLE bench_counter (poll int PRIMARY KEY, count bigint NOT NULL);
INSERT INTO bench_counter VALUES (1, 0);
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


def ballots_per_s(bench: Bench, poll: MeasuredPoll, seconds: float | None = None) -> float:
    """Acknowledged ballots per second: 201 and a receipt, a new voter each."""
    arguments = ["ballots", time.time_ns() % 10**9, len(CHOICES)]
    done = load(
        bench, f"{poll.url}/ballots", connections=CONNECTIONS, script="post", arguments=arguments, seconds=seconds
    )
    assert set(done.statuses) == {201}, done.statuses
    poll.acknowledge(done.statuses[201], in_flight=CONNECTIONS, samples=list(done.samples))
    return done.statuses[201] / done.seconds


def s4(bench: Bench) -> Iterator[Figure]:
    """One poll, random voters; the whole installation runs, with one web process and with one for each core."""
    for processes in (1, os.cpu_count() or 2):
        site = bench.installation("web", "worker", "timers", workers=processes)
        poll = MeasuredPoll(site)
        votes = Transactions(bench, site.database, tables=TABLES, transaction=VOTE, clients=16)
        figure = Figure(
            number="S4",
            what=f"ballots acknowledged after commit, HTTP, {CONNECTIONS} connections, one poll, "
            + ("one web process" if processes == 1 else f"{processes} web processes"),
            unit="/s",
            goal=Goal(least=2.5),
            reference="pgbench: insert + one counter row, a transaction per vote, 16 clients",
        )
        yield bench.compared(figure, partial(ballots_per_s, bench, poll), votes.per_s)
        poll.check()
        votes.check("SELECT count FROM bench_counter", "SELECT count(*) FROM bench_vote")
        site.stop()


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
