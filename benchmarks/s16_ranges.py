"""S16: the layer that makes ranges, on real posted and actual waits, always of a later time than it was fitted on."""

import os
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

from benchmarks.bench import Bench
from benchmarks.figures import Figure
from benchmarks.waits import rides
from benchmarks.waits.measured import Compared, figures, file_of_data
from benchmarks.waits.rides import Ride

FILE = "ride_waits_quoted_actual.csv"
# This environment variable names a file of a later time in the same format; it is scored, too.
LATER = "LATER_WAITS"
# Fitted on what was before, scored on what came until the next of these.
SPLITS = [
    datetime(year, month, 1, tzinfo=UTC)
    for year, month in ((2016, 7), (2017, 1), (2017, 7), (2018, 1), (2018, 7), (2019, 1))
]
# Goals for our error and interval score, as shares of the table's: those set for later years.
ERROR, WINKLER = round(10.0 / 10.3, 3), round(46 / 47.5, 3)
TABLE, SIGN = "quantiles by ride and posted wait", "posted wait ± 30 %"


def s16(bench: Bench) -> Iterator[Figure]:
    """Each split is a run. The reference is the quantiles of all waits before the split, by ride and posted wait."""
    path = file_of_data(FILE)
    if path is None:
        bench.say(f"S16 is left out: {FILE} is not there (docs/performance.md, How)")
        return
    rows = rides.read(path)
    yield from forward(bench, "posted and actual waits", rows, SPLITS[-2:] if bench.options.quick else SPLITS)
    if os.environ.get(LATER):
        later = rides.read(Path(os.environ[LATER]))
        since, end = later[0].joined, later[-1].joined + timedelta(seconds=1)
        before = [ride for ride in rows if ride.joined < since]
        yield from forward(bench, "waits of a later time", [*before, *later], [since, end])


def forward(bench: Bench, where: str, rows: list[Ride], splits: list[datetime]) -> Iterator[Figure]:
    """The figures of the spans between these times."""
    spans = list(zip(splits[:-1], splits[1:], strict=True))
    ours = rides.layer_scores(rows, splits[:-1], end=splits[-1])
    table = [rides.table_score(rows, since=since, until=until) for since, until in spans]
    sign = [rides.sign_score(rows, since=since, until=until) for since, until in spans]
    for (since, _), mine, theirs in zip(spans, ours, table, strict=True):
        bench.say(f"from {since:%Y-%m}: ours {mine}; table {theirs}")
    told = (f"{since:%Y-%m} {mine.told:,} waits" for (since, _), mine in zip(spans, ours, strict=True))
    others = [Compared(TABLE, table, ERROR), Compared(SIGN, sign)]
    note = f"fitted on before, scored after: {', '.join(told)}"
    yield from figures("S16", where, ours, others, winkler=WINKLER, notes=[note])
