"""S18: ballots over two Postgres nodes, beside one node on the same machine."""

from collections.abc import Iterator
from dataclasses import replace
from functools import partial

import psutil

from benchmarks.bench import Bench
from benchmarks.figures import Figure, Goal
from benchmarks.installation import Installation
from benchmarks.polls import MeasuredPoll
from benchmarks.s04_ballots import CONNECTIONS, ballots_per_s
from devserver.embedded import Postgres


def s18(bench: Bench) -> Iterator[Figure]:
    """One installation with two nodes, and two polls: one has a shard on each node, the other one shard. Of the first, half the
    ballots belong on another node than their ids.

    Counted are ballots per second of CPU of the web process and both nodes: other work of the machine changes that little.
    """
    nodes = [Postgres(bench.folder / name) for name in ("one", "two")]
    for node in nodes:
        node.start()
        bench.callback(node.stop, "immediate")
    urls = [node.url for node in nodes]
    site = bench.installation("web", "worker", "timers", BALLOT_DATABASE_URLS=",".join(urls))
    site.manage("migrate", "-v0")
    spread, whole = (MeasuredPoll(site, nodes=urls, shards=shards) for shards in (2, 1))
    rates: dict[MeasuredPoll, list[float]] = {spread: [], whole: []}

    def per_cpu_s(poll: MeasuredPoll) -> float:
        before, counted = _cpu_s(site, nodes), poll.acknowledged
        rates[poll].append(ballots_per_s(bench, poll))
        return (poll.acknowledged - counted) / (_cpu_s(site, nodes) - before)

    figure = Figure(
        number="S18",
        what=f"ballots over two Postgres nodes, HTTP, {CONNECTIONS} connections, per second of CPU of web and nodes",
        unit="/s",
        goal=Goal(least=0.9),
        reference="one node, the same process and servers",
    )
    found = bench.compared(figure, partial(per_cpu_s, spread), partial(per_cpu_s, whole))
    spread.check()
    whole.check()
    both = " and ".join(f"{max(rates[poll]):,.0f}" for poll in (spread, whole))
    yield replace(found, notes=[f"at most {both} ballots/s; half of the former's take two transactions"])


def _cpu_s(site: Installation, nodes: list[Postgres]) -> float:
    """CPU time of the web process and of all processes of the nodes so far."""
    roots = [site.pid(), *(node.process.pid for node in nodes if node.process is not None)]
    found = 0.0
    for root in map(psutil.Process, roots):
        for process in (root, *root.children(recursive=True)):
            times = process.cpu_times()
            found += times.user + times.system
    return found
