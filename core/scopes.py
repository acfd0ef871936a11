"""What an API key may do. Each operation declares the scopes that it takes (web/openapi.py); venues/scopes.py checks them."""

from collections.abc import Iterable
from enum import StrEnum


class Scope(StrEnum):
    """A part of the API."""

    READ = "read"
    LINE = "line"
    POLLS = "polls"
    REPORTS = "reports"
    WEBHOOKS = "webhooks"


# What an owner and a programmer read of each.
SCOPES: dict[Scope, str] = {
    Scope.READ: "See lines with their parties, names and events, and the results of polls.",
    Scope.LINE: "Open lines and run them: call, seat, add walk-ins, close.",
    Scope.POLLS: "Make and run polls and live rooms, and see their results.",
    Scope.REPORTS: "Get the reports, as JSON or CSV.",
    Scope.WEBHOOKS: "Choose the addresses that are told what happens.",
}
# What every key could do before there were scopes: keys of then, and of an older release beside this one, still can.
BEFORE_SCOPES = (Scope.READ, Scope.LINE, Scope.POLLS, Scope.WEBHOOKS)


def in_order(chosen: Iterable[str]) -> list[str]:
    """The names of these scopes, each once, in the order of SCOPES. Raises ValueError for an unknown one, or for none."""
    wanted = {Scope(each) for each in chosen}
    if not wanted:
        raise ValueError("a key needs a scope")
    return [scope.value for scope in Scope if scope in wanted]


def told(needed: Iterable[str]) -> str:
    """Any of these scopes, as a sentence names them: "read or line"."""
    return " or ".join(needed)
