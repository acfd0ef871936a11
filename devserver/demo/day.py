"""A recorded day: real arrival and service times, joined by the simplest model (c servers, one line).

Pure except for reading the two files.
"""

import csv
import heapq
import random
from collections.abc import Sequence
from pathlib import Path

from devserver.demo.plan import Action, Guest, Plan

# The highest load over the day: below it the line is stable, and still long at its peaks.
MOST_BUSY = 0.75


def read_column(path: Path, name: str) -> list[float]:
    """The numbers of one column, in order. Raises ValueError with a sentence."""
    try:
        with path.open(newline="") as file:
            rows = csv.DictReader(file)
            if name not in (rows.fieldnames or []):
                raise ValueError(f"{path} has no column {name}.")
            numbers = [float(row[name]) for row in rows if row[name]]
    except (OSError, UnicodeDecodeError) as problem:
        raise ValueError(f"{path} cannot be read: {problem}") from None
    except (ValueError, TypeError) as problem:
        raise ValueError(f"{path}: {problem}") from None
    if not numbers or any(not 0 <= number < float("inf") for number in numbers):
        raise ValueError(f"{path} must hold numbers of seconds, 0 or more, in column {name}.")
    return numbers


def service_times(known: Sequence[float], number: int, *, seed: int) -> list[float]:
    """The recorded times in order, then as many as are missing, drawn from them."""
    rng = random.Random(seed)  # noqa: S311 — a story, not a secret
    return [*known[:number], *rng.choices(known, k=max(0, number - len(known)))]


def servers_needed(arrivals: Sequence[float], services: Sequence[float]) -> int:
    """The fewest servers that keep the load below MOST_BUSY."""
    busy_s, open_s = sum(services), max(arrivals) - min(arrivals)
    servers = 1
    while busy_s >= MOST_BUSY * servers * max(open_s, 1.0) and servers < len(services):
        servers += 1
    return servers


def day(arrivals: Sequence[float], services: Sequence[float], *, servers: int) -> Plan:
    """First come, first served: a party is called and seated as soon as a server is free. Parties of one guest."""
    free = [0.0] * servers
    actions: list[Action] = []
    for party, (at_s, service_s) in enumerate(zip(sorted(arrivals), services, strict=True)):
        start_s = max(at_s, heapq.heappop(free))
        heapq.heappush(free, start_s + service_s)
        actions += [Action(at_s, "join", party), Action(start_s, "call", party), Action(start_s, "serve", party)]
    return Plan.of([Guest("", 1)] * len(arrivals), actions)


def longest_line(plan: Plan) -> int:
    """The largest number of parties in line at once, by the plan."""
    longest = now = 0
    for action in plan.actions:
        now += {"join": 1, "serve": -1, "leave": -1, "no_show": -1}.get(action.kind, 0)
        longest = max(longest, now)
    return longest
