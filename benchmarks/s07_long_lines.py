"""S7: joining, advancing and writing the snapshot with 10,000 parties waiting, beside the same with 10, and beside the same in a
line that quotes by the first rules."""

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
from queues import quotes

LONG, SHORT = 10_000, 10
FIRST_RULES = 1


class SteadyLine:
    """A line that stays as long as it is: each turn a party joins at its end and one is called at its head."""

    def __init__(self, site: Installation, waiting: int, *, model: int = quotes.MODEL) -> None:
        self.line = roomy(site)
        # What a venue's line knows of its past, so that curves and weights are read and looked up as there.
        known = json.dumps(quotes.Past(outcomes=1_500, curves=quotes.Past().curves * 6).as_json())
        site.sql(
            "UPDATE queues_queue SET quote_model = %s, past = %s::jsonb WHERE id = %s",
            model,
            known,
            self.line.session_id,
        )
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
    """Single operations in turns on all lines; a run is the middle of many."""
    site = bench.installation("web")
    length = bench.size(LONG)
    bench.say(f"filling a line with {length:,} parties")
    lines = [SteadyLine(site, length), SteadyLine(site, SHORT), SteadyLine(site, length, model=FIRST_RULES)]
    for _ in range(3):
        for each in lines:
            each.turn()
    # Of each run: of each line, in their order.
    joins, advances, writes = [], [], []
    for _ in range(bench.options.repeats):
        turns = _for(bench.seconds, lambda: [each.turn() for each in lines])
        joins.append([median(join for join, _ in of_line) for of_line in zip(*turns, strict=True)])
        advances.append([median(advance for _, advance in of_line) for of_line in zip(*turns, strict=True)])
        times = "3" if bench.options.quick else "15"
        spent = json.loads(site.inside("publish", times, *(each.line.code for each in lines)))
        writes.append([1000 * median(of_line) for of_line in zip(*spent, strict=True)])
        bench.say("  ".join("/".join(f"{each:.1f}" for each in run[-1]) + " ms" for run in (joins, advances, writes)))
    for each in lines:
        check_shown(each.line)
    references = ((1, f"the same, {SHORT} waiting"), (2, "the same, quoted by the first rules"))
    for what, runs in (("join, HTTP", joins), ("advance, HTTP", advances), ("snapshot write", writes)):
        for other, reference in references:
            yield Figure(
                number="S7",
                what=f"{what}, {length:,} waiting",
                unit="ms",
                goal=Goal(most=1.3),
                reference=reference,
                ours=[run[0] for run in runs],
                theirs=[run[other] for run in runs],
            )


def _for(seconds: float, turn: Callable[[], Any]) -> list[Any]:
    end = time.monotonic() + seconds
    turns = [turn()]
    while time.monotonic() < end:
        turns.append(turn())
    return turns
