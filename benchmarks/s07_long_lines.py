"""S7: joining, advancing and writing the snapshot with 10,000 parties waiting, beside the same with 10."""

import json
import time
from collections.abc import Callable, Iterator
from statistics import median
from typing import Any

import httpx

from benchmarks.bench import Bench
from benchmarks.figures import Figure, Goal
from benchmarks.installation import Installation
from benchmarks.lines import check_shown, roomy

LONG, SHORT = 10_000, 10


class SteadyLine:
    """A line that stays as long as it is: each turn a party joins at its end and one is called at its head."""

    def __init__(self, site: Installation, waiting: int) -> None:
        self.line = roomy(site)
        site.inside("fill", self.line.code, str(waiting))
        self._client = httpx.Client(base_url=self.line.api, headers={"x-host-auth": self.line.token}, timeout=30)
        self._serving: str | None = None

    def turn(self) -> tuple[float, float]:
        """Milliseconds of a join and of an advance, each until its answer."""
        joined, _ = self._timed("join", {"size": 1})
        advanced, shown = self._timed("advance", {"servedParty": self._serving})
        self._serving = shown["nowServing"]["id"]
        return joined, advanced

    def _timed(self, action: str, body: Any) -> tuple[float, Any]:
        began = time.perf_counter()
        answer = self._client.post(action, json=body)
        spent = 1000 * (time.perf_counter() - began)
        assert answer.status_code == 200, answer.text
        return spent, answer.json()


def s7(bench: Bench) -> Iterator[Figure]:
    """Single operations in turns on both lines; a run is the middle of many."""
    site = bench.installation("web")
    length = bench.size(LONG)
    bench.say(f"filling a line with {length:,} parties")
    long, short = SteadyLine(site, length), SteadyLine(site, SHORT)
    for _ in range(3):
        long.turn(), short.turn()
    joins, advances, writes = [], [], []
    for _ in range(bench.options.repeats):
        turns = _for(bench.seconds, lambda: (long.turn(), short.turn()))
        joins.append((median(a[0] for a, _ in turns), median(b[0] for _, b in turns)))
        advances.append((median(a[1] for a, _ in turns), median(b[1] for _, b in turns)))
        times = "3" if bench.options.quick else "15"
        spent = json.loads(site.inside("publish", long.line.code, short.line.code, times))
        writes.append((1000 * median(a for a, _ in spent), 1000 * median(b for _, b in spent)))
        bench.say("  ".join(f"{a:.1f}/{b:.1f} ms" for a, b in (joins[-1], advances[-1], writes[-1])))
    for each in (long, short):
        check_shown(each.line)
    for what, pairs in (("join, HTTP", joins), ("advance, HTTP", advances), ("snapshot write", writes)):
        yield Figure(
            number="S7",
            what=f"{what}, {length:,} waiting",
            unit="ms",
            goal=Goal(most=1.3),
            reference=f"the same, {SHORT} waiting",
            ours=[pair[0] for pair in pairs],
            theirs=[pair[1] for pair in pairs],
        )


def _for(seconds: float, turn: Callable[[], Any]) -> list[Any]:
    end = time.monotonic() + seconds
    turns = [turn()]
    while time.monotonic() < end:
        turns.append(turn())
    return turns
