"""S2: the same 304 beside a plain DRF view with Django's Redis cache under WSGI, one process."""

import json
import sys
from collections.abc import Iterator
from functools import partial
from pathlib import Path

from benchmarks.bench import Bench, checked
from benchmarks.figures import Figure, Goal
from benchmarks.lines import check_shown, filled
from benchmarks.wrk import NotModified
from tests.installation import free_port

# One interpreter: more threads only wait for its lock.
THREADS = 4


def run(bench: Bench) -> Iterator[Figure]:
    """Both show the same snapshot to 64 connections."""
    site = bench.installation("web")
    line = filled(site)
    ours = NotModified(f"{line.api}/snapshot", core=bench.load_core)
    port = free_port()
    command = [
        str(Path(sys.executable).with_name("gunicorn")), "benchmarks.references.drf:application",
        "--bind", f"127.0.0.1:{port}", "--workers", "1", "--worker-class", "gthread", "--threads", str(THREADS),
        "--keep-alive", "65", "--log-level", "warning",
    ]  # fmt: skip
    drf = bench.program(command, port=port, REDIS_URL=site.env["REDIS_URL"], SNAPSHOT=json.dumps(ours.body))
    theirs = NotModified(f"{drf.url}/api/queue/{line.code}/snapshot", core=bench.load_core)
    assert theirs.body == ours.body
    with checked(partial(check_shown, site, line)):
        mine, others = bench.in_turns(lambda: ours.per_s(bench.seconds), lambda: theirs.per_s(bench.seconds))
    yield Figure(
        number="S2",
        what="snapshot 304, shipped server, one process",
        reference=f"DRF view, Django's Redis cache, gunicorn, one process of {THREADS} threads",
        goal=Goal(least=15),
        unit="/s",
        ours=mine,
        theirs=others,
    )
