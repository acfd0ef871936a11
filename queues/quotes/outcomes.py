"""What a party was told and what came: the past that a venue's quotes are fitted on."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

MINUTE_MS = 60_000


@dataclass(frozen=True, slots=True)
class Told:
    """The quote of a party at its join, as its row keeps it. In ms; `inputs` are the model's figures (`Quote.inputs`)."""

    low_ms: int
    high_ms: int
    expected_ms: int
    model: int
    inputs: tuple[float, ...] = ()

    def as_json(self) -> dict[str, Any]:
        """For a JSON column. `inputs` have two decimals."""
        inputs = [round(each, 2) for each in self.inputs]
        return {
            "low": self.low_ms,
            "high": self.high_ms,
            "expected": self.expected_ms,
            "model": self.model,
            "inputs": inputs,
        }

    @classmethod
    def from_json(cls, stored: Mapping[str, Any] | None) -> "Told | None":
        """As stored by `as_json`; None for a party that joined before quotes were kept."""
        if not stored:
            return None
        return cls(stored["low"], stored["high"], stored["expected"], stored["model"], tuple(stored["inputs"]))

    def held(self, waited_ms: int) -> bool:
        """Whether this wait lies in the range."""
        return self.low_ms <= waited_ms <= self.high_ms


@dataclass(frozen=True, slots=True)
class Outcome:
    """A party of the past. `line`: its line's id, any value that tells lines apart. `minute` of the week at its join, in the
    venue's zone, Monday 0:00 is 0. `waited_ms`: from the join to its first call, or until it left. `told`: None where a
    host had promised a wait by hand, or the party joined before quotes were kept."""

    line: object
    joined_ms: int
    minute: int
    size: int
    waited_ms: int
    left: bool = False
    told: Told | None = None

    @property
    def ended_ms(self) -> int:
        """When it was called or left."""
        return self.joined_ms + self.waited_ms

    @property
    def waited_min(self) -> float:
        """Its wait in minutes, never negative."""
        return max(self.waited_ms, 0) / MINUTE_MS
