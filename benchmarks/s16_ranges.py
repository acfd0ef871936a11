"""S16: the layer that makes ranges, on real posted and actual waits, always of a later time than it was fitted on."""

from collections.abc import Iterator
from datetime import UTC, datetime

from benchmarks.bench import Bench
from benchmarks.figures import Figure
from benchmarks.waits import rides
from benchmarks.waits.measured import Compared, figures, file_of_data

FILE = "ride_waits_quoted_actual.csv"
# Fitted on what was before, scored on what came until the next of these.
SPLITS = [
    datetime(year, month, 1, tzinfo=UTC) for year, month in ((2016, 7), (2017, 1), (2017, 7), (2018, 1), (2018, 7))
]
END = datetime(2019, 1, 1, tzinfo=UTC)


def s16(bench: Bench) -> Iterator[Figure]:
    """Each split is a run. The reference is the quantiles of all waits before the split, by ride and posted wait."""
    path = file_of_data(FILE)
    if path is None:
        bench.say(f"S16 is left out: {FILE} is not there (docs/performance.md, How)")
        return
    rows = rides.read(path)
    spans = list(zip(SPLITS, [*SPLITS[1:], END], strict=True))
    spans = spans[-1:] if bench.options.quick else spans
    ours = rides.layer_scores(rows, [since for since, _ in spans], end=END)
    table, sign = (
        [score(rows, since=since, until=until) for since, until in spans]
        for score in (rides.table_score, rides.sign_score)
    )
    for (since, _), mine, theirs in zip(spans, ours, table, strict=True):
        bench.say(f"from {since:%Y-%m}: ours {mine}; table {theirs}")
    note = "fitted on before, scored after: " + ", ".join(
        f"{since:%Y-%m} {mine.told:,} waits" for (since, _), mine in zip(spans, ours, strict=True)
    )
    others = [
        Compared("quantiles by ride and posted wait", table, round(10.0 / 10.3, 3)),
        Compared("posted wait ± 30 %", sign),
    ]
    yield from figures("S16", "posted and actual waits", ours, others, winkler=round(46 / 47.5, 3), notes=[note])
