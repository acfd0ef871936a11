"""A tick: how a room stood at one second. Pure."""

from collections.abc import Iterable
from typing import Any, NamedTuple


class Tick(NamedTuple):
    """`ts` in whole seconds since 1970; `yes` and `no` count the users whose latest vote that was."""

    ts: int
    yes: int
    no: int

    def view(self) -> dict[str, Any]:
        """As the contract writes it."""
        return {"ts": self.ts, "votes": {"yes": self.yes, "no": self.no}}


def data(ticks: Iterable[Tick]) -> dict[str, Any]:
    """The contract's message, oldest first."""
    return {"data": [tick.view() for tick in ticks]}
