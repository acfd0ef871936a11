"""S6: joins of one line through HTTP, beside pgbench: lock the row, insert, update."""

import json
import time
from collections.abc import Iterator
from functools import partial

from benchmarks.bench import Bench
from benchmarks.figures import Figure, Goal
from benchmarks.installation import Installation
from benchmarks.lines import check_shown, roomy
from benchmarks.pgbench import Transactions
from benchmarks.wrk import load

CLIENTS = 32
TABLES = """
CREATE TABLE bench_line (id int PRIMARY KEY, last int NOT NULL);
INSERT INTO bench_line VALUES (1, 0);
CREATE TABLE bench_party (
    id uuid PRIMARY KEY, line int NOT NULL REFERENCES bench_line, ticket int NOT NULL, size int NOT NULL,
    at timestamptz NOT NULL, UNIQUE (line, ticket));
"""
JOIN = """
BEGIN;
SELECT last + 1 AS ticket FROM bench_line WHERE id = 1 FOR UPDATE \\gset
INSERT INTO bench_party VALUES (gen_random_uuid(), 1, :ticket, 2, now());
UPDATE bench_line SET last = :ticket WHERE id = 1;
COMMIT;
"""


def s6(bench: Bench) -> Iterator[Figure]:
    """Each run has a new line, for lines grow. The whole installation runs."""
    site = bench.installation("web", "worker", "timers")
    joins = Transactions(bench, site.database, tables=TABLES, transaction=JOIN, clients=CLIENTS)
    figure = Figure(
        number="S6",
        what=f"joins of one line, HTTP, {CLIENTS} clients, positions contiguous",
        unit="/s",
        goal=Goal(least=0.25),
        reference=f"pgbench: lock row + insert + update, {CLIENTS} clients",
    )
    yield bench.compared(figure, partial(_joins_per_s, bench, site), joins.per_s)
    joins.check("SELECT last FROM bench_line", "SELECT count(*) FROM bench_party")


def _joins_per_s(bench: Bench, site: Installation) -> float:
    """Joins per second of a new line. AssertionError unless the places are 1 to n, each given once."""
    line = roomy(site)
    arguments = ["joins", time.time_ns() % 10**9]
    done = load(bench, f"{line.api}/join", connections=CLIENTS, script="post", arguments=arguments)
    assert set(done.statuses) == {200}, done.statuses
    joined = done.statuses[200]
    check_shown(line)  # the last joins, whose clients have gone, are through
    held = site.sql("SELECT ticket, rank FROM queues_party WHERE queue_id = %s ORDER BY rank, ticket", line.session_id)
    assert [row["ticket"] for row in held] == list(range(1, len(held) + 1)), "places are not contiguous"
    assert joined <= len(held) <= joined + CLIENTS, (joined, len(held))
    # No party is served, so ticket n was told position n.
    for sample in map(json.loads, done.samples):
        assert sample["ticket"] == sample["position"], sample
    return joined / done.seconds
