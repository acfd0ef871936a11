"""What each slice forgets of guests, and shows of one guest: the table that connects the slices to retention (decision 0088).

Functions are named by dotted strings, as outbox/effects.py names handlers. `forget(line, parties)` takes what is personal
of these parties out of the slice's tables, for a guest who is erased; None: of all, and of the line, whose time has come. It
runs in the transaction that holds the line's lock, and returns counts. `export(party)` is what the slice keeps of one party.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from django.utils.module_loading import import_string

from core.json_types import View
from queues.models import Party
from retention import selectors


@dataclass(frozen=True, slots=True)
class Slice:
    """A slice that keeps something personal of a line's guests."""

    name: str
    forget: str
    export: str


# The slice that knows a guest by the number, not by the ticket.
BY_NUMBER = "guests"
# In this order: a party's row is locked before its subscriptions (push/commands.py), the venue's before its contacts are deleted.
SLICES = (
    Slice("queues", "queues.personal.forget", "queues.personal.export"),
    Slice(BY_NUMBER, "guests.personal.forget", "guests.personal.export"),
    Slice("reach", "reach.personal.forget", "reach.personal.export"),
    Slice("push", "push.personal.forget", "push.personal.export"),
    Slice("analytics", "analytics.personal.forget", "analytics.personal.export"),
)


def forget(line: UUID, parties: Sequence[UUID] | None) -> dict[str, int]:
    """Has every slice forget; what was forgotten, by kind."""
    counts: Counter[str] = Counter()
    for each in SLICES:
        counts.update(import_string(each.forget)(line, parties))
    return dict(counts)


def export(party: Party) -> View:
    """What all slices keep of a party, by slice."""
    return {each.name: import_string(each.export)(party) for each in SLICES}


def export_for_guest(party: Party) -> View:
    """The same for the party's guest, without what the venue knows of a number that is not proven (visits, notes): it may be
    another guest's."""
    kept = export(party)
    if selectors.known_unproven(party):
        kept[BY_NUMBER] = {"shown": False, "why": "The number is not proven: anybody may have typed it. Ask the host."}
    return kept
