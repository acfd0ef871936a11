"""S18: ballots over two Postgres nodes, beside one node on the same machine."""

import hashlib
import secrets
from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from uuid import UUID, uuid4

from benchmarks.bench import Bench
from benchmarks.figures import Figure, Goal
from benchmarks.installation import Installation
from benchmarks.polls import MeasuredPoll
from benchmarks.processes import family_cpu_s
from benchmarks.s04_ballots import CONNECTIONS, ballots_per_s
from devserver.embedded import Postgres
from polls import rules

# More than are cast.
MOST_PER_S = 15_000


def s18(bench: Bench) -> Iterator[Figure]:
    """One installation with two nodes, and two polls: one has a shard on each node, the other one shard. Ballots of the first are
    cast as by pages, which choose ids that are on their voters' nodes; then with any ids, of which half are on the other.

    The figure is ballots per second of CPU of the web process and both nodes, which other work on the machine changes little.
    """
    nodes = [Postgres(bench.folder / name) for name in ("one", "two")]
    for node in nodes:
        node.start()
        bench.callback(node.stop, "immediate")
    urls = [node.url for node in nodes]
    site = bench.installation("web", "worker", "timers", BALLOT_DATABASE_URLS=",".join(urls))
    site.manage("migrate", "-v0")
    spread, whole = (MeasuredPoll(site, nodes=urls, shards=shards) for shards in (2, 1))

    def per_cpu_s(poll: MeasuredPoll, *, fitting: bool = False) -> float:
        chosen = bench.folder / "chosen" if fitting else None
        if chosen:
            most = int(MOST_PER_S * bench.seconds)
            chosen.write_text("".join(f"{ballot} {token}\n" for ballot, token in _chosen(UUID(poll.id), 2, most)))
        before, counted = _cpu_s(site, nodes), poll.acknowledged
        ballots_per_s(bench, poll, chosen=chosen)
        return (poll.acknowledged - counted) / (_cpu_s(site, nodes) - before)

    figure = Figure(
        number="S18",
        what=f"ballots of pages over two Postgres nodes, HTTP, {CONNECTIONS} connections, per second of CPU of web and nodes",
        unit="/s",
        goal=Goal(least=0.9),
        reference="one node, the same process and servers",
    )
    theirs = partial(per_cpu_s, whole)
    yield bench.compared(figure, partial(per_cpu_s, spread, fitting=True), theirs)
    what = figure.what.replace("of pages", "with any ids")
    yield bench.compared(replace(figure, what=what), partial(per_cpu_s, spread), theirs)
    spread.check()
    whole.check()


def _chosen(poll: UUID, shards: int, count: int) -> Iterator[tuple[UUID, str]]:
    """New tokens, each with a ballot's id that has its shard, as frontend/poll/nodes.ts chooses it."""
    for _ in range(count):
        token = secrets.token_hex(32)
        tag = hashlib.sha256(poll.bytes + token.encode()).digest()[:8]
        while rules.claim_shard(ballot := uuid4(), shards) != int.from_bytes(tag) % shards:
            pass
        yield ballot, token


def _cpu_s(site: Installation, nodes: list[Postgres]) -> float:
    """CPU time of the web process and of all processes of the nodes so far."""
    return sum(map(family_cpu_s, (site.pid(), *(node.process.pid for node in nodes if node.process is not None))))
