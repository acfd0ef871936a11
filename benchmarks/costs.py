"""python -m benchmarks.costs [--seconds N] [--repeats N]: what a ballot costs each process, into benchmarks/costs.json.

The figures of docs/performance.md say how fast the whole is; these say which process works how long for it, which is what
benchmarks/capacity/ computes machines from. All in seconds of CPU (from the kernel's accounts) unless named otherwise. Of several
runs the one whose ballots cost least is kept: other load on the machine only adds. Start it by `make costs`.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import psycopg
import redis

from benchmarks.bench import Bench, Options
from benchmarks.installation import Installation
from benchmarks.party import of_a_party
from benchmarks.polls import MeasuredPoll
from benchmarks.processes import family_cpu_s, postgres_cpu_s, redis_cpu_s
from benchmarks.s04_ballots import CONNECTIONS, ballots_per_s
from benchmarks.table import where_and_when
from tests.installation import ROOT

COSTS = ROOT / "benchmarks" / "costs.json"
SIZES = (1, 4, 16, 64, 250, 500)
ROUNDS = 5
COUNTS = 20_000
# The disk: pages written again and again, as WAL is, and the waits kept at these shares of all.
SYNCS, PAGES, PAGE_BYTES = 600, 100, 8192
SHARES = (0.05, 0.25, 0.5, 0.75, 0.9, 0.95, 0.99, 1.0)


def main(arguments: list[str]) -> int:
    """Measures for about a minute a run and writes the file."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.costs", description=__doc__)
    parser.add_argument("--seconds", type=float, default=5.0, help="of each size of batch, and of the load")
    parser.add_argument("--repeats", type=int, default=3)
    chosen = parser.parse_args(arguments)
    options = Options(seconds=chosen.seconds, repeats=chosen.repeats)
    runs = []
    for _ in range(chosen.repeats):
        with tempfile.TemporaryDirectory(prefix="tallyline-costs-") as folder, Bench(options, Path(folder)) as bench:
            try:
                runs.append(measured(bench, chosen.seconds))
            except (AssertionError, subprocess.TimeoutExpired) as problem:  # the machine was too busy to answer
                bench.say(f"a run failed: {problem}")
            else:
                bench.say(f"{1e6 * runs[-1]['whole_way']['web_s']:.0f} µs of a web process a ballot")
    length = f"the cheapest of {options.repeats} runs of {options.seconds:g} s each"
    costs = {"about": f"{where_and_when(length)}.", **min(runs, key=lambda run: run["whole_way"]["web_s"])}
    COSTS.write_text(json.dumps(costs, indent=1) + "\n")
    print(json.dumps(costs, indent=1))
    return 0


def measured(bench: Bench, seconds: float) -> dict[str, Any]:
    """Batches by themselves, then the whole way of a ballot, then what the rest costs."""
    site = bench.installation("web", "worker")
    poll = MeasuredPoll(site)
    found = of_batches(json.loads(site.inside("batches", poll.id, str(seconds))))
    ballots, root_s = json.loads(site.inside("seal", poll.id))
    site.start("timers")
    [size] = site.sql("SELECT sum(pg_total_relation_size(relid))::bigint AS n FROM pg_partition_tree('polls_ballot')")
    [held] = site.sql("SELECT count(*) AS n FROM polls_ballot")
    return {
        **found,
        "wait_s": of_the_disk(bench.folder),
        "whole_way": of_the_whole_way(bench, site, seconds),
        "disk_bytes_per_ballot": size["n"] / held["n"],
        "root_s_per_ballot": root_s / ballots,
        "gate_s_per_try": of_the_gate(site),
        "party": of_a_party(site),
    }


