"""python -m benchmarks [s1 s4 ...] [--seconds N] [--repeats N] [--ballots N] [--quick] [--pin] [--write-docs]

Measures the figures of docs/performance.md, all or those named, beside their references, and prints a table. Everything
runs on this machine, on 127.0.0.1, and ends by itself. Start it by `make bench ARGS="s1 --quick"`.
"""

import argparse
import json
import os
import resource
import shutil
import sys
import tempfile
import traceback
from importlib import import_module
from pathlib import Path

from benchmarks import table
from benchmarks.bench import Bench, Options
from benchmarks.figures import Failed, Figure
from tests.installation import ROOT

# The module of each figure; the function in it has the figure's name.
SCRIPTS = {
    "s1": "s01_not_modified",
    "s2": "s01_not_modified",
    "s3": "s01_not_modified",
    "s4": "s04_ballots",
    "s5": "s04_ballots",
    "s6": "s06_joins",
    "s7": "s07_long_lines",
    "s8": "s08_fan_out",
    "s9": "s09_memory",
    "s10": "s10_push",
    "s11": "s11_freshness",
    "s12": "s12_pages",
    "s14": "s14_waits",
    "s15": "s15_idle_line",
    "s16": "s16_ranges",
    "s17": "s17_close",
    "s18": "s18_nodes",
}
RESULTS = ROOT / "benchmarks" / "results" / "latest.json"
PAGE = ROOT / "docs" / "performance.md"
TOOLS = {"wrk": "wrk", "nginx": "nginx-light"}


def main(arguments: list[str]) -> int:
    """0 when every figure was measured and every answer was right, reached or not; 1 otherwise."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("figures", nargs="*", metavar="FIGURE", help=f"of {' '.join(SCRIPTS)}; default: all")
    parser.add_argument("--seconds", type=float, help="of one run (default: 5)")
    parser.add_argument("--repeats", type=int, help="of each pair of runs (default: 5)")
    parser.add_argument(
        "--ballots", type=int, default=1_000_000, help="of the poll that s17 closes (default: a million)"
    )
    parser.add_argument("--quick", action="store_true", help="small and short: does everything work?")
    parser.add_argument("--pin", action="store_true", help="servers on one core, load on another")
    parser.add_argument("--write-docs", action="store_true", help=f"write the table into {PAGE.relative_to(ROOT)}")
    chosen = parser.parse_args(arguments)
    if unknown := [name for name in chosen.figures if name.lower() not in SCRIPTS]:
        parser.error(f"there is no figure {unknown[0]}")
    path = f"{os.environ['PATH']}:/usr/sbin:/usr/local/sbin"
    if missing := [tool for tool in TOOLS if shutil.which(tool, path=path) is None]:
        parser.error(f"{missing[0]} is missing (Debian: apt-get install {TOOLS[missing[0]]})")
    if not (os.environ.get("DATABASE_URL") and os.environ.get("REDIS_URL")):
        parser.error("start it by `make bench`, which starts Postgres and Redis")
    options = Options(
        seconds=chosen.seconds or (1.0 if chosen.quick else 5.0),
        repeats=chosen.repeats or (2 if chosen.quick else 5),
        ballots=chosen.ballots,
        quick=chosen.quick,
        pin=chosen.pin,
    )
    _allow_many_sockets()
    names = [name.lower() for name in chosen.figures] or list(SCRIPTS)
    found = [figure for name in names for figure in measure(name, options)]
    about = about_this_run(options)
    print(f"\n{about}\n\n{table.for_terminal(found)}")
    RESULTS.parent.mkdir(exist_ok=True)
    RESULTS.write_text(json.dumps({"about": about, "figures": [each.as_json() for each in found]}, indent=1) + "\n")
    if chosen.write_docs:
        before = table.between(PAGE)
        table.write_into(PAGE, table.for_docs(found, about=about, before=before, day=table.today()))
    return int(any(isinstance(each, Failed) for each in found))


def measure(name: str, options: Options) -> list[Figure | Failed]:
    """The figures of one benchmark. An error fails this one only."""
    print(f"{name.upper()} ...", file=sys.stderr, flush=True)
    benchmark = getattr(import_module(f"benchmarks.{SCRIPTS[name]}"), name)
    with tempfile.TemporaryDirectory(prefix="tallyline-bench-") as folder:
        try:
            with Bench(options, Path(folder)) as bench:
                return list(benchmark(bench))
        except Exception as problem:
            traceback.print_exc()
            return [Failed(name.upper(), f"{type(problem).__name__}: {problem}")]


def about_this_run(options: Options) -> str:
    """Where and when, and how to read the table."""
    quick = ", quick: no measurement" if options.quick else ""
    return (
        f"{table.where_and_when(f'{options.repeats} runs of {options.seconds:g} s each{quick}')}. "
        "The middle of the runs, in brackets the lowest and highest; ratios are of runs one after the other."
    )


def _allow_many_sockets() -> None:
    """5,000 sockets have two ends each; children inherit the limit."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
