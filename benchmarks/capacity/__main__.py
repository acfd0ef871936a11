"""python -m benchmarks.capacity [--voters N] [--peak N] ...: from what was measured to machines and waits for a crowd.

Simulates one cell (some web processes and the Postgres that takes their ballots) through the whole crowd, and counts what
else is needed at the peak. First it says what one machine would do, beside what that was measured to do. Start it by
`make capacity ARGS="--voters 1000000 --peak 5000"`; docs/scale.md explains the answer.
"""

import argparse
import json
import sys
from pathlib import Path

from benchmarks import table
from benchmarks.__main__ import PAGE, RESULTS
from benchmarks.capacity import arrivals, check, tiers
from benchmarks.capacity.cell import Cell, Outcome, Shape
from benchmarks.capacity.measured import Costs, figures
from benchmarks.capacity.tiers import Assumed, Crowd, Layout
from benchmarks.costs import COSTS
from tests.installation import ROOT

SCALE = ROOT / "docs" / "scale.md"
BEGIN = "<!-- capacity: begin (make capacity ARGS=--write-docs) -->"
END = "<!-- capacity: end -->"
COLUMNS = ("tier", "carries, at the peak", "needs", "busy", "rests on")


def main(arguments: list[str]) -> int:
    """Returns 0 when no visitor was lost on the way and the check agrees, else 1."""
    chosen = parser().parse_args(arguments)
    told = json.loads(COSTS.read_text())
    costs, known = Costs.of(told), figures(RESULTS, PAGE)
    assumed = Assumed(
        target=chosen.target,
        cores=chosen.cores,
        points=chosen.points,
        proxying=chosen.proxying,
        page_bytes=chosen.page_bytes,
    )
    crowd = Crowd(
        per_s=curve(chosen), stay_s=chosen.stay, look_s=chosen.look, unchanged=chosen.unchanged, sockets=chosen.sockets
    )
    sized = tiers.layout(crowd.peak, costs, assumed)
    where = Layout(chosen.cells or sized.cells, chosen.processes or sized.processes)
    shape = Shape(processes=where.processes, cores=chosen.cores, tries=chosen.tries)
    outcome = Cell(shape, costs, seed=chosen.seed, step_s=chosen.step_ms / 1000).run(crowd.per_s / where.cells)
    compared = check.compared(costs, known)
    assert outcome.conserved, outcome
    text = "\n\n".join(
        [
            told["about"],
            "\n".join(f"- {one}" for one in compared),
            table.markdown(COLUMNS, tiers.rows(crowd, where, outcome, costs, known, assumed)),
            table.markdown((f"one cell of {where.cells:,}", ""), story(crowd, where, outcome, chosen.cores)),
        ]
    )
    print(text)
    if chosen.write_docs:
        table.write_into(SCALE, text, begin=BEGIN, end=END)
    return int(not all(one.agrees for one in compared))


def curve(chosen: argparse.Namespace) -> arrivals.PerSecond:
    """The arrivals that were asked for."""
    if chosen.arrivals:
        return arrivals.recorded(chosen.arrivals, chosen.voters, chosen.within)
    return (arrivals.constant if chosen.curve == "constant" else arrivals.burst)(chosen.voters, chosen.peak)


def story(crowd: Crowd, where: Layout, outcome: Outcome, cores: int) -> list[tuple[str, str]]:
    """What became of one cell's voters."""
    hours = len(crowd.per_s) / 3600
    used = where.cells * (where.processes + cores)
    return [
        ("voters, and the most a second", f"{outcome.arrived:,}; {crowd.peak / where.cells:,.0f}"),
        ("recorded / waiting / given up", f"{outcome.recorded:,} / {outcome.waiting:,} / {outcome.gave_up:,}"),
        ("told 503, and tried again", f"{outcome.refusals:,} times"),
        (
            "from the try that was taken to its commit: p50, p99, p99.9",
            ", ".join(f"{outcome.percentile_ms(share):,.0f} ms" for share in (0.5, 0.99, 0.999)),
        ),
        ("most that waited at one process", f"{outcome.most_waiting:,}"),
        (
            "the last voter came, the last ballot was in",
            f"after {len(crowd.per_s):,} s, after {outcome.last_s:,.0f} s",
        ),
        (
            "cores for the ballots' way, all cells, as long as the vote lasts",
            f"{used:,} cores, {used * hours:,.0f} core hours",
        ),
    ]


def parser() -> argparse.ArgumentParser:
    """All that may be asked for."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.capacity", description=__doc__)
    crowd = parser.add_argument_group("the crowd")
    crowd.add_argument("--voters", type=int, default=300_000_000)
    crowd.add_argument("--peak", type=float, default=250_000, help="ballots a second, when most come")
    crowd.add_argument(
        "--curve", choices=["burst", "constant"], default="burst", help="gamma of shape 2, or all the same"
    )
    crowd.add_argument("--arrivals", type=Path, help="a CSV of arrival times in seconds, in place of a curve")
    crowd.add_argument("--within", type=int, default=3600, help="with --arrivals: how many seconds all arrivals take")
    crowd.add_argument("--stay", type=int, default=300, help="seconds that each looks on")
    crowd.add_argument("--look", type=float, default=10, help="seconds between two looks at the results")
    crowd.add_argument("--unchanged", type=float, default=0.0, help="share of looks that find nothing new (304)")
    crowd.add_argument("--sockets", type=float, default=0.0, help="share of those present that follow by a socket")
    crowd.add_argument("--tries", type=int, default=0, help="before a voter gives up (default: never)")
    machines = parser.add_argument_group("the machines")
    machines.add_argument("--target", type=float, default=0.6, help="how busy they may be at the peak")
    machines.add_argument("--cores", type=int, default=4, help="of a Postgres node")
    machines.add_argument("--cells", type=int, help="Postgres nodes (default: as many as are needed)")
    machines.add_argument("--processes", type=int, help="web processes of each (default: as many as are needed)")
    machines.add_argument("--points", type=int, default=300, help="places of the CDN that fetch for themselves")
    machines.add_argument("--proxying", type=float, default=4.0, help="a ballot passed on by nginx, in cached 304s")
    machines.add_argument("--page-bytes", type=int, default=40_000, help="of a page over the wire")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--write-docs", action="store_true", help=f"write the answer into {SCALE.relative_to(ROOT)}")
    parser.add_argument("--step-ms", type=float, default=5.0, help="of the simulation")
    return parser


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
