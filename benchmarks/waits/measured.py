"""Scores as figures of the table."""

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks.figures import Figure, Goal
from benchmarks.waits.scores import Score
from tests.installation import ROOT

# Real input, which is no part of the repository.
DATA = Path(os.environ.get("REAL_DATA") or ROOT.parent / "shared" / "data")
# Ranges are to hold for this share, in percent.
HOLDS = Goal(least=78, most=82, absolute=True)


@dataclass(frozen=True, slots=True)
class Compared:
    """The scores of one teller, a score a run. `error`: the largest share of its mean error that ours may be; None: no goal."""

    name: str
    runs: Sequence[Score]
    error: float | None = None


def figures(
    number: str, where: str, ours: Sequence[Score], others: Sequence[Compared], *, winkler: float, notes: Sequence[str]
) -> Iterator[Figure]:
    """Our error beside each reference's; how often ranges hold; our interval score beside the best reference's."""
    for other in others:
        yield Figure(
            number=number,
            what=f"{where}: mean error of told waits",
            reference=other.name,
            unit="min",
            goal=Goal(most=1.0 if other.error is None else other.error),
            ours=[each.error for each in ours],
            theirs=[each.error for each in other.runs],
        )
    yield Figure(
        number=number,
        what=f"{where}: ranges that hold",
        unit="%",
        goal=HOLDS,
        ours=[each.coverage for each in ours],
        notes=[f"{where}, ranges of others hold: " + "; ".join(f"{o.name} {_holds(o.runs)}" for o in others)],
    )
    best = min(others, key=lambda other: sum(each.winkler for each in other.runs))
    yield Figure(
        number=number,
        what=f"{where}: Winkler score at 80 %",
        reference=f"{best.name}, the best of the references",
        unit="min",
        goal=Goal(most=winkler),
        ours=[each.winkler for each in ours],
        theirs=[each.winkler for each in best.runs],
        notes=notes,
    )


def file_of_data(name: str) -> Path | None:
    """The file of real input with that name; None where it is absent."""
    path = DATA / name
    return path if path.exists() else None


def _holds(runs: Sequence[Score]) -> str:
    return f"{sum(each.coverage for each in runs) / len(runs):.0f} %"
