"""The console's tables (templates/host/_tables.html): which are free, who sits where for how long, who fits."""

from collections.abc import Mapping
from datetime import datetime
from itertools import groupby
from typing import Any

from core.json_types import View
from core.times_of_day import time_of_day
from queues import rules, seating, seen, shapes, sitting
from queues.models import Queue
from queues.pages import labels
from venues.tables import Table

_MINUTE = 60_000


def tables_context(line: Queue, row: shapes.Row, now: datetime) -> View | None:
    """What the partial shows; None where the line's venue has no tables: then nothing of it is shown."""
    found = sitting.tables_now(line, row, now)
    if found is None:
        return None
    names = {table.pk: table.name for table in found.tables}
    parties = {party["id"]: party for party in [*row["called"], *row["waiting"]]}
    sits = {each.party.pk: _sitting(line, each, names) for each in found.parties}
    tiles = [
        _tile(table, found, names, parties)
        | {"taken": sits[found.at[table.pk].party.pk] if table.pk in found.at else None}
        for table in found.tables
    ]
    free = [tile for tile in tiles if not tile["taken"]]
    return {
        "groups": [
            {"section": section, "tables": list(group)}
            for section, group in groupby(tiles, lambda tile: tile["section"])
        ],
        "free": free,
        "seated": sorted(sits.values(), key=lambda party: party["left_min"]),
        "sections": sitting.sections(line),
    }


def _tile(table: Table, now: sitting.TablesNow, names: Mapping[int, str], parties: Mapping[str, View]) -> View:
    suggested = now.suggestions.get(table.pk)
    kept = suggested.kept_for if suggested is not None else None
    return {
        "id": table.pk,
        "name": table.name,
        "seats": table.seats,
        "section": table.section,
        "joins": ", ".join(names[each] for each in sorted(now.joins[table.pk])),
        "proposals": [
            _proposal(each, table, names, parties) for each in (suggested.proposals if suggested is not None else ())
        ],
        "kept": parties[kept.id] if kept is not None else None,
    }


def _proposal(proposal: seating.Proposal, table: Table, names: Mapping[int, str], parties: Mapping[str, View]) -> View:
    party = parties[proposal.party.id]
    return {
        **{name: party[name] for name in ("id", "ticket", "name", "size")},
        "saw": seen.state_of_view(party),
        "called": party["status"] == rules.CALLED,
        "tables": proposal.tables,
        "with": ", ".join(names[each] for each in proposal.tables if each != table.pk),
        "due": proposal.due,
        "passed": proposal.party.passed,
    }


def _sitting(line: Queue, sits: sitting.Sitting, names: Mapping[int, str]) -> View:
    """A party at its tables. Of another line its name is not told: this line's host need not be a host of that one."""
    party = sits.party
    ours = party.queue_id == line.pk
    sat_min, expected_min = sits.sat_ms // _MINUTE, sits.expected_ms // _MINUTE
    shown: dict[str, Any] = {
        "id": str(party.pk),
        "saw": seen.at_tables(party),
        "ticket": party.ticket,
        "name": party.name if ours else "",
        "size": party.size,
        "line": "" if ours else party.queue.event_name,
        "tables": [names[each] for each in party.tables if each in names],
        "since": time_of_day(party.seated_at, line.zone) if party.seated_at and line.zone else "",
        "sat_min": min(sat_min, expected_min),
        "expected_min": expected_min,
        "left_min": expected_min - sat_min,
        "over_min": max(sat_min - expected_min, 0),
    }
    return shown | {"sat": labels.duration(sat_min), "expected": labels.duration(expected_min)}
