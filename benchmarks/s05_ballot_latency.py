"""S5: how long a voter waits at half the rate that S4's installation can take: 99 of 100 at most so long."""

import uuid
from collections.abc import Iterator
from functools import partial

from benchmarks.bench import Bench
from benchmarks.clients.steady import Plan, steady
from benchmarks.figures import Figure, Goal
from benchmarks.polls import CHOICES, MeasuredPoll
from benchmarks.s04_ballots import CONNECTIONS, ballots_per_s


def ballot(path: str, number: int) -> bytes:
    """A request with the ballot of a new voter."""
    one = uuid.uuid4()
    body = b'{"ballotId":"%b","choices":[%d],"token":"%b"}' % (
        str(one).encode(),
        number % len(CHOICES),
        uuid.uuid4().hex.encode(),
    )
    head = f"POST {path}/ballots HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"
    return head.encode() + b"Content-Length: %d\r\n\r\n" % len(body) + body


def run(bench: Bench) -> Iterator[Figure]:
    """The rate is measured first, as in S4; then half of it is sent at fixed moments."""
    site = bench.installation("web", "worker", "timers")
    poll = MeasuredPoll(site)
    ballots_per_s(bench, poll, bench.seconds)
    most = ballots_per_s(bench, poll, bench.seconds)
    plan = Plan(
        port=site.ports["web"], rate=most / 2, seconds=bench.seconds, connections=CONNECTIONS,
        request=partial(ballot, poll.path), core=bench.load_core,
    )  # fmt: skip
    lateness, busy = [], []

    def p99_ms() -> float:
        outcome = steady(plan)
        assert set(outcome.statuses) == {201}, outcome.statuses
        samples = [sample.decode() for sample in outcome.samples]
        poll.acknowledge(outcome.statuses[201], in_flight=0, samples=samples)
        lateness.append(1000 * outcome.late_s)
        busy.append(outcome.client_s / plan.seconds)
        return outcome.percentile_ms(0.99)

    waits = bench.alone(p99_ms)
    poll.check()
    yield Figure(
        number="S5",
        what="ballots at half that rate: p99 from the moment one is due to its receipt",
        goal=Goal(most=50, absolute=True),
        unit="ms",
        ours=waits,
        notes=[
            f"{plan.rate:,.0f} ballots/s; the client itself was up to {max(lateness):.1f} ms late (p99, part of the "
            f"figure) and used {100 * max(busy):.0f} % of a core"
        ],
    )
