"""How often waits were as told, as tables: by version of the rules, by party size and by hour; beside version 1."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import time

from analytics.figures import Figures
from analytics.labels import count, minutes, percent
from analytics.parties import LARGEST_SIZE
from analytics.reports import Report
from queues.waits import BY_HAND


@dataclass(frozen=True, slots=True)
class Row:
    """A group of seated parties: how many, how many waits were as told, how far waits were off the middle on average; and the
    last two as the first version of the rules would have reached them."""

    label: str
    seated: str
    held: str
    error: str
    older_held: str
    older_error: str


@dataclass(frozen=True, slots=True)
class Table:
    """Rows of groups; `group`: what they are groups of."""

    group: str
    rows: list[Row]


def tables(report: Report, told: Callable[[time], str]) -> list[Table]:
    """All tables of a report, `told` being how its clock writes an hour; none before a party was seated."""
    if not report.total.served:
        return []
    rules = [
        ("Set by a host" if version == BY_HAND else f"Version {version}", each)
        for version, each in report.rules.items()
    ]
    sizes = [(f"{size} or more" if size == LARGEST_SIZE else str(size), each) for size, each in report.sizes.items()]
    hours = [(told(time(each.hour)), each.figures) for each in report.hours]
    groups = (("Quoted by", [("All", report.total), *rules]), ("Guests", sizes), ("Joined", hours))
    return [Table(group, _rows(each)) for group, each in groups]


def _rows(groups: Iterable[tuple[str, Figures]]) -> list[Row]:
    return [
        Row(
            label,
            count(each.served),
            percent(each.in_quote_share),
            minutes(each.mean_error_ms),
            percent(each.in_older_share),
            minutes(each.older_error_ms),
        )
        for label, each in groups
        if each.served
    ]
