"""Scores of told waits against what came, in minutes."""

from dataclasses import dataclass

from queues.quotes.ranges import COVERAGE


@dataclass(slots=True)
class Score:
    """Running sums over told waits."""

    told: int = 0
    errors: float = 0.0
    held: int = 0
    winklers: float = 0.0

    def add(self, low: float, high: float, expected: float, waited: float) -> None:
        """One wait that was told and came."""
        self.told += 1
        self.errors += abs(expected - waited)
        self.held += low <= waited <= high
        self.winklers += high - low + 2 / (1 - COVERAGE) * (max(low - waited, 0) + max(waited - high, 0))

    def __add__(self, other: "Score") -> "Score":
        """Of both together."""
        return Score(*(getattr(self, name) + getattr(other, name) for name in self.__slots__))

    @property
    def error(self) -> float:
        """Mean absolute error."""
        return self.errors / max(self.told, 1)

    @property
    def coverage(self) -> float:
        """The share of ranges that held, in percent."""
        return 100 * self.held / max(self.told, 1)

    @property
    def winkler(self) -> float:
        """The mean interval score at 80 % (Winkler 1972): the width, and ten times what a wait lies outside of it."""
        return self.winklers / max(self.told, 1)

    def __str__(self) -> str:
        return (
            f"{self.told:,} waits, error {self.error:.2f} min, holds {self.coverage:.1f} %, Winkler {self.winkler:.1f}"
        )
