"""S1: the public snapshot's 304 from one process of the shipped server, beside an ASGI application that does nothing else."""

from collections.abc import Iterator
from functools import partial

from benchmarks.bench import Bench, checked
from benchmarks.figures import Figure, Goal
from benchmarks.lines import check_shown, filled
from benchmarks.wrk import NotModified


def run(bench: Bench) -> Iterator[Figure]:
    """The line stands still; 64 connections."""
    site = bench.installation("web")
    line = filled(site)
    bare = bench.on_the_same_server("benchmarks.references.bare:application", ETAG='"0123456789abcdef"')
    ours = NotModified(f"{line.api}/snapshot", core=bench.load_core)
    theirs = NotModified(f"{bare.url}/api/queue/{line.code}/snapshot", core=bench.load_core)
    with checked(partial(check_shown, site, line)):
        mine, others = bench.in_turns(lambda: ours.per_s(bench.seconds), lambda: theirs.per_s(bench.seconds))
    yield Figure(
        number="S1",
        what="snapshot 304, shipped server, one process",
        reference="bare ASGI app: constant 304, same server",
        goal=Goal(least=0.8),
        unit="/s",
        ours=mine,
        theirs=others,
    )
