"""What the queue API answers about a venue's tables (queues/api/table_answers.py)."""

from typing import Any
from uuid import UUID

from core import clock
from core.clock import milliseconds
from core.json_types import View
from queues import selectors, sitting
from queues.models import Queue
from venues.tables import Table


def tables_view(queue_id: UUID) -> View:
    """The tables that the line seats at, now."""
    queue = Queue.objects.select_related("service").get(pk=queue_id)
    row = selectors.current_row(queue_id)
    found = sitting.tables_now(queue, row, clock.now()) if row is not None else None
    return {"tables": [_table(queue, found, table) for table in found.tables] if found is not None else []}


def _table(queue: Queue, now: sitting.TablesNow, table: Table) -> View:
    taken, suggested = now.at.get(table.pk), now.suggestions.get(table.pk)
    kept = suggested.kept_for if suggested is not None else None
    return {
        "id": table.pk,
        "name": table.name,
        "seats": table.seats,
        "section": table.section,
        "joins": sorted(now.joins[table.pk]),
        "taken": _taken(queue, taken) if taken is not None else None,
        "proposals": [
            {"partyId": each.party.id, "tableIds": list(each.tables), "due": each.due}
            for each in (suggested.proposals if suggested is not None else ())
        ],
        "keptFor": kept.id if kept is not None else None,
    }


def _taken(queue: Queue, sits: sitting.Sitting) -> dict[str, Any]:
    party = sits.party
    ours = party.queue_id == queue.pk
    return {
        "partyId": str(party.pk) if ours else None,
        "ticket": party.ticket,
        "name": party.name if ours else None,
        "size": party.size,
        "line": party.queue.code,
        "since": milliseconds(party.seated_at),
        "tableIds": party.tables,
        "satMs": sits.sat_ms,
        "expectedMs": sits.expected_ms,
    }
