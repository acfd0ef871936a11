"""An evening whose actions are undone, and what people see of it."""

from typing import Any

from queues import commands
from queues.models import Party, Queue
from tests.queues.command_tables import ACTIONS
from tests.queues.database_lines import Floor

# A host token that was renewed does not come back: the old one may be in wrong hands.
UNDOABLE = {name: act for name, act in ACTIONS.items() if name != "renew token"}


def evening(call_window_s: int = 3600) -> Floor:
    """Called: Ann (first), Bob (last); waiting: Cem, Dia, Eva, Fay; gone: Gus."""
    floor = Floor.opened("Ann", "Bob", "Cem", "Dia", "Eva", "Fay", "Gus", call_window_s=call_window_s)
    commands.leave(floor.pk, party_id=floor.id("Gus"))
    commands.call(floor.pk)
    commands.call(floor.pk)
    return floor


def looks(floor: Floor) -> Any:
    """The line as people see it: order, states, names, sizes, notes, whether open. Deadlines, and who is late by them, apart: an
    undo renews them."""
    row = floor.row()
    for party in row["called"]:
        del party["deadline"], party["lateAt"]
    ended = dict(Party.objects.filter(queue=floor.queue).exclude(status__in=Party.IN_LINE).values_list("pk", "status"))
    (queue,) = Queue.objects.filter(pk=floor.pk).values(
        "paused", "message", "close_time", "closes_at", "closed_at", "close_reason", "max_guests", "call_window_s",
        "pause_reason", "wait_low_ms", "wait_high_ms", "auto_no_show", "on_my_way_s",
    )  # fmt: skip
    return row["waiting"], row["called"], row["served"], ended, queue
