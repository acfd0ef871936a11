"""S11: how old a committed change is when a poller sees it, in another web process than the one that made it, and when its
push message is accepted; at 60 changes a second, and at 20. And how much CPU all processes need for one.

The changes call the heads of many lines whose guests have all subscribed. A change's time is its event's, which Postgres
gives before the commit: the commit itself is counted in.
"""

import json
import sys
import time
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

from benchmarks.bench import Bench
from benchmarks.clients.lookers import Lookers, Seen
from benchmarks.clients.steady import Outcome, Plan, steady
from benchmarks.figures import Figure, Goal, percentile
from benchmarks.installation import Installation
from benchmarks.lines import check_shown, roomy
from tests.installation import LiveLine, free_port, wait_until

RATES, LINES = (60, 20), 20
LOOK_EVERY_S = 0.025
# Guests who are called one after the other, and some who stay.
SPARE = 8
DRAINED_WITHIN_S = 120.0
LOOK_AGAIN_S = 0.5
MOST_CPU_MS = 25.0
CALLS = """
SELECT q.code, e.version, e.party_id::text AS party, extract(epoch FROM e.at)::float8 AS at
  FROM outbox_event e JOIN queues_queue q ON q.id = e.stream_id
 WHERE e.type = 'QUEUE_MEMBER_CALLED' AND q.id = ANY(%s::uuid[]) ORDER BY e.at"""


@dataclass(slots=True)
class Runs:
    """What the runs at one rate gave: ages in ms, the calls themselves, how late answers were (p99, ms)."""

    seen_ms: list[list[float]] = field(default_factory=list)
    calls: list[list[dict[str, Any]]] = field(default_factory=list)
    late: list[float] = field(default_factory=list)


def s11(bench: Bench) -> Iterator[Figure]:
    """Two web processes: one makes the changes, the other is looked at. Each run has new lines."""
    port = free_port()
    service = bench.program([sys.executable, "-m", "benchmarks.references.endpoint", str(port)], port=port)
    site = bench.installation("web", "web2", "worker", "timers", PUSH_EXTRA_HOSTS=f"127.0.0.1:{port}")
    found = {rate: _at(rate, bench, site, port) for rate in sorted(RATES)}
    spent = {rate: _spent(rate, bench, site, port) for rate in sorted(RATES)}
    service.stop()
    arrived = _arrivals(service.log)
    for rate in RATES:
        runs = found[rate]
        pushed_ms = [[1000 * (arrived[call["party"]] - call["at"]) for call in calls] for calls in runs.calls]
        yield Figure(
            number="S11",
            what=f"{rate} changes/s: from the change to a poller of another process, p99",
            goal=Goal(most=250, absolute=True),
            unit="ms",
            ours=[_p99(run) for run in runs.seen_ms],
            notes=[
                f"{rate} calls/s over {LINES} lines, one web process; they were answered within {max(runs.late):.0f} ms (p99); "
                f"pollers look each {1000 * LOOK_EVERY_S:.0f} ms"
            ],
        )
        yield Figure(
            number="S11",
            what=f"{rate} changes/s: from the change to its push message accepted, p99",
            goal=Goal(most=1000, absolute=True),
            unit="ms",
            ours=[_p99(run) for run in pushed_ms],
        )
        yield Figure(
            number="S11",
            what=f"{rate} calls/s: CPU of all processes for a call and its three messages",
            goal=Goal(most=MOST_CPU_MS, absolute=True),
            unit="ms",
            ours=[sum(run.values()) for run in spent[rate]],
            notes=[
                ", ".join(
                    f"{name} {ms:.1f} ms" for name, ms in min(spent[rate], key=lambda run: sum(run.values())).items()
                )
            ],
        )


