"""Ticks: a room's votes at one second. Pure functions."""

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

# Seconds at the end of a live graph's history that are never thinned.
WHOLE_S = 900


class Tick(NamedTuple):
    """`ts` in whole seconds since 1970; `yes` and `no` count the users whose latest vote that was."""

    ts: int
    yes: int
    no: int

    def view(self) -> dict[str, Any]:
        """As the contract writes it."""
        return {"ts": self.ts, "votes": {"yes": self.yes, "no": self.no}}


def balance(tick: Tick) -> int:
    """Yes minus no: the height of the graph at this second."""
    return tick.yes - tick.no


def thinned(ticks: Sequence[Tick], most: int) -> list[Tick]:
    """At most about `most` of the ticks: first and last, and of each stretch the lowest and the highest, so that no peak
    is lost."""
    if len(ticks) <= most:
        return list(ticks)
    heights = [yes - no for _, yes, no in ticks]
    end = len(ticks) - 1
    size = -(-2 * (end - 1) // (most - 2))
    kept: list[int] = []
    for start in range(1, end, size):
        part = heights[start : min(start + size, end)]
        kept += sorted({start + part.index(min(part)), start + part.index(max(part))})
    return [ticks[0], *(ticks[index] for index in kept), ticks[-1]]


def for_live_graph(ticks: Sequence[Tick], points: int) -> list[Tick]:
    """All of the last 15 minutes, and at most about `points` from before."""
    recent = bisect_right(ticks, ticks[-1].ts - WHOLE_S, key=lambda tick: tick.ts) if ticks else 0
    return [*thinned(ticks[:recent], points), *ticks[recent:]]


def data(ticks: Iterable[Tick]) -> dict[str, Any]:
    """The contract's message, oldest first."""
    return {"data": [tick.view() for tick in ticks]}
