"""What a venue's past says of one evening: made when a line opens (summary.py), kept in its row, never changed while it lives."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from queues.quotes.ranges import Curve
from queues.quotes.tables import Turns

HOUR_MS = 3_600_000
# Figures are kept for every two hours from the opening on, for the longest life of a line.
SPAN_MS, SPANS = 2 * HOUR_MS, 6

# Of a usual room, for venues without a past: minutes between two calls, by row (small, middle, large, all); leavings per party
# and minute.
USUAL_GAPS = (6.0, 8.0, 20.0, 3.0)
USUAL_LEAVING = 0.004
# How much each predictor of floor.py counts before a venue's own past says.
USUAL_WEIGHTS = (0.2, 0.1, 0.1, 0.05, 0.4, 0.1)
# The same where tables are known: the last two are the tables'.
USUAL_WEIGHTS_OF_TABLES = (0.1, 0.05, 0.05, 0.0, 0.25, 0.1, 0.25, 0.15)
USUAL_CURVE = Curve.constant(-0.5, 0.0, 0.5)


@dataclass(frozen=True, slots=True)
class Past:
    """Of one venue, for one line. Rows of four: small, middle, large parties, and all; a list for each span from `from_ms` on.

    `gaps_min`: minutes between two calls while one of the row waits. `per_place_min`: waits per place at the join; None: unknown.
    `leaving`: parties that leave, per waiting party and minute. `weights`, `constant`: how predictors are joined (floor.py).
    `turns`: how long parties sit; None where tables are not kept. `of_tables`: weights where they are known, the constant last.
    `curves`: the ranges around what they foretell. `factor`: what the line's flow starts with. `outcomes`: how many
    parties of the past all this is from.
    """

    from_ms: int = 0
    gaps_min: tuple[tuple[float, ...], ...] = (USUAL_GAPS,)
    per_place_min: tuple[tuple[float | None, ...], ...] = ((None,) * 4,)
    leaving: float = USUAL_LEAVING
    weights: tuple[float, ...] = USUAL_WEIGHTS
    constant: float = 0.0
    curves: tuple[Curve, ...] = (USUAL_CURVE,)
    factor: float = 1.0
    outcomes: int = 0
    turns: Turns | None = None
    of_tables: tuple[float, ...] = (*USUAL_WEIGHTS_OF_TABLES, 0.0)

    def span(self, at_ms: int, of: int) -> int:
        """Which of `of` spans this moment is in; the first before, the last after them."""
        return min(max(at_ms - self.from_ms, 0) // SPAN_MS, of - 1)

    def as_json(self) -> dict[str, Any]:
        """For the line's row: some 3 KB."""
        tables = {"turns": list(self.turns), "ofTables": list(self.of_tables)} if self.turns else {}
        return {
            "fromMs": self.from_ms,
            "gapsMin": [list(each) for each in self.gaps_min],
            "perPlaceMin": [list(each) for each in self.per_place_min],
            "leaving": self.leaving,
            "weights": list(self.weights),
            "constant": self.constant,
            "curves": [each.as_json() for each in self.curves],
            "factor": self.factor,
            "outcomes": self.outcomes,
            **tables,
        }

    @classmethod
    def from_json(cls, stored: Mapping[str, Any] | None) -> "Past":
        """As stored by `as_json`; {} or None is a venue without a past."""
        if not stored:
            return cls()
        tables: dict[str, Any] = {}
        if turns := stored.get("turns"):
            tables = {"turns": Turns(*turns), "of_tables": tuple(stored["ofTables"])}
        return cls(
            from_ms=stored["fromMs"],
            gaps_min=tuple(tuple(each) for each in stored["gapsMin"]),
            per_place_min=tuple(tuple(each) for each in stored["perPlaceMin"]),
            leaving=stored["leaving"],
            weights=tuple(stored["weights"]),
            constant=stored["constant"],
            curves=tuple(Curve.from_json(each) for each in stored["curves"]),
            factor=stored["factor"],
            outcomes=stored["outcomes"],
            **tables,
        )
