"""S4: ballots acknowledged after commit through HTTP, beside pgbench: one transaction per vote on one counter row."""

import os
import time
from collections.abc import Iterator

from benchmarks.bench import Bench
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


def ballots_per_s(bench: Bench, poll: MeasuredPoll, seconds: float) -> float:
    """Acknowledged ballots per second: 201 and a receipt, a new voter each."""
    done = load(
        f"{poll.url}/ballots", connections=CONNECTIONS, seconds=seconds, core=bench.load_core,
        script="post", arguments=["ballots", time.time_ns() % 10**9, len(CHOICES)],
    )  # fmt: skip
    assert set(done.statuses) == {201}, done.statuses
    poll.acknowledge(done.statuses[201], in_flight=CONNECTIONS, samples=list(done.samples))
    return done.statuses[201] / done.seconds


def run(bench: Bench) -> Iterator[Figure]:
    """One poll, random voters; the whole installation runs, with one web process and with one for each core."""
    for processes in (1, os.cpu_count() or 2):
        yield measured(bench, processes)


def measured(bench: Bench, processes: int) -> Figure:
    """Ours and the reference in turns."""
    site = bench.installation("web", "worker", "timers", workers=processes)
    poll = MeasuredPoll(site)
    votes = Transactions(site.database, tables=TABLES, transaction=VOTE, clients=16, core=bench.load_core)
    mine, others = bench.in_turns(lambda: ballots_per_s(bench, poll, bench.seconds), lambda: votes.per_s(bench.seconds))
    poll.check()
    assert votes.count("SELECT count FROM bench_counter") == votes.done
    assert votes.count("SELECT count(*) FROM bench_vote") == votes.done
    site.stop()
    return Figure(
        number="S4",
        what=f"ballots acknowledged after commit, HTTP, {CONNECTIONS} connections, one poll, "
        + ("one web process" if processes == 1 else f"{processes} web processes"),
        reference="pgbench: insert + one counter row, a transaction per vote, 16 clients",
        goal=Goal(least=4),
        unit="/s",
        ours=mine,
        theirs=others,
    )
