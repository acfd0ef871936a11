"""A plan: what will happen in a line, and when. Plain values, made by the models and played by the player."""

from collections.abc import Iterable
from dataclasses import dataclass
from statistics import median
from typing import Literal

Kind = Literal["join", "nearby", "leave", "ask", "call", "serve", "no_show", "free"]
HOST_KINDS = frozenset({"call", "serve", "no_show", "free"})
# The `reason` of `removed` that the server must give after this last action (contract queueup.md, snapshot).
ENDS = {"serve": "served", "leave": "left", "no_show": "no_show"}


@dataclass(frozen=True, slots=True)
class Guest:
    """A party that will join."""

    name: str
    size: int


@dataclass(frozen=True, slots=True)
class Action:
    """Party `party` (its index in the plan's guests) joins, is called, ... at `at_s` seconds after opening. `table`: the name of
    the one at which it is seated, or that it gives back."""

    at_s: float
    kind: Kind
    party: int
    table: str = ""


@dataclass(frozen=True, slots=True)
class Plan:
    """Guests and actions, in chronological order."""

    guests: tuple[Guest, ...]
    actions: tuple[Action, ...]

    @classmethod
    def of(cls, guests: Iterable[Guest], actions: Iterable[Action]) -> "Plan":
        """Sorts the actions by time; the sort is stable."""
        return cls(tuple(guests), tuple(sorted(actions, key=lambda action: action.at_s)))

    @property
    def length_s(self) -> float:
        """Seconds from opening to the last action."""
        return self.actions[-1].at_s if self.actions else 0.0

    def left_alone(self, *, unseated_s: float = 0) -> "Plan":
        """The same plan, in whose second half hosts do nothing. Who is called then asks for more time. In the last `unseated_s`
        before it hosts call, and end no call.
        """
        half = self.length_s / 2
        ends = HOST_KINDS - {"call"}
        kept = [
            each
            for each in self.actions
            if each.kind not in HOST_KINDS or each.at_s < half - (unseated_s if each.kind in ends else 0)
        ]
        called = {each.party for each in kept if each.kind == "call"} - {
            each.party for each in kept if each.kind in ends
        }
        return Plan.of(self.guests, [*kept, *(Action(half, "ask", party) for party in sorted(called))])

    def ends(self) -> dict[int, str]:
        """By party: served, left or no_show; parties still in line at the end are missing."""
        return {action.party: ENDS[action.kind] for action in self.actions if action.kind in ENDS}

    def waits_s(self) -> list[float]:
        """Seconds from join to seat of each seated party."""
        joined = {action.party: action.at_s for action in self.actions if action.kind == "join"}
        return [action.at_s - joined[action.party] for action in self.actions if action.kind == "serve"]

    def median_wait_s(self) -> float | None:
        """None when no party is seated."""
        waits = self.waits_s()
        return median(waits) if waits else None
