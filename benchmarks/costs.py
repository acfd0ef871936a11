"""python -m benchmarks.costs [--seconds N] [--repeats N]: what a ballot costs each process, into benchmarks/costs.json.

The figures of docs/performance.md say how fast the whole is; these say who works how long for it, which is what
benchmarks/crowd/ needs to tell machines apart. All in seconds of CPU (from the kernel's own accounts) unless named
otherwise. Of several runs the one whose ballots cost least is kept: other load on the machine only adds. Start it by
`make costs`.
"""

import argparse
import json
import os
import platform
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import psutil
import redis

from benchmarks.bench import Bench, Options
from benchmarks.installation import Installation
from benchmarks.polls import MeasuredPoll
from benchmarks.s04_ballots import CONNECTIONS, ballots_per_s
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
            except (
                AssertionError,
                subprocess.TimeoutExpired,
            ) as problem:  # a machine so busy that nothing is answered measures nothing
                bench.say(f"a run failed: {problem}")
            else:
                bench.say(f"{1e6 * runs[-1]['whole_way']['web_s']:.0f} µs of a web process a ballot")
    costs = {"about": about(options), **min(runs, key=lambda run: run["whole_way"]["web_s"])}
    COSTS.write_text(json.dumps(costs, indent=1) + "\n")
    print(json.dumps(costs, indent=1))
    return 0


def about(options: Options) -> str:
    """Where and when, in a sentence."""
    return (
        f"Measured {datetime.now(UTC):%Y-%m-%d}, the cheapest of {options.repeats} runs of {options.seconds:g} s each, "
        f"on {os.cpu_count()} cores ({platform.machine()}), Python {platform.python_version()}; load, servers and databases "
        "on the same machine."
    )


def measured(bench: Bench, seconds: float) -> dict[str, Any]:
    """Batches by themselves, then the whole way of a ballot, then what the rest costs."""
    site = bench.installation("web", "worker", "timers")
    poll = MeasuredPoll(site)
    found = of_batches(json.loads(site.inside("batches", poll.id, str(seconds))))
    ballots, root_s = json.loads(site.inside("root", poll.id))
    [size] = site.sql("SELECT sum(pg_total_relation_size(relid))::bigint AS n FROM pg_partition_tree('polls_ballot')")
    [held] = site.sql("SELECT count(*) AS n FROM polls_ballot")
    return {
        **found,
        "wait_s": of_the_disk(bench.folder),
        "whole_way": of_the_whole_way(bench, site, seconds),
        "disk_bytes_per_ballot": size["n"] / held["n"],
        "root_s_per_ballot": root_s / ballots,
        "gate_s_per_try": of_the_gate(site),
    }


def of_batches(runs: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    """Lines through the measured points, weighted so that small batches count: seconds = fixed + each * ballots."""
    sizes = np.array([int(size) for size in runs], dtype=float)
    times = {int(size): len(run["walls_s"]) for size, run in runs.items()}
    spent = {name: np.array([run[name] / len(run["walls_s"]) for run in runs.values()]) for name in (
        "own_s", "postgres_s", "wal_bytes")}  # fmt: skip
    own, theirs, wal = (line(sizes, spent[name]) for name in ("own_s", "postgres_s", "wal_bytes"))
    return {
        "batches": {str(size): {"times": n, "median_s": float(np.median(runs[str(size)]["walls_s"]))}
                    for size, n in times.items()},
        "record_s": {"fixed": own[0], "each": own[1]},
        "postgres_s": {"fixed": theirs[0], "each": theirs[1]},
        "wal_bytes": {"fixed": wal[0], "each": wal[1]},
    }  # fmt: skip


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
    fixed, each = np.linalg.lstsq(
        np.stack([weights, sizes * weights], axis=1), spent * weights, rcond=None
    )[0]  # fmt: skip
    return max(0.0, float(fixed)), max(0.0, float(each))


def of_the_whole_way(bench: Bench, site: Installation, seconds: float) -> dict[str, float]:
    """S4's load for a while: who of the web, Postgres and Redis worked how long per ballot, how large batches were, and how
    long each of them took."""
    poll = MeasuredPoll(site)
    ballots_per_s(bench, poll, 1.0)
    web = psutil.Process(site.pid("web"))
    with redis.Redis.from_url(site.env["REDIS_URL"]) as client:
        before = (cpu_s(web), tree_cpu_s(site), redis_cpu_s(client), *batches_told(site))
        told = poll.acknowledged
        rate = ballots_per_s(bench, poll, seconds)
        after = (cpu_s(web), tree_cpu_s(site), redis_cpu_s(client), *batches_told(site))
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
    """Redis's own time for one try of one address at the limits' script, a hundred in a round trip."""
    from core.rate_limits import COUNT  # imported here: it wants Django's settings

    with redis.Redis.from_url(site.env["REDIS_URL"]) as client:
        before = redis_cpu_s(client)
        for first in range(0, COUNTS, 100):
            pipeline = client.pipeline(transaction=False)
            for number in range(first, first + 100):
                pipeline.eval(COUNT, 1, f"bench:gate:{number}", 1, 60_000)
            pipeline.execute()
        return (redis_cpu_s(client) - before) / COUNTS


# ------------------------------------------------------------------------------------------------------------- accounts
def cpu_s(process: psutil.Process) -> float:
    """User and system."""
    times = process.cpu_times()
    return times.user + times.system


def family_cpu_s(backend: int) -> float:
    """Of all processes of the Postgres whose backend this is. Those that have ended count with their parent."""
    postmaster = psutil.Process(backend).parent()
    assert postmaster is not None
    ended = postmaster.cpu_times()
    living = 0.0
    for each in postmaster.children():
        with suppress(psutil.NoSuchProcess):  # it has ended since
            living += cpu_s(each)
    return cpu_s(postmaster) + ended.children_user + ended.children_system + living


def tree_cpu_s(site: Installation) -> float:
    """Of the installation's Postgres, seen from outside."""
    import psycopg

    with psycopg.connect(site.database) as connection:
        return family_cpu_s(connection.info.backend_pid)


def postgres_cpu_s() -> float:
    """The same, from inside an installation, with the connection that Django has."""
    from django.db import connection

    connection.ensure_connection()
    return family_cpu_s(connection.connection.info.backend_pid)


def redis_cpu_s(client: redis.Redis) -> float:
    """User and system, by its own account."""
    told: Any = client.info("cpu")
    return float(told["used_cpu_user"]) + float(told["used_cpu_sys"])


def wal_bytes() -> int:
    """How much Postgres has written ahead since it was made."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_current_wal_insert_lsn() - '0/0'::pg_lsn")
        return int(cursor.fetchone()[0])


def batches_told(site: Installation) -> tuple[float, float]:
    """How many batches there were so far, and how long they took together, as /metrics says."""
    name = "tallyline_ballot_batch_seconds"
    lines = dict(
        line.rsplit(" ", 1) for line in httpx.get(f"{site.url()}/metrics").text.splitlines() if line.startswith(name)
    )
    return float(lines[f"{name}_count"]), float(lines[f"{name}_sum"])


def random_ballots(poll: str, count: int) -> list[Any]:
    """`count` ballots of new voters, one choice each."""
    import secrets
    from uuid import UUID, uuid4

    from polls.outcomes import Cast

    return [
        Cast(poll_id=UUID(poll), voter_key=secrets.token_bytes(16), ballot_id=uuid4(), choices=(number % 4,))
        for number in range(count)
    ]


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
