"""What a benchmark finds out: our runs and the reference's, taken in turns, and whether the goal is reached."""

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median
from typing import Any


@dataclass(frozen=True, slots=True)
class Goal:
    """`least`, `most` or both: of ours divided by the reference's, or, `absolute`, of ours alone."""

    least: float | None = None
    most: float | None = None
    absolute: bool = False

    def __str__(self) -> str:
        if self.least is not None and self.most is not None:
            return f"{self.least:g}-{self.most:g}{'' if self.absolute else '×'}"
        sign, bound = ("≥", self.least) if self.least is not None else ("≤", self.most)
        return f"{sign} {bound:g}{'' if self.absolute else '×'}"

    def reached_by(self, value: float) -> bool:
        """Whether the value is within the bounds."""
        return (self.least is None or value >= self.least) and (self.most is None or value <= self.most)


@dataclass(frozen=True, slots=True)
class Spread:
    """The middle of several runs, and the lowest and highest of them."""

    middle: float
    low: float
    high: float

    @classmethod
    def of(cls, runs: Sequence[float]) -> "Spread":
        """Of at least one run."""
        return cls(median(runs), min(runs), max(runs))


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """One line of the table. `ours` and `theirs` are in `unit`, one value a run, the n-th of both measured one after the
    other; `theirs` is empty where there is no reference. `notes` are for the reader."""

    number: str
    what: str
    goal: Goal
    unit: str
    reference: str = ""
    ours: Sequence[float] = ()
    theirs: Sequence[float] = ()
    notes: Sequence[str] = ()

    @property
    def ratio(self) -> Spread | None:
        """Ours divided by the reference's, run by run."""
        if not self.theirs:
            return None
        return Spread.of([mine / other for mine, other in zip(self.ours, self.theirs, strict=True)])

    @property
    def reached(self) -> bool:
        """Whether the middle run reaches the goal."""
        judged = Spread.of(self.ours) if self.goal.absolute else self.ratio
        return judged is not None and self.goal.reached_by(judged.middle)

    def as_json(self) -> dict[str, Any]:
        """All of it, and what follows from it."""
        ratio = self.ratio
        return {
            "figure": self.number,
            "what": self.what,
            "reference": self.reference or None,
            "unit": self.unit,
            "ours": list(self.ours),
            "theirs": list(self.theirs),
            "ratio": ratio and {"median": ratio.middle, "min": ratio.low, "max": ratio.high},
            "goal": str(self.goal),
            "reached": self.reached,
            "notes": list(self.notes),
        }


@dataclass(frozen=True, slots=True)
class Failed:
    """A benchmark that gave no figure: its program broke, or gave a wrong answer."""

    number: str
    problem: str

    def as_json(self) -> dict[str, Any]:
        """For the file."""
        return {"figure": self.number, "failed": self.problem, "reached": False}


def percentile(values: Sequence[float], share: float) -> float:
    """The value that `share` of them do not exceed."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]
