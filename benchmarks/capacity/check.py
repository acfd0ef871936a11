"""Compares the simulation of the one machine that was measured with what benchmarks S4 and S5 found there."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from benchmarks.capacity import arrivals
from benchmarks.capacity.cell import Cell, Shape
from benchmarks.capacity.measured import Costs, Found

# S4's load: this many clients, each of which waits for its receipt and casts again.
CLIENTS = 128
SECONDS = 10
STEP_S = 0.0005
# S4 is a rate of processes that shared two cores with their load; S5 a tail, whose own runs differ more than that.
RATE_WITHIN, TAIL_WITHIN = 1.35, 3.0


@dataclass(frozen=True, slots=True)
class Compared:
    """A figure as it was measured and as it was simulated. They agree when their ratio is at most `within`, either way."""

    number: str
    measured: float
    simulated: float
    unit: str
    within: float

    @property
    def agrees(self) -> bool:
        """Whether the ratio is within the bound."""
        return 1 / self.within <= self.simulated / self.measured <= self.within

    def __str__(self) -> str:
        return (
            f"{self.number}: measured {self.measured:,.0f} {self.unit}, simulated {self.simulated:,.0f} {self.unit}: "
            f"{'agrees' if self.agrees else 'DIFFERS'} (within {self.within:g}×)"
        )


def saturated(costs: Costs) -> float:
    """Ballots a second of one process before a Postgres of one core: the other core is the process's own."""
    shape = Shape(processes=1, cores=1, clients=CLIENTS)
    outcome = Cell(shape, costs, step_s=STEP_S).run(np.zeros(1), most_s=SECONDS)
    return outcome.recorded / SECONDS


def at_half_rate_ms(costs: Costs, rate: float) -> float:
    """p99 at half that rate, arrivals by chance (benchmark S5 sends evenly)."""
    crowd = arrivals.constant(round(rate / 2 * SECONDS), rate / 2)
    return Cell(Shape(processes=1, cores=1), costs, step_s=STEP_S).run(crowd).percentile_ms(0.99)


def compared(costs: Costs, figures: Mapping[str, Sequence[Found]]) -> list[Compared]:
    """S4 and S5, those that were measured."""
    found = []
    for rate in figures.get("S4", ())[:1]:
        found.append(Compared("S4", rate.value, saturated(costs), rate.unit, RATE_WITHIN))
        for tail in figures.get("S5", ())[:1]:
            found.append(Compared("S5", tail.value, at_half_rate_ms(costs, rate.value), tail.unit, TAIL_WITHIN))
    return found
