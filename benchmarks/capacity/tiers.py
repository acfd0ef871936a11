"""What each kind of machine must carry at the peak, and how many machines that takes."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import ceil
from typing import NamedTuple

import numpy as np

from benchmarks.capacity import arrivals
from benchmarks.capacity.arrivals import PerSecond
from benchmarks.capacity.cell import Outcome
from benchmarks.capacity.measured import Costs, Found

# All followers of a process are to be told of a change before the next one may come (realtime/throttle.py).
GAP_MS = 250.0
# How many sockets benchmark S8 tells.
FOLLOWERS = 5_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Crowd:
    """Voters and what each of them does: loads a page, casts a ballot, stays `stay_s` seconds and looks at the results every
    `look_s`; `unchanged` of the looks find nothing new; `sockets` of those present follow by a socket instead."""

    per_s: PerSecond
    stay_s: int
    look_s: float
    unchanged: float
    sockets: float

    @property
    def voters(self) -> int:
        """All of them."""
        return round(float(self.per_s.sum()))

    @property
    def peak(self) -> float:
        """Ballots a second, when most come."""
        return float(np.max(self.per_s))

    @property
    def most_present(self) -> float:
        """Looking on at once."""
        return float(np.max(arrivals.present(self.per_s, self.stay_s)))


@dataclass(frozen=True, slots=True, kw_only=True)
class Assumed:
    """Assumptions. `target`: how busy a machine may be at the peak; `cores` of a Postgres node; `points`: places
    of the CDN that each fetch a result once a second; `proxying`: a ballot passed on by nginx, in cached 304s;
    `page_bytes`, `result_bytes`: over the wire."""

    target: float = 0.6
    cores: int = 4
    points: int = 300
    proxying: float = 4.0
    page_bytes: int = 40_000
    result_bytes: int = 1_000
    unchanged_bytes: int = 250


@dataclass(frozen=True, slots=True)
class Layout:
    """A number of cells, each with a number of web processes and one Postgres node."""

    cells: int
    processes: int


class Row(NamedTuple):
    """One line of the answer. `rests_on`: the figure behind it, and where that stands."""

    tier: str
    carries: str
    needs: str
    busy: str
    rests_on: str


def layout(peak: float, costs: Costs, assumed: Assumed) -> Layout:
    """The fewest machines that stay below the target at the peak, with batches as large as they were when measured."""
    cells = max(1, ceil(peak * costs.postgres(costs.batch) / (assumed.cores * assumed.target)))
    return Layout(cells, max(1, ceil(peak / cells * costs.web(costs.batch) / assumed.target)))


def rows(
    crowd: Crowd,
    where: Layout,
    outcome: Outcome,
    costs: Costs,
    figures: Mapping[str, Sequence[Found]],
    assumed: Assumed,
) -> list[Row]:
    """From the phone to the disk. `outcome`: of one cell."""
    looks = crowd.most_present * (1 - crowd.sockets) / crowd.look_s
    each = crowd.unchanged * assumed.unchanged_bytes + (1 - crowd.unchanged) * assumed.result_bytes
    gbit = 8e-9 * (crowd.peak * assumed.page_bytes + looks * each)
    return [
        Row("CDN, pages", f"{crowd.peak:,.0f} pages/s", "the CDN's", "—", "not measured; --page-bytes"),
        Row("CDN, results", f"{looks:,.0f} looks/s; with the pages {gbit:,.0f} Gbit/s", "the CDN's", "—", "not measured"),
        _fetches(figures, assumed),
        _nginx(crowd, figures, assumed),
        Row(
            "web processes", f"{crowd.peak:,.0f} ballots/s", f"{where.cells * where.processes:,} (a core each)",
            _percent(busiest(outcome.web_s) / where.processes),
            f"{1e6 * costs.web(costs.batch):.0f} µs a ballot, benchmarks/costs.json",
        ),
        Row(
            "Postgres, ballots", f"{outcome.batch:.1f} ballots a batch",
            f"{where.cells:,} nodes of {assumed.cores} cores", _percent(busiest(outcome.postgres_s) / assumed.cores),
            f"{1e6 * costs.postgres(costs.batch):.0f} µs a ballot in batches of {costs.batch:.0f}, benchmarks/costs.json",
        ),
        Row(
            "Postgres, disk",
            f"{crowd.peak / where.cells * costs.wal(max(1.0, outcome.batch)) / 1e6:,.1f} MB/s of WAL a node",
            f"{crowd.voters * costs.disk_bytes / where.cells / 1e9:,.1f} GB a node", "—",
            f"{costs.disk_bytes:.0f} bytes a ballot with its indexes, benchmarks/costs.json",
        ),
        Row(
            "Redis, limits", f"{crowd.peak:,.0f} tries/s",
            f"{ceil(crowd.peak * costs.gate / assumed.target):,} (a core each)", _percent(assumed.target),
            f"{1e6 * costs.gate:.1f} µs a try, benchmarks/costs.json",
        ),
        _sockets(crowd, figures, assumed),
        Row("workers", "no effect per ballot", "as before", "—", "outbox/effects.py: ballots are only followed"),
        Row(
            "the close", f"{crowd.voters:,} leaves",
            f"{crowd.voters / where.cells * costs.root:,.0f} s, a process of timers for each node", "—",
            f"{1e6 * costs.root:.1f} µs a ballot, benchmarks/costs.json; no ballot waits for it",
        ),
    ]  # fmt: skip


def busiest(per_s: Sequence[float], over_s: int = 10) -> float:
    """Seconds of CPU a second, in the busiest ten seconds (or in all, where there are fewer)."""
    over_s = min(over_s, len(per_s))
    return max(sum(per_s[first : first + over_s]) for first in range(len(per_s) - over_s + 1)) / over_s


def _fetches(figures: Mapping[str, Sequence[Found]], assumed: Assumed) -> Row:
    one = _first(figures, "S1")
    busy = _percent(assumed.points / one.value) if one else "—"
    return Row("results from us", f"{assumed.points} fetches/s", "1 web process", busy, _named("S1", one))


def _nginx(crowd: Crowd, figures: Mapping[str, Sequence[Found]], assumed: Assumed) -> Row:
    one = _first(figures, "S3")
    if one is None:
        return Row("nginx", f"{crowd.peak:,.0f} ballots/s", "?", "—", "S3: not measured")
    workers = ceil(crowd.peak * assumed.proxying / one.value / assumed.target)
    rests_on = (
        f"{_named('S3', one)}; a ballot passed on taken as {assumed.proxying:g} of them, without TLS: not measured"
    )
    busy = crowd.peak * assumed.proxying / one.value / workers
    return Row("nginx", f"{crowd.peak:,.0f} ballots/s", f"{workers:,} (a core each)", _percent(busy), rests_on)


def _sockets(crowd: Crowd, figures: Mapping[str, Sequence[Found]], assumed: Assumed) -> Row:
    sockets = crowd.most_present * crowd.sockets
    one = _first(figures, "S8")
    if not sockets:
        return Row("sockets", "none", "—", "—", "--sockets")
    if one is None:
        return Row("sockets", f"{sockets:,.0f} at once", "?", "—", "S8: not measured")
    each = FOLLOWERS * GAP_MS / one.value * assumed.target
    needs = f"{ceil(sockets / each):,} web processes"
    return Row("sockets", f"{sockets:,.0f} at once", needs, _percent(assumed.target), _named("S8", one))


def _first(figures: Mapping[str, Sequence[Found]], number: str) -> Found | None:
    return next(iter(figures.get(number, ())), None)


def _named(number: str, one: Found | None) -> str:
    return f"{number}: {one.value:,.0f} {one.unit}, {one.source}" if one else f"{number}: not measured"


def _percent(share: float) -> str:
    return f"{100 * share:.0f} %"
