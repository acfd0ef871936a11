"""What will happen in a line, and when: plain values that the models make and the player plays."""

from collections.abc import Iterable
from dataclasses import dataclass
from statistics import median
from typing import Literal

Kind = Literal["join", "nearby", "leave", "call", "serve", "no_show"]
HOST_KINDS = frozenset({"call", "serve", "no_show"})
# How the server must say that a party ended whose last action was this one (contract queueup.md, removed).
ENDS = {"serve": "served", "leave": "left", "no_show": "no_show"}


@dataclass(frozen=True, slots=True)
class Guest:
    """Who comes."""

    name: str
    size: int


@dataclass(frozen=True, slots=True)
class Action:
    """Party number `party` (its index in the plan's guests) joins, is called, ... `at_s` seconds after opening."""

    at_s: float
    kind: Kind
    party: int


@dataclass(frozen=True, slots=True)
class Plan:
    """Guests and everything that happens, in the order in which it happens."""

    guests: tuple[Guest, ...]
    actions: tuple[Action, ...]

    @classmethod
    def of(cls, guests: Iterable[Guest], actions: Iterable[Action]) -> "Plan":
        """Sorts the actions by time; what happens at one instant keeps its order."""
        return cls(tuple(guests), tuple(sorted(actions, key=lambda action: action.at_s)))

    @property
    def length_s(self) -> float:
        """From opening to the last action."""
        return self.actions[-1].at_s if self.actions else 0.0

    def ends(self) -> dict[int, str]:
        """Party → served, left or no_show; a party that is not in it is still in line at the end."""
        return {action.party: ENDS[action.kind] for action in self.actions if action.kind in ENDS}

    def waits_s(self) -> list[float]:
        """From joining to being seated, of each party that is."""
        joined = {action.party: action.at_s for action in self.actions if action.kind == "join"}
        return [action.at_s - joined[action.party] for action in self.actions if action.kind == "serve"]

    def median_wait_s(self) -> float | None:
        """None when nobody is seated."""
        waits = self.waits_s()
        return median(waits) if waits else None
