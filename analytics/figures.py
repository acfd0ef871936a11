"""The figures that reports count for a group of parties. Each figure is defined in this module only."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import chain
from typing import Any

# Pages show whole minutes, so a wait within a minute of the quoted range counts as inside it.
QUOTE_TOLERANCE_MS = 60_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """Figures of a group of parties. Waits are ms from join to seat, None when no party was seated.

    `closed_out`: in line when it closed. `waiting`: still in line. `in_quote`: of the `served`, those whose wait until the call
    (the seat, where they were not called) was within a minute of the quoted range. `mean_error_ms`: mean distance of that wait
    from the middle of its range. `in_older`, `older_error_ms`: the same, had the first version of the rules quoted; of
    `with_older`.
    """

    parties: int = 0
    guests: int = 0
    served: int = 0
    served_guests: int = 0
    no_shows: int = 0
    left: int = 0
    kicked: int = 0
    closed_out: int = 0
    waiting: int = 0
    in_quote: int = 0
    in_older: int = 0
    with_older: int = 0
    median_wait_ms: int | None = None
    p90_wait_ms: int | None = None
    median_quote_low_ms: int | None = None
    median_quote_high_ms: int | None = None
    mean_error_ms: int | None = None
    older_error_ms: int | None = None

    @property
    def in_quote_share(self) -> float | None:
        """0 to 1; None when no party was served."""
        return self.in_quote / self.served if self.served else None

    @property
    def in_older_share(self) -> float | None:
        """0 to 1, what the first version of the rules would have reached; None when that is not known of any party."""
        return self.in_older / self.with_older if self.with_older else None

    @property
    def no_show_share(self) -> float | None:
        """No-shows of the parties that joined, 0 to 1; None without parties."""
        return self.no_shows / self.parties if self.parties else None


_SERVED = "FILTER (WHERE outcome = %(served)s)"
_WITH_OLDER = "FILTER (WHERE outcome = %(served)s AND older_low_ms IS NOT NULL"
_IN_LINE = "(outcome IS NULL OR outcome = %(put_back)s)"
# Each figure in SQL, of rows of `parties` (analytics/parties.py).
_COUNTS = {
    "parties": "count(*)",
    "guests": "coalesce(sum(size), 0)",
    "served": f"count(*) {_SERVED}",
    "served_guests": f"coalesce(sum(size) {_SERVED}, 0)",
    "no_shows": "count(*) FILTER (WHERE outcome = %(dropped)s)",
    "left": "count(*) FILTER (WHERE outcome = %(left)s)",
    "kicked": "count(*) FILTER (WHERE outcome = %(kicked)s)",
    "closed_out": f"count(*) FILTER (WHERE over AND {_IN_LINE})",
    "waiting": f"count(*) FILTER (WHERE NOT over AND {_IN_LINE})",
    "in_quote": "count(*) FILTER (WHERE off = 3)",
    "in_older": f"count(*) {_WITH_OLDER} AND told_ms BETWEEN older_low_ms - %(tolerance)s AND older_high_ms + %(tolerance)s)",
    "with_older": f"count(*) {_WITH_OLDER})",
    "mean_error_ms": f"avg(abs(told_ms - (quoted_low_ms + quoted_high_ms) / 2)) {_SERVED}",
    "older_error_ms": f"avg(abs(told_ms - (older_low_ms + older_high_ms) / 2)) {_WITH_OLDER})",
}
# Of rows of parties that were seated. Apart from the counts, for Postgres has to sort for them.
_MEDIANS = {
    ("median_wait_ms", "p90_wait_ms"): "percentile_cont(ARRAY[0.5, 0.9]) WITHIN GROUP (ORDER BY waited_ms)",
    ("median_quote_low_ms",): "percentile_cont(ARRAY[0.5]) WITHIN GROUP (ORDER BY quoted_low_ms)",
    ("median_quote_high_ms",): "percentile_cont(ARRAY[0.5]) WITHIN GROUP (ORDER BY quoted_high_ms)",
}
COUNTS = [*_COUNTS.values()]
MEDIANS = [*_MEDIANS.values()]


def read_counts(row: Sequence[Any]) -> Figures:
    """The figures in a row of COUNTS, still without waits and quotes."""
    return Figures(**dict(zip(_COUNTS, map(_whole, row), strict=True)))


def with_medians(figures: Figures, row: Sequence[Sequence[float]]) -> Figures:
    """The same with those in a row of MEDIANS."""
    names = [name for names in _MEDIANS for name in names]
    return replace(figures, **dict(zip(names, map(_whole, chain.from_iterable(row)), strict=True)))


def _whole(value: Any) -> Any:
    return None if value is None else round(value)