def of_batches(runs: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    """Lines through the measured points, weighted so that small batches count: seconds = fixed + each * ballots."""
    sizes = np.array([int(size) for size in runs], dtype=float)
    walls = {size: run["walls_s"] for size, run in runs.items()}
    found: dict[str, Any] = {
        "batches": {size: {"times": len(each), "median_s": float(np.median(each))} for size, each in walls.items()}
    }
    for name, spent in (("record_s", "own_s"), ("postgres_s", "postgres_s"), ("wal_bytes", "wal_bytes")):
        fixed, each = line(sizes, np.array([run[spent] / len(run["walls_s"]) for run in runs.values()]))
        found[name] = {"fixed": fixed, "each": each}
    return found


def of_the_disk(folder: Path) -> dict[str, float]:
    """How long a commit waits for it, by share of all: what Postgres does then, a page written and fdatasync."""
    waits = []
    file = os.open(folder / "disk", os.O_WRONLY | os.O_CREAT)
    try:
        for number in range(SYNCS):
            os.pwrite(file, os.urandom(PAGE_BYTES), PAGE_BYTES * (number % PAGES))
            began = time.perf_counter()
            os.fdatasync(file)
            waits.append(time.perf_counter() - began)
    finally:
        os.close(file)
    return {str(share): float(np.quantile(waits[PAGES:], share)) for share in SHARES}


def line(sizes: np.ndarray, spent: np.ndarray) -> tuple[float, float]:
    """(fixed, each): least squares of relative errors; neither is below nothing."""
    weights = 1 / np.maximum(spent, 1e-12)
    fixed, each = np.linalg.lstsq(np.stack([weights, sizes * weights], axis=1), spent * weights, rcond=None)[0]
    return max(0.0, float(fixed)), max(0.0, float(each))


def of_the_whole_way(bench: Bench, site: Installation, seconds: float) -> dict[str, float]:
    """S4's load for a while: who of the web, Postgres and Redis worked how long per ballot, how large batches were, and how
    long each of them took."""
    poll = MeasuredPoll(site)
    ballots_per_s(bench, poll, 1.0)

    def spent() -> tuple[float, ...]:
        with psycopg.connect(site.database) as connection:
            postgres_s = postgres_cpu_s(connection.info.backend_pid)
        return family_cpu_s(site.pid("web")), postgres_s, redis_cpu_s(client), *batches_told(site)

    with redis.Redis.from_url(site.env["REDIS_URL"]) as client:
        before = spent()
        told = poll.acknowledged
        rate = ballots_per_s(bench, poll, seconds)
        after = spent()
    ballots = poll.acknowledged - told
    web_s, postgres_s, redis_s, batches, batches_s = (late - early for early, late in zip(before, after, strict=True))
    return {
        "connections": CONNECTIONS,
        "ballots_per_s": rate,
        "web_s": web_s / ballots,
        "postgres_s": postgres_s / ballots,
        "redis_s": redis_s / ballots,
        "batch": ballots / batches,
        "batch_s": batches_s / batches,
    }


def of_the_gate(site: Installation) -> float:
    """Redis's own time for one try at the limits' script, a hundred addresses in a call."""
    from core.rate_limits import COUNT  # imported here: it wants Django's settings

    with redis.Redis.from_url(site.env["REDIS_URL"]) as client:
        before = redis_cpu_s(client)
        for first in range(0, COUNTS, 100):
            tries = (word for number in range(first, first + 100) for word in (number.to_bytes(16, "big"), 1))
            client.eval(COUNT, 1, "bench:gate", 60_000, *tries)
        return (redis_cpu_s(client) - before) / COUNTS


# ------------------------------------------------------------------------------------------------------------- accounts


def batches_told(site: Installation) -> tuple[float, float]:
    """How many batches there were so far, and how long they took together, as /metrics says."""
    name = "tallyline_ballot_batch_seconds"
    told = httpx.get(f"{site.url()}/metrics").text.splitlines()
    lines = dict(line.rsplit(" ", 1) for line in told if line.startswith(name))
    return float(lines[f"{name}_count"]), float(lines[f"{name}_sum"])


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
