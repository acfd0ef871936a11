"""S15: what 10,000 phones that look at an idle line each 10 s cost: the server's share of one core, beside an ASGI
application that does nothing else."""

from collections.abc import Iterator
from functools import partial

import httpx

from benchmarks.bench import Bench, checked
from benchmarks.clients.steady import Plan, steady
from benchmarks.figures import Figure, Goal
from benchmarks.lines import check_shown, filled
from benchmarks.processes import cpu_s

POLLERS, EACH_S = 10_000, 10.0


def poll(path: str, etag: str, number: int) -> bytes:
    """A poller's request."""
    return f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nIf-None-Match: {etag}\r\n\r\n".encode()


def run(bench: Bench) -> Iterator[Figure]:
    """Every poller keeps its connection; they ask one after the other at a fixed rate. Only the web process runs."""
    site = bench.installation("web")
    line = filled(site)
    bare = bench.on_the_same_server("benchmarks.references.bare:application", ETAG='"0123456789abcdef"')
    pollers = bench.size(POLLERS)
    path = f"/api/queue/{line.code}/snapshot"
    bare_port = bare.port or 0

    def share(port: int, pid: int) -> float:
        etag = httpx.get(f"http://127.0.0.1:{port}{path}").headers["etag"]
        plan = Plan(
            port=port, rate=POLLERS / EACH_S, seconds=max(bench.seconds, pollers / (POLLERS / EACH_S)),
            connections=pollers, request=partial(poll, path, etag), core=bench.load_core,
        )  # fmt: skip
        used: list[float] = []
        outcome = steady(plan, watch=lambda: used.append(cpu_s(pid)))
        assert set(outcome.statuses) == {304}, outcome.statuses
        return 100 * (used[1] - used[0]) / plan.seconds

    with checked(partial(check_shown, site, line)):
        mine, others = bench.in_turns(
            lambda: share(site.ports["web"], site.pid()), lambda: share(bare_port, bare.process.pid), warm=False
        )
    yield Figure(
        number="S15",
        what=f"idle line, {pollers:,} connections, {POLLERS / EACH_S:,.0f} polls/s: share of one core",
        reference="bare ASGI app: constant 304, same server",
        goal=Goal(most=10, absolute=True),
        unit="%",
        ours=mine,
        theirs=others,
    )