def _at(rate: int, bench: Bench, site: Installation, port: int) -> Runs:
    runs = Runs()
    per_line = int(rate * bench.seconds / LINES) + SPARE
    for _ in range(bench.options.repeats):
        lines = [_subscribed(site, per_line, port) for _ in range(LINES)]
        lookers = Lookers(
            site.ports["web2"], {line.code: f"/api/queue/{line.code}/snapshot" for line in lines}, every_s=LOOK_EVERY_S
        )
        try:
            outcome = _called(rate, bench, site, lines)
            time.sleep(1.0)
        finally:
            seen = lookers.stop()
        runs.calls.append(site.sql(CALLS, [line.session_id for line in lines]))
        assert len(runs.calls[-1]) == outcome.statuses[200]
        runs.seen_ms.append([_age_ms(call, seen) for call in runs.calls[-1]])
        runs.late.append(outcome.percentile_ms(0.99))
        for line in lines[:3]:
            check_shown(line)
        wait_until(partial(_all_pushed, site), timeout_s=DRAINED_WITHIN_S, what="all messages to be sent")
        bench.say(f"{rate}/s: seen after {_p99(runs.seen_ms[-1]):.0f} ms, answered after {runs.late[-1]:.0f} ms (p99)")
    return runs


def _spent(rate: int, bench: Bench, site: Installation, port: int) -> list[dict[str, float]]:
    """The CPU time of a call in ms, by process, a run each; without pollers. What idle processes use is subtracted."""
    per_line = int(rate * bench.seconds / LINES) + SPARE
    found = []
    for _ in range(bench.options.repeats):
        lines = [_subscribed(site, per_line, port) for _ in range(LINES)]
        before = site.cpu_s()
        time.sleep(bench.seconds)
        between, began = site.cpu_s(), time.monotonic()
        calls = _called(rate, bench, site, lines).statuses[200]
        while not _all_pushed(site):  # seldom, because the question costs CPU of Postgres, too
            assert time.monotonic() - began < DRAINED_WITHIN_S
            time.sleep(LOOK_AGAIN_S)
        after, took_s = site.cpu_s(), time.monotonic() - began
        idle = {name: (between[name] - before[name]) * took_s / bench.seconds for name in before}
        found.append({name: 1000 * (after[name] - between[name] - idle[name]) / calls for name in before})
        bench.say(f"{rate}/s: {sum(found[-1].values()):.1f} ms of CPU a call")
    return found


def _called(rate: int, bench: Bench, site: Installation, lines: Sequence[LiveLine]) -> Outcome:
    """Calls the heads of the lines at this rate."""
    plan = Plan(
        port=site.ports["web"], rate=rate, seconds=bench.seconds, connections=64, core=bench.load_core,
        request=partial(_advance, [(line.code, line.token) for line in lines]),
    )  # fmt: skip
    outcome = steady(plan)
    assert set(outcome.statuses) == {200}, outcome.statuses
    return outcome


def _advance(lines: Sequence[tuple[str, str]], number: int) -> bytes:
    """A request that calls the head of one of the lines (code, token)."""
    code, token = lines[number % len(lines)]
    return (
        f"POST /api/queue/{code}/advance HTTP/1.1\r\nHost: 127.0.0.1\r\nx-host-auth: {token}\r\n"
        "Content-Type: application/json\r\nContent-Length: 2\r\n\r\n{}"
    ).encode()


def _subscribed(site: Installation, guests: int, port: int) -> LiveLine:
    line = roomy(site)
    site.inside("fill", line.code, str(guests), str(port))
    return line


def _all_pushed(site: Installation) -> bool:
    [left] = site.sql("SELECT count(*) AS n FROM outbox_effect WHERE name = 'push' AND status <> 'done'")
    return left["n"] == 0


def _age_ms(call: dict[str, Any], seen: Seen) -> float:
    """From the change to the first answer that showed its version or a newer one."""
    shown = seen[call["code"]]
    at = bisect_left(shown, call["version"], key=lambda one: one[0])
    assert at < len(shown), f"{call} was never shown"
    return 1000 * (shown[at][1] - call["at"])


def _arrivals(log: Path) -> dict[str, float]:
    """Party → when its call was accepted; the endpoint's address names the party."""
    arrived: dict[str, float] = {}
    for line in log.read_text().splitlines():
        path, topic, at = json.loads(line)
        if topic == "call":
            arrived.setdefault(path.rpartition("/")[2], at)
    return arrived


_p99 = partial(percentile, share=0.99)
