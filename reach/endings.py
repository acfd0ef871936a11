"""Which changes end or restore the places of parties, and what their guests are told of that."""

from typing import Any
from uuid import UUID

from outbox.models import Event
from queues.models import Party
from reach.notices import Kind

# The notice for each way a place ends. Guests who left or were seated know it and get none.
OF_STATUS: dict[str, Kind] = {
    Party.Status.KICKED: Kind.REMOVED,
    Party.Status.NO_SHOW: Kind.NO_SHOW,
    Party.Status.CLOSED: Kind.CLOSED,
}
ENDINGS = frozenset(OF_STATUS.values())


def changed(event: Event) -> dict[UUID, dict[str, Any]]:
    """By party: `kind` and `at` (when the place ended) of each place that a close or an undo ended or restored.

    `undone`: an undo restored an earlier end; only those who were told of the place in between hear of it.
    """
    told: dict[UUID, dict[str, Any]] = {}
    for party_id, fields in event.changes.get("parties", {}).items():
        before, after = fields.get("status", (None, None))
        if after in OF_STATUS and before in Party.IN_LINE:
            undone = event.type == "QUEUE_ACTION_UNDONE"
            told[UUID(party_id)] = {"kind": OF_STATUS[after], "at": fields["ended_at"][1], "undone": undone}
        elif before in OF_STATUS and after in Party.IN_LINE:
            told[UUID(party_id)] = {"kind": Kind.BACK, "at": None}
    return told
