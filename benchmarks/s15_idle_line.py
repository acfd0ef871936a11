"""S15: what 10,000 phones that look at an idle line each 10 s cost: the server's share of one core, beside an ASGI
application that does nothing else."""

from collections.abc import Iterator
from functools import partial

import httpx

from benchmarks.bench import Bench, checked
from benchmarks.clients.steady import Plan, steady
from benchmarks.figures import Figure, Goal
from benchmarks.lines import check_shown, filled
from benchmarks.processes import family_cpu_s

POLLERS, EACH_S = 10_000, 10.0


def s15(bench: Bench) -> Iterator[Figure]:
    """Every poller keeps its connection; they ask one after the other at a fixed rate. Only the web process runs."""
    site = bench.installation("web")
    line = filled(site)
    bare = bench.on_the_same_server("benchmarks.references.bare:application", ETAG='"0123456789abcdef"')
    pollers = bench.size(POLLERS)
    path = f"/api/queue/{line.code}/snapshot"

    def share(port: int, pid: int) -> float:
        etag = httpx.get(f"http://127.0.0.1:{port}{path}").headers["etag"]
        plan = Plan(
            port=port, rate=POLLERS / EACH_S, seconds=max(bench.seconds, pollers / (POLLERS / EACH_S)),
            connections=pollers, request=partial(_poll, path, etag), core=bench.load_core,
        )  # fmt: skip
        used: list[float] = []
        outcome = steady(plan, watch=lambda: used.append(family_cpu_s(pid)))
        assert set(outcome.statuses) == {304}, outcome.statuses
        return 100 * (used[1] - used[0]) / plan.seconds

    figure = Figure(
        number="S15",
        what=f"idle line, {pollers:,} connections, {POLLERS / EACH_S:,.0f} polls/s: share of one core",
        unit="%",
        goal=Goal(most=10, absolute=True),
        reference="bare ASGI app: constant 304, same server",
    )
    ours, theirs = partial(share, site.ports["web"], site.pid()), partial(share, bare.port, bare.process.pid)
    with checked(partial(check_shown, line)):
        yield bench.compared(figure, ours, theirs, warm=False)


def _poll(path: str, etag: str, number: int) -> bytes:
    """A poller's request."""
    return f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nIf-None-Match: {etag}\r\n\r\n".encode()
